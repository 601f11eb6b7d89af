/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The containers of one place, sorted by id: what two readings differ in is found by walking both.
 */
#pragma once

#include "src/model/container.h"

struct container_list {
    struct container **items; /* one reference each */
    size_t count;
    size_t allocated;
};

void container_list_clear(struct container_list *list);
/* Takes the reference and writes NULL, also on failure. -ENOSPC once `max` are in the list. */
int container_list_add(struct container_list *list, struct container **container, size_t max);
/* Sorts by id and keeps one of those that share an id. */
void container_list_sort(struct container_list *list);
/* Borrowed; NULL if there is none. The list must be sorted. */
struct container *container_list_find(const struct container_list *list, const char *id);
/* Whether everything that an engine fills in is the same. */
bool container_same(const struct container *a, const struct container *b);
