/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One event as the sinks see it: the kernel's event, and the container it belongs to. Everything is
 * borrowed for the length of the call that passes it.
 */
#pragma once

#include "bpf/event.h"
#include "src/model/field.h"

struct container;

/* Text of one stack, one frame a line, "function+0xoffset", innermost first; NULL when not taken.
 */
struct record_stacks {
    const char *const *kernel;
    size_t kernel_count;
    const char *const *user;
    size_t user_count;
};

struct record {
    const struct capability_event *event;
    const struct container *container;  /* NULL: a process of the host */
    const struct record_stacks *stacks; /* NULL: not asked for */
    uint64_t time_ns;                   /* CLOCK_REALTIME, from event->time_ns and the offset */
};

/* For struct field_table. */
enum journal_kind record_tell(const void *object, struct text *message);

/* Of its container. */
uint64_t record_edition(const void *object);

extern const struct field_table record_fields; /* object: const struct record */
