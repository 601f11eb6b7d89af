/* SPDX-License-Identifier: GPL-2.0-or-later */
/* In which order rows of a finite list are printed: --sort FIELD,-FIELD. */
#pragma once

#include "src/model/field.h"

struct list_order_key {
    const struct field *field;
    bool down; /* the greatest first */
};

struct list_order {
    struct list_order_key *keys; /* owned */
    size_t count;
};

/* Words of --sort, in order: names of fields, with '-' in front for the greatest first. 0, -ENOMEM,
 * or -EINVAL with a sentence. */
int list_order_init(struct list_order *order, const struct field_table *table,
                    const char *const *words, size_t count, struct error *error);
void list_order_clear(struct list_order *order);

/* As strcmp(): 0 where they are alike in all keys. What has no value comes last. */
int list_order_compare(const struct list_order *order, const void *left, const void *right);
