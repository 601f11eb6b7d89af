/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/source/spill.h"

#include <errno.h>
#include <malloc.h>

#define BLOCK_SIZE (1U << 20)

/* Records, each behind its size, both in multiples of 8 bytes. */
struct spill_block {
    struct spill_block *next;
    size_t used, done;
    _Alignas(8) char data[];
};

#define BLOCK_ROOM (BLOCK_SIZE - sizeof(struct spill_block))

static size_t padded(size_t size)
{
    return (size + 7) & ~(size_t)7;
}

static void drop_block(struct spill *spill)
{
    struct spill_block *block = spill->first;

    spill->first = block->next;
    if (!spill->first)
        spill->last = NULL;
    spill->size -= BLOCK_SIZE;
    free(block);
    if (!spill->first)
        (void)malloc_trim(0); /* the storm is over: its memory goes back to the system */
}

void spill_clear(struct spill *spill)
{
    while (spill->first)
        drop_block(spill);
}

static int add_block(struct spill *spill)
{
    struct spill_block *block;

    if (spill->size + BLOCK_SIZE > SPILL_SIZE_MAX)
        return -ENOBUFS;
    block = malloc(BLOCK_SIZE);
    if (!block)
        return -ENOMEM;
    block->next = NULL;
    block->used = block->done = 0;
    if (spill->last)
        spill->last->next = block;
    else
        spill->first = block;
    spill->last = block;
    spill->size += BLOCK_SIZE;
    return 0;
}

int spill_add(struct spill *spill, const void *record, size_t size)
{
    size_t room = sizeof(uint64_t) + padded(size);
    uint64_t stored = size;
    char *place;

    if (room > BLOCK_ROOM)
        return -ENOBUFS;
    if (!spill->last || spill->last->used + room > BLOCK_ROOM) {
        int r = add_block(spill);

        if (r < 0)
            return r;
    }
    place = spill->last->data + spill->last->used;
    memcpy(place, &stored, sizeof(stored));
    memcpy(place + sizeof(stored), record, size);
    spill->last->used += room;
    return 0;
}

const void *spill_first(const struct spill *spill, size_t *ret_size)
{
    uint64_t stored;
    const char *place;

    if (!spill->first)
        return NULL;
    place = spill->first->data + spill->first->done;
    memcpy(&stored, place, sizeof(stored));
    *ret_size = stored;
    return place + sizeof(stored);
}

void spill_drop(struct spill *spill)
{
    size_t size;

    if (!spill_first(spill, &size))
        return;
    spill->first->done += sizeof(uint64_t) + padded(size);
    if (spill->first->done == spill->first->used)
        drop_block(spill);
}
