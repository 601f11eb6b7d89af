/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/source/spill.h"

#include <errno.h>
#include <malloc.h>
#include <sys/mman.h>

#include "bpf/event.h"

/* Mapped, not allocated: it goes back to the system when it is dropped. */
#define BLOCK_SIZE SPILL_BLOCK_SIZE

/* Places of records that others may repeat. */
#define MODELS 8

/* Entries: a word, and what it says. The size of a record and that record, in multiples of 8 bytes;
 * or REPEAT and the place of an earlier record of this block, and a time. */
struct spill_block {
    struct spill_block *next;
    size_t used, done;
    uint32_t models[MODELS];
    _Alignas(8) char data[];
};

#define BLOCK_ROOM  (BLOCK_SIZE - sizeof(struct spill_block))
#define NO_MODEL    UINT32_MAX
#define REPEAT      (UINT64_C(1) << 63)
#define REPEAT_SIZE (2 * sizeof(uint64_t))

#define TIME_WORD   1 /* of each record */
_Static_assert(offsetof(struct capability_event, time_ns) == TIME_WORD * sizeof(uint64_t) &&
                   offsetof(struct cgroup_event, time_ns) == TIME_WORD * sizeof(uint64_t),
               "the time stands at the same place in every record");

static size_t padded(size_t size)
{
    return (size + 7) & ~(size_t)7;
}

static uint64_t word_at(const void *place)
{
    uint64_t word;

    memcpy(&word, place, sizeof(word));
    return word;
}

static void drop_block(struct spill *spill)
{
    struct spill_block *block = spill->first;

    spill->first = block->next;
    if (!spill->first)
        spill->last = NULL;
    spill->size -= BLOCK_SIZE;
    (void)munmap(block, BLOCK_SIZE);
    if (!spill->first)
        (void)malloc_trim(0); /* the storm is over: what it took elsewhere goes back, too */
}

void spill_clear(struct spill *spill)
{
    while (spill->first)
        drop_block(spill);
}

static int add_block(struct spill *spill)
{
    struct spill_block *block;

    if (spill->size + BLOCK_SIZE > spill->size_max)
        return -ENOBUFS;
    block = mmap(NULL, BLOCK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (block == MAP_FAILED)
        return -ENOMEM;
    memset(block->models, 0xff, sizeof(block->models));
    if (spill->last)
        spill->last->next = block;
    else
        spill->first = block;
    spill->last = block;
    spill->size += BLOCK_SIZE;
    return 0;
}

/* -------- repeats -------- */

static bool can_repeat(size_t size)
{
    return size > (TIME_WORD + 1) * sizeof(uint64_t) && size <= SPILL_REPEAT_MAX && size % 8 == 0;
}

/* By all but the time. */
static size_t model_place(const char *record, size_t size)
{
    uint64_t sum = word_at(record);

    for (size_t i = TIME_WORD + 1; i < size / 8; i++)
        sum = (sum ^ word_at(record + 8 * i)) * UINT64_C(0x9e3779b97f4a7c15);
    return sum >> 32 & (MODELS - 1);
}

static bool is_alike(const char *entry, const char *record, size_t size)
{
    const char *model = entry + sizeof(uint64_t);
    size_t behind = (TIME_WORD + 1) * sizeof(uint64_t);

    return word_at(entry) == size && word_at(model) == word_at(record) &&
           memcmp(model + behind, record + behind, size - behind) == 0;
}

/* Whether an earlier record of the last block stands for it, and where; it becomes one, if not. */
static bool find_model(struct spill_block *block, const char *record, size_t size,
                       uint32_t *ret_model)
{
    uint32_t *model = &block->models[model_place(record, size)];

    if (*model != NO_MODEL && is_alike(block->data + *model, record, size)) {
        *ret_model = *model;
        return true;
    }
    *model = (uint32_t)block->used;
    return false;
}

static const void *repeat(struct spill *spill, const char *entry, size_t *ret_size)
{
    const char *model = spill->first->data + (word_at(entry) & ~REPEAT);

    *ret_size = word_at(model);
    memcpy(spill->whole, model + sizeof(uint64_t), *ret_size);
    spill->whole[TIME_WORD] = word_at(entry + sizeof(uint64_t));
    return spill->whole;
}

/* -------- entries -------- */

static void add_entry(struct spill_block *block, uint64_t word, const void *content, size_t size)
{
    char *place = block->data + block->used;

    memcpy(place, &word, sizeof(word));
    memcpy(place + sizeof(word), content, size);
    block->used += sizeof(word) + padded(size);
}

int spill_add(struct spill *spill, const void *record, size_t size)
{
    size_t room = sizeof(uint64_t) + padded(size);
    const uint64_t *words = record;
    uint32_t model;
    int r;

    if (room > BLOCK_ROOM)
        return -ENOBUFS;
    if (!spill->last || spill->last->used + room > BLOCK_ROOM) {
        r = add_block(spill);
        if (r < 0)
            return r;
    }
    if (can_repeat(size) && find_model(spill->last, record, size, &model))
        add_entry(spill->last, REPEAT | model, words + TIME_WORD, sizeof(uint64_t));
    else
        add_entry(spill->last, size, record, size);
    return 0;
}

const void *spill_first(struct spill *spill, size_t *ret_size)
{
    const char *entry;

    if (!spill->first)
        return NULL;
    entry = spill->first->data + spill->first->done;
    if (word_at(entry) & REPEAT)
        return repeat(spill, entry, ret_size);
    *ret_size = word_at(entry);
    return entry + sizeof(uint64_t);
}

void spill_drop(struct spill *spill)
{
    struct spill_block *block = spill->first;
    uint64_t word;

    if (!block)
        return;
    word = word_at(block->data + block->done);
    block->done += word & REPEAT ? REPEAT_SIZE : sizeof(uint64_t) + padded(word);
    if (block->done == block->used)
        drop_block(spill);
}
