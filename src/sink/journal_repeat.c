/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/sink/journal_repeat.h"

#include <errno.h>

void repeats_init(struct repeats *repeats)
{
    *repeats = (struct repeats){ 0 };
    TAILQ_INIT(&repeats->waiting);
}

void repeats_clear(struct repeats *repeats)
{
    struct repeat *repeat;

    while ((repeat = repeats_first(repeats)))
        repeats_drop(repeats, repeat);
    string_table_clear(&repeats->entries);
    string_table_clear(&repeats->groups);
}

struct repeat *repeats_find(const struct repeats *repeats, const struct repeat_key *key)
{
    struct repeat *repeat = string_table_get(&repeats->entries, key->bytes, key->length);
    const struct repeat_group *group;

    if (repeat)
        return repeat;
    group = string_table_get(&repeats->groups, key->bytes, key->first_length);
    return group && group->fine >= REPEATS_FINE_MAX ? group->others : NULL;
}

static struct repeat_group *find_group(struct repeats *repeats, const struct repeat_key *key)
{
    struct repeat_group *group = string_table_get(&repeats->groups, key->bytes, key->first_length);

    if (group)
        return group;
    group = calloc(1, sizeof(*group) + key->first_length);
    if (!group)
        return NULL;
    group->key_length = key->first_length;
    memcpy(group->key, key->bytes, key->first_length);
    if (string_table_put(&repeats->groups, group->key, group->key_length, group) < 0) {
        free(group);
        return NULL;
    }
    return group;
}

static void drop_group_if_empty(struct repeats *repeats, struct repeat_group *group)
{
    if (group->fine || group->others)
        return;
    (void)string_table_remove(&repeats->groups, group->key, group->key_length);
    free(group);
}

static size_t size_of(const struct repeat *repeat)
{
    return sizeof(*repeat) + repeat->key_length + repeat->entry.size + repeat->message.size;
}

/* Into the tables; 0 or -ENOMEM. */
static int insert(struct repeats *repeats, struct repeat *repeat, struct repeat_group *group)
{
    repeat->group = group;
    repeat->others = group->fine >= REPEATS_FINE_MAX;
    if (repeat->others) {
        group->others = repeat;
        return 0;
    }
    if (string_table_put(&repeats->entries, repeat->key, repeat->key_length, repeat) < 0)
        return -ENOMEM;
    group->fine++;
    return 0;
}

int repeats_add(struct repeats *repeats, const struct repeat_key *key, uint64_t deadline_ns,
                struct text *entry, struct text *message)
{
    struct repeat *repeat = calloc(1, sizeof(*repeat) + key->length);
    struct repeat_group *group = repeat ? find_group(repeats, key) : NULL;

    if (!group) {
        free(repeat);
        return -ENOMEM;
    }
    repeat->key_length = key->length;
    memcpy(repeat->key, key->bytes, key->length);
    if (insert(repeats, repeat, group) < 0) {
        drop_group_if_empty(repeats, group);
        free(repeat);
        return -ENOMEM;
    }
    repeat->checks = 1;
    repeat->deadline_ns = deadline_ns;
    repeat->entry = *entry;
    repeat->message = *message;
    *entry = *message = (struct text){ 0 };
    TAILQ_INSERT_TAIL(&repeats->waiting, repeat, next);
    repeats->count++;
    repeats->size += size_of(repeat);
    return 0;
}

bool repeats_are_full(const struct repeats *repeats)
{
    return repeats->count >= REPEATS_MAX || repeats->size >= REPEATS_SIZE_MAX;
}

struct repeat *repeats_first(const struct repeats *repeats)
{
    return TAILQ_FIRST(&repeats->waiting);
}

void repeats_drop(struct repeats *repeats, struct repeat *repeat)
{
    TAILQ_REMOVE(&repeats->waiting, repeat, next);
    repeats->count--;
    repeats->size -= size_of(repeat);
    if (repeat->others) {
        repeat->group->others = NULL;
    } else {
        (void)string_table_remove(&repeats->entries, repeat->key, repeat->key_length);
        repeat->group->fine--;
    }
    drop_group_if_empty(repeats, repeat->group);
    text_clear(&repeat->entry);
    text_clear(&repeat->message);
    free(repeat);
}
