/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * --unique: which capabilities have been shown of which container, by verdict. It is by container,
 * also when that is stopped and started again; the kernel has a table by cgroup, which only spares
 * the way up here.
 */
#pragma once

#include "bpf/event.h"
#include "src/base/hash.h"

/* Containers that are remembered; of more, everything is shown. */
#define UNIQUE_CONTAINERS_MAX 200000

struct unique {
    struct string_table containers; /* owned values */
    uint64_t evictions;             /* times that a container found no room */
};

void unique_init(struct unique *unique);
void unique_clear(struct unique *unique);

/* Whether the check was seen before, which it is from now on. `key` stands for the container. */
bool unique_is_repeat(struct unique *unique, const char *key, const struct capability_event *event);
