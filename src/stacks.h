/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stacks of addresses to stacks of text, into memory that is used again for each event. */
#pragma once

#include "bpf/event.h"
#include "src/error.h"
#include "src/record.h"

struct stacks;

/* Reads the kernel's symbols: only when stacks are asked for. */
int stacks_new(struct stacks **ret_stacks, struct error *error);
void stacks_free(struct stacks **stacks);

/* Borrowed until the next call. The frames of the tracer itself are left out. */
const struct record_stacks *stacks_format(struct stacks *stacks,
                                          const struct capability_stacks *raw);
