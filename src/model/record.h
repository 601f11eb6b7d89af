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

/* Events that were lost between two records: a record of the stream too. */
struct record_loss {
    uint64_t time_ns;   /* CLOCK_REALTIME, when it was noticed */
    uint64_t since_ns;  /* start of the window in which they were lost */
    uint64_t count;     /* in this window */
    uint64_t total;     /* since the start */
    const char *reason; /* static: "ring buffer full", ... */
};

extern const struct field_table record_fields; /* object: const struct record */
