/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/trace/unique.h"

/* Of one container. */
struct shown {
    uint64_t capabilities[2]; /* set of them, by `denied` */
};

void unique_init(struct unique *unique)
{
    *unique = (struct unique){ .containers.limit = UNIQUE_CONTAINERS_MAX };
}

void unique_clear(struct unique *unique)
{
    struct shown *shown;
    size_t at = 0;

    while ((shown = string_table_next(&unique->containers, &at, NULL)))
        free(shown);
    string_table_clear(&unique->containers);
}

static struct shown *find_or_add(struct unique *unique, const char *key)
{
    size_t length = strlen(key);
    struct shown *shown = string_table_get(&unique->containers, key, length);

    if (shown)
        return shown;
    shown = calloc(1, sizeof(*shown));
    if (shown && string_table_put(&unique->containers, key, length, shown) >= 0)
        return shown;
    free(shown);
    unique->evictions++;
    return NULL;
}

bool unique_is_repeat(struct unique *unique, const char *key, const struct capability_event *event)
{
    struct shown *shown = find_or_add(unique, key);
    uint64_t bit = UINT64_C(1) << (event->capability & 63);
    uint64_t *set;

    if (!shown)
        return false;
    set = &shown->capabilities[event->denied & 1];
    if (*set & bit)
        return true;
    *set |= bit;
    return false;
}
