/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * User stacks to text, with the help of a process of its own (symbolizer.h) that is started here,
 * asked for one stack at a time, and replaced when it does not answer in time.
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

/*
 * Numbers for the frames of an event, to be kept as long as `symbols`; returns how many. Call it as
 * soon as the event is there: a process that has ended has no maps any more. Waits for the helper,
 * a second at most. `neighbour` is a process with the same root, 0: none known.
 */
uint32_t user_symbols_resolve(struct user_symbols *symbols, const struct capability_event *event,
                              const struct capability_stacks *stacks, pid_t neighbour,
                              uint32_t ret_frames[EVENT_STACK_DEPTH]);

/* The text of such a number: borrowed, foreign. */
const char *user_symbols_text(const struct user_symbols *symbols, uint32_t frame);

/* Stacks that the helper did not answer for: they are shown as addresses. */
uint64_t user_symbols_failures(const struct user_symbols *symbols);
