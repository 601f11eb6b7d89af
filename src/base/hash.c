/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/base/hash.h"

#include <errno.h>
#include <sys/random.h>

#define SIZE_MIN_ 16

/* Keys of strings come from strangers: a start value that they cannot guess keeps them from
 * choosing keys that collide. Where the kernel has no random bytes yet, addresses have to do. */
static uint64_t secret(void)
{
    static uint64_t value;

    if (!value && getrandom(&value, sizeof(value), GRND_NONBLOCK) != (ssize_t)sizeof(value)) {
        uintptr_t place = (uintptr_t)&value, stack = (uintptr_t)__builtin_frame_address(0);

        value = (uint64_t)place * 0x9e3779b97f4a7c15 ^ (uint64_t)stack * 0xc2b2ae3d27d4eb4f;
    }
    value |= 1; /* 0 is "not yet" */
    return value;
}

static uint64_t mix(uint64_t value)
{
    value ^= value >> 32;
    value *= 0xd6e8feb86659fd93;
    value ^= value >> 32;
    return value;
}

static uint64_t hash_string(const char *key, size_t length)
{
    uint64_t hash = secret();

    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)key[i]) * 0x100000001b3;
    return mix(hash);
}

static bool is_full(size_t count, size_t size)
{
    return (count + 1) * 3 > size * 2;
}

/* -------- numbers -------- */

/* The slot of a key, or the free one where it would go. The table is never full. */
static size_t find_number(const struct number_table *table, uint64_t key)
{
    size_t at = mix(key) & (table->size - 1);

    while (table->slots[at].value && table->slots[at].key != key)
        at = (at + 1) & (table->size - 1);
    return at;
}

void *number_table_get(const struct number_table *table, uint64_t key)
{
    return table->count ? table->slots[find_number(table, key)].value : NULL;
}

static int grow_numbers(struct number_table *table)
{
    struct number_table grown = { .size = MAX(table->size * 2, (size_t)SIZE_MIN_) };

    grown.slots = calloc(grown.size, sizeof(*grown.slots));
    if (!grown.slots)
        return -ENOMEM;
    for (size_t i = 0; i < table->size; i++) {
        if (table->slots[i].value)
            grown.slots[find_number(&grown, table->slots[i].key)] = table->slots[i];
    }
    free(table->slots);
    table->slots = grown.slots;
    table->size = grown.size;
    return 0;
}

int number_table_put(struct number_table *table, uint64_t key, void *value)
{
    size_t at;

    if (number_table_get(table, key)) {
        table->slots[find_number(table, key)].value = value;
        return 0;
    }
    if (table->limit && table->count >= table->limit)
        return -ENOSPC;
    if (is_full(table->count, table->size) && grow_numbers(table) < 0)
        return -ENOMEM;
    at = find_number(table, key);
    table->slots[at] = (struct number_slot){ .key = key, .value = value };
    table->count++;
    return 0;
}

void *number_table_remove(struct number_table *table, uint64_t key)
{
    size_t mask = table->size - 1, gap, at;
    void *value;

    if (!table->count)
        return NULL;
    gap = find_number(table, key);
    value = table->slots[gap].value;
    if (!value)
        return NULL;
    for (at = (gap + 1) & mask; table->slots[at].value; at = (at + 1) & mask) {
        size_t home = mix(table->slots[at].key) & mask;

        /* It moves into the gap unless its home lies behind the gap. */
        if (((at - home) & mask) < ((at - gap) & mask))
            continue;
        table->slots[gap] = table->slots[at];
        gap = at;
    }
    table->slots[gap] = (struct number_slot){ 0 };
    table->count--;
    return value;
}

void number_table_clear(struct number_table *table)
{
    free(table->slots);
    *table = (struct number_table){ .limit = table->limit };
}

void *number_table_next(const struct number_table *table, size_t *at, uint64_t *ret_key)
{
    while (*at < table->size) {
        const struct number_slot *slot = &table->slots[(*at)++];

        if (!slot->value)
            continue;
        if (ret_key)
            *ret_key = slot->key;
        return slot->value;
    }
    return NULL;
}

/* -------- strings -------- */

static size_t find_string(const struct string_table *table, uint64_t hash, const char *key,
                          size_t length)
{
    size_t at = hash & (table->size - 1);

    for (; table->slots[at].key; at = (at + 1) & (table->size - 1)) {
        const struct string_slot *slot = &table->slots[at];

        if (slot->hash == hash && slot->length == length && memcmp(slot->key, key, length) == 0)
            break;
    }
    return at;
}

void *string_table_get(const struct string_table *table, const char *key, size_t length)
{
    if (!table->count)
        return NULL;
    return table->slots[find_string(table, hash_string(key, length), key, length)].value;
}

static int grow_strings(struct string_table *table)
{
    size_t size = MAX(table->size * 2, (size_t)SIZE_MIN_);
    struct string_slot *slots = calloc(size, sizeof(*slots));

    if (!slots)
        return -ENOMEM;
    for (size_t i = 0; i < table->size; i++) {
        size_t at = table->slots[i].hash & (size - 1);

        if (!table->slots[i].key)
            continue;
        while (slots[at].key)
            at = (at + 1) & (size - 1);
        slots[at] = table->slots[i];
    }
    free(table->slots);
    table->slots = slots;
    table->size = size;
    return 0;
}

int string_table_put(struct string_table *table, const char *key, size_t length, void *value)
{
    uint64_t hash = hash_string(key, length);
    char *copy;
    size_t at;

    if (string_table_get(table, key, length)) {
        table->slots[find_string(table, hash, key, length)].value = value;
        return 0;
    }
    if (table->limit && table->count >= table->limit)
        return -ENOSPC;
    if (is_full(table->count, table->size) && grow_strings(table) < 0)
        return -ENOMEM;
    copy = malloc(length + 1); /* not strndup(3): a key may have NULs in it */
    if (!copy)
        return -ENOMEM;
    memcpy(copy, key, length);
    copy[length] = '\0';
    at = find_string(table, hash, copy, length);
    table->slots[at] =
        (struct string_slot){ .hash = hash, .key = copy, .length = length, .value = value };
    table->count++;
    return 0;
}

void *string_table_remove(struct string_table *table, const char *key, size_t length)
{
    size_t mask = table->size - 1, gap, at;
    void *value;

    if (!table->count)
        return NULL;
    gap = find_string(table, hash_string(key, length), key, length);
    if (!table->slots[gap].key)
        return NULL;
    value = table->slots[gap].value;
    free(table->slots[gap].key);
    for (at = (gap + 1) & mask; table->slots[at].key; at = (at + 1) & mask) {
        size_t home = table->slots[at].hash & mask;

        if (((at - home) & mask) < ((at - gap) & mask))
            continue;
        table->slots[gap] = table->slots[at];
        gap = at;
    }
    table->slots[gap] = (struct string_slot){ 0 };
    table->count--;
    return value;
}

void string_table_clear(struct string_table *table)
{
    for (size_t i = 0; i < table->size; i++)
        free(table->slots[i].key);
    free(table->slots);
    *table = (struct string_table){ .limit = table->limit };
}

void *string_table_next(const struct string_table *table, size_t *at, const char **ret_key)
{
    while (*at < table->size) {
        const struct string_slot *slot = &table->slots[(*at)++];

        if (!slot->key)
            continue;
        if (ret_key)
            *ret_key = slot->key;
        return slot->value;
    }
    return NULL;
}
