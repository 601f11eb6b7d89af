/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stacks of events to text, in two steps: what has to be looked at at once, as the process may end,
 * and the text, into memory that is used again for each event.
 */
#pragma once

#include <sys/types.h>

#include "bpf/event.h"
#include "src/base/error.h"
#include "src/model/record.h"

struct stacks;

/* The stacks of one event, to be kept as long as it waits. */
struct captured_stacks {
    uint32_t kernel_count;
    uint32_t user_count;
    uint64_t kernel[EVENT_STACK_DEPTH]; /* addresses */
    uint32_t user[EVENT_STACK_DEPTH];   /* numbers of user_symbols.h */
};

/* Reads the kernel's symbols for `kernel`, starts the process that reads user stacks for `user`:
 * only what is asked for. */
int stacks_new(bool kernel, bool user, struct stacks **ret_stacks, struct error *error);
void stacks_free(struct stacks **stacks);

/* Borrowed until the next call. `neighbour`: see user_symbols.h. */
const struct captured_stacks *stacks_capture(struct stacks *stacks,
                                             const struct capability_event *event,
                                             const struct capability_stacks *raw, pid_t neighbour);

/* Borrowed until the next call. The frames of the tracer itself are left out. */
const struct record_stacks *stacks_format(struct stacks *stacks,
                                          const struct captured_stacks *captured);

/* Whether this is the process that reads user stacks: what it does, it does for us. */
bool stacks_is_helper(const struct stacks *stacks, uint32_t pid);

/* User stacks that could only be shown as addresses, as nobody answered for them. */
uint64_t stacks_failures(const struct stacks *stacks);
