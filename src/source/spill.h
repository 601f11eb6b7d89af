/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a storm waits: records that came out of the ring buffer faster than they can be shown, in
 * order. The ring's memory is the kernel's and always there; this is ours and there only as long as
 * it is needed.
 *
 * A storm is the same check again and again: of a record that differs from one of the last ones in
 * its time alone, that alone is kept.
 */
#pragma once

#include "src/base/macros.h"

#define SPILL_BLOCK_SIZE (UINT64_C(1) << 20)
#define SPILL_REPEAT_MAX 256 /* bytes: larger records are always kept whole */

struct spill_block;

struct spill {
    uint64_t size_max;                /* of all blocks. Beyond it the ring fills, and the kernel */
    uint64_t size;                    /* counts what is lost */
    struct spill_block *first, *last; /* owned */
    uint64_t whole[SPILL_REPEAT_MAX / sizeof(uint64_t)]; /* the first record, if it is a repeat */
};

void spill_clear(struct spill *spill);

static inline bool spill_is_empty(const struct spill *spill)
{
    return !spill->first;
}

/* Adds a copy. 0; -ENOBUFS at the limit, -ENOMEM. */
int spill_add(struct spill *spill, const void *record, size_t size);

/* The first record, borrowed until spill_drop(); NULL: none. */
const void *spill_first(struct spill *spill, size_t *ret_size);
void spill_drop(struct spill *spill);
