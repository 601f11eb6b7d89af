/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two hash tables with a hard limit: number -> pointer and string -> pointer. Open addressing, at
 * most two thirds full, growing by doubling. Values are borrowed and never NULL. A string is bytes
 * with a length: a NUL among them is one of them.
 */
#pragma once

#include "src/base/macros.h"

struct number_slot {
    uint64_t key;
    void *value; /* NULL: free */
};

struct number_table {
    struct number_slot *slots; /* owned */
    size_t count, size, limit;
};

struct string_slot {
    uint64_t hash;
    char *key; /* owned; a NUL behind it */
    size_t length;
    void *value;
};

struct string_table {
    struct string_slot *slots; /* owned */
    size_t count, size, limit;
};

/* Zero is an empty table without a limit; set `limit` before the first insertion. */

void *number_table_get(const struct number_table *table, uint64_t key);
/* Inserts or replaces. 0, -ENOSPC at the limit, -ENOMEM. */
int number_table_put(struct number_table *table, uint64_t key, void *value);
/* Returns what was there, NULL if nothing. */
void *number_table_remove(struct number_table *table, uint64_t key);
void number_table_clear(struct number_table *table);

void *string_table_get(const struct string_table *table, const char *key, size_t length);
int string_table_put(struct string_table *table, const char *key, size_t length, void *value);
void *string_table_remove(struct string_table *table, const char *key, size_t length);
void string_table_clear(struct string_table *table);

/*
 * Iteration: `size_t at = 0; while ((value = number_table_next(&table, &at, &key)))`. The table
 * must not change meanwhile. `ret_key` may be NULL.
 */
void *number_table_next(const struct number_table *table, size_t *at, uint64_t *ret_key);
void *string_table_next(const struct string_table *table, size_t *at, const char **ret_key);
