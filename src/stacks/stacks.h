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
#include "src/stacks/user_symbols.h"

struct stacks;

/* The stacks of one event, to be kept as long as it waits: as much as captured_stacks_size(). */
struct captured_stacks {
    uint32_t kernel_count;
    uint64_t kernel[EVENT_STACK_DEPTH]; /* addresses */
    struct user_frames user;
};

static inline size_t captured_stacks_size(const struct captured_stacks *captured)
{
    return offsetof(struct captured_stacks, user.text) + captured->user.length;
}

/* Reads the kernel's symbols for `kernel`, starts the process that reads user stacks for `user`:
 * only what is asked for. */
int stacks_new(bool kernel, bool user, struct stacks **ret_stacks, struct error *error);
void stacks_free(struct stacks **stacks);

/* Borrowed until the next call. `owner`, `neighbour`: see user_symbols.h. */
const struct captured_stacks *stacks_capture(struct stacks *stacks,
                                             const struct capability_event *event,
                                             const struct capability_stacks *raw, uint64_t owner,
                                             pid_t neighbour);

/* A number for a user of the host, that is no cgroup's. */
static inline uint64_t stacks_owner_of_user(uint32_t uid)
{
    return UINT64_C(1) << 63 | uid;
}

/* Borrowed until the next call, and as long as `captured`. The frames of the tracer itself are left
 * out. */
const struct record_stacks *stacks_format(struct stacks *stacks,
                                          const struct captured_stacks *captured);

/* Whether it is of the process that reads user stacks: what that does, it does for us. */
bool stacks_is_helper(const struct stacks *stacks, const struct capability_event *event);

/* User stacks that could only be shown as addresses, as nobody answered for them. */
uint64_t stacks_failures(const struct stacks *stacks);
