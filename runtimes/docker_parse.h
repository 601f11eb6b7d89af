/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What dockerd and podman's service answer, to containers. Pure; any bytes. API 1.24 to 1.52. */
#pragma once

#include "src/model/container.h"

/* Nesting of an answer: real ones have 6 levels. */
#define DOCKER_NESTING_MAX 32

/* Values in an answer: a container has some 60, so this is 16,000 containers, and 64 MB. */
#define DOCKER_VALUES_MAX 1000000

typedef void (*docker_visitor)(void *userdata, struct container *container);

/*
 * GET /containers/json: calls the visitor for each container (borrowed). Entries that are no
 * containers are passed over. 0; -EBADMSG: not such a list; -ENOMEM.
 */
int docker_parse_list(const char *runtime, const char *text, size_t length, docker_visitor visitor,
                      void *userdata);

struct docker_event {
    char *id;                    /* owned */
    bool removed;                /* the engine has forgotten it */
    struct container *container; /* owned reference: as the event describes it; NULL if removed */
};

/* One line of GET /events. 1: *ret_event is filled; 0: nothing of interest; -EBADMSG, -ENOMEM. */
int docker_parse_event(const char *runtime, const char *text, size_t length,
                       struct docker_event *ret_event);
void docker_event_clear(struct docker_event *event);
