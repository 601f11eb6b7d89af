/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/trace/unique.h"

/* Of one container. */
struct shown {
    uint64_t capabilities[2][2]; /* set of them, by `denied`, and whether they were its own */
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

/* Checks of others' credentials, and those of an engine at work in the container, are shown with
 * --all, and hide nothing of what the container does itself. */
static bool is_its_own(const struct capability_event *event)
{
    return !(event->flags & (EVENT_OVERRIDDEN | EVENT_FOREIGN | EVENT_SETUP));
}

bool unique_is_repeat(struct unique *unique, const char *key, const struct capability_event *event)
{
    struct shown *shown = find_or_add(unique, key);
    uint64_t bit = UINT64_C(1) << (event->capability & 63);
    uint64_t *set;

    if (!shown)
        return false;
    set = &shown->capabilities[event->denied & 1][is_its_own(event)];
    if (*set & bit)
        return true;
    *set |= bit;
    return false;
}
