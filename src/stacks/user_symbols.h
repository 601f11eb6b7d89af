/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * User stacks to text, with the help of a process of its own (symbolizer.h) that is asked for one
 * stack at a time, and replaced when it does not answer in time; base/spawner.h starts it.
 */
#pragma once

#include <sys/types.h>

#include "bpf/event.h"
#include "src/base/error.h"

struct user_symbols;

/* Starts the process. 0 or a negative errno with a sentence. */
int user_symbols_new(struct user_symbols **ret_symbols, struct error *error);
void user_symbols_free(struct user_symbols **symbols);

/* The process that helps: its own checks are nobody's business. */
pid_t user_symbols_helper(const struct user_symbols *symbols);
/* Whether a check at that time (CLOCK_BOOTTIME) was a helper's, which may have ended since, or that
 * of the process that starts them. */
bool user_symbols_is_helper(const struct user_symbols *symbols, uint32_t pid, uint64_t time_ns);

/* Text of the frames of a stack, innermost first: each ends in NUL, and is followed by the next. */
struct user_frames {
    uint32_t count;
    uint32_t length; /* bytes of `text` that are used */
    char text[EVENT_STACK_DEPTH * 128];
};

/*
 * Call it as soon as the event is there: a process that has ended has no maps any more. Waits for
 * the helper: a second in which that sleeps, five in which it works. Frames for which nobody
 * answers, or whose text finds no room, are addresses; the stack ends before one that can be none.
 * Foreign text.
 *
 * `owner` is a number for whoever owns the process and its files: whoever keeps the helper busy, or
 * makes it end, is not served for a while, and others are. `neighbour` is a process with the same
 * root, 0: none known.
 */
void user_symbols_resolve(struct user_symbols *symbols, const struct capability_event *event,
                          const struct capability_stacks *stacks, uint64_t owner, pid_t neighbour,
                          struct user_frames *ret_frames);

/* Stacks that the helper did not answer for, or was not asked for. */
uint64_t user_symbols_failures(const struct user_symbols *symbols);
