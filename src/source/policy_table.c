/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/source/policy_table.h"

#include <errno.h>

#define MASK (POLICY_SLOTS - 1)

static uint64_t load(const uint64_t *table, uint32_t place)
{
    return __atomic_load_n(&table[place & MASK], __ATOMIC_RELAXED);
}

static void store(uint64_t *table, uint32_t place, uint64_t slot)
{
    __atomic_store_n(&table[place & MASK], slot, __ATOMIC_RELEASE);
}

/* 1 with the place of the entry, 0 with the first free place, -ENOSPC. */
static int find(const uint64_t *table, uint64_t cgroup_id, uint32_t *ret_place)
{
    uint32_t home = policy_place(cgroup_id);

    for (uint32_t i = 0; i < POLICY_PROBES; i++) {
        uint64_t slot = load(table, home + i);

        if (slot && slot >> 2 != cgroup_id)
            continue;
        *ret_place = (home + i) & MASK;
        return slot != 0;
    }
    return -ENOSPC;
}

/* Closes the gap behind a removed entry, so that probing never has to pass over a hole. */
static void remove_at(uint64_t *table, uint32_t gap)
{
    uint32_t place = gap;

    store(table, gap, 0);
    for (;;) {
        uint64_t slot;
        uint32_t home;

        place = (place + 1) & MASK;
        slot = load(table, place);
        if (!slot)
            return;
        home = policy_place(slot >> 2);
        /* It may move if the gap lies between its home and its place, around the end. */
        if (((place - home) & MASK) < ((place - gap) & MASK))
            continue;
        store(table, gap, slot);
        store(table, place, 0);
        gap = place;
    }
}

int policy_table_set(uint64_t *table, uint64_t cgroup_id, enum policy policy)
{
    uint32_t place;
    int r = find(table, cgroup_id, &place);

    if (policy == POLICY_UNKNOWN) {
        if (r > 0)
            remove_at(table, place);
        return 0;
    }
    if (r < 0)
        return r;
    store(table, place, cgroup_id << 2 | policy);
    return 0;
}

enum policy policy_table_get(const uint64_t *table, uint64_t cgroup_id)
{
    uint32_t place;

    return find(table, cgroup_id, &place) > 0 ? load(table, place) & 3 : POLICY_UNKNOWN;
}
