/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the programs have to know of the kernel to tell from its caller whether a check is audited:
 * which functions ask silently, and where on the stack the return addresses stand that say which
 * function it was (bpf/caller.h).
 */
#pragma once

#include <stdbool.h>

#include "bpf/event.h"

struct gadget_bpf;

/* Asks the kernel for the places of those functions. false: it has none of them, or does not say.
 */
bool callers_teach(struct gadget_bpf *skeleton);

/*
 * CALLER_PLACES() of a sample, in which the kernel's hook, `relay`, asks for a function that is
 * none of `callers`. 0: not to be told, as the addresses do not stand there, or more than once.
 */
__u32 callers_find_places(const struct caller_sample *sample, const struct caller_range *relay);

/* After a check of our own was seen: from then on what stands in the places is read. false: that is
 * not to be told, and stacks go on to be unwound. */
bool callers_learn(struct gadget_bpf *skeleton);
/* Stacks are unwound again. */
void callers_forget(struct gadget_bpf *skeleton);
/* It was learnt, and what was compared since was right. */
bool callers_are_placed(const struct gadget_bpf *skeleton);
