/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a storm waits: records that came out of the ring buffer faster than they can be shown, in
 * order. The ring's memory is the kernel's and always there; this is ours and there only as long as
 * it is needed.
 */
#pragma once

#include "src/base/macros.h"

/* Some 1.4 million events. Beyond it the ring fills, and the kernel counts what is lost. */
#define SPILL_SIZE_MAX (UINT64_C(128) << 20)

struct spill_block;

struct spill {
    struct spill_block *first, *last; /* owned */
    uint64_t size;                    /* of all blocks */
};

void spill_clear(struct spill *spill);

static inline bool spill_is_empty(const struct spill *spill)
{
    return !spill->first;
}

/* Adds a copy. 0; -ENOBUFS at the limit, -ENOMEM. */
int spill_add(struct spill *spill, const void *record, size_t size);

/* The first record, borrowed until spill_drop(); NULL: none. */
const void *spill_first(const struct spill *spill, size_t *ret_size);
void spill_drop(struct spill *spill);
