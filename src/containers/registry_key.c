/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a member is found by, and what marks a user's. */
#include "src/containers/registry_private.h"

#include <errno.h>

static bool is_long_id(const char *id, size_t length)
{
    return length == 64 && strspn(id, "0123456789abcdef") >= 64;
}

char *registry_key(const char *id, size_t id_length, const char *path, size_t path_length,
                   uid_t uid)
{
    char *key = NULL;

    if (!is_long_id(id, id_length))
        return path ? strndup(path, path_length) : NULL;
    if (uid == 0)
        return strndup(id, id_length);
    return asprintf(&key, "user/%u/%.*s", uid, (int)id_length, id) < 0 ? NULL : key;
}

/* No part of it can be taken for another: that which may have any character is counted. */
static char *origin_key(const struct container_origin *origin)
{
    const char *space = origin->engine_namespace ? origin->engine_namespace : "";
    char *key = NULL;

    return asprintf(&key, "%s/%u/%zu/%s/%s", origin->runtime, origin->owner_uid, strlen(space),
                    space, origin->id) < 0
               ? NULL
               : key;
}

struct member *registry_find_origin(const struct registry *registry,
                                    const struct container_origin *origin)
{
    _cleanup_(free_string)
    char *key = origin_key(origin);

    return key ? string_table_get(&registry->origins, key, strlen(key)) : NULL;
}

void registry_drop_origin(struct registry *registry, struct member *member)
{
    if (!member->origin)
        return;
    if (string_table_get(&registry->origins, member->origin, strlen(member->origin)) == member)
        (void)string_table_remove(&registry->origins, member->origin, strlen(member->origin));
    free_string(&member->origin);
}

int registry_set_origin(struct registry *registry, struct member *member,
                        const struct container_origin *origin)
{
    _cleanup_(free_string)
    char *key = origin_key(origin);
    int r = key ? string_table_put(&registry->origins, key, strlen(key), member) : -ENOMEM;

    if (r < 0)
        return r;
    if (member->origin && strcmp(member->origin, key) != 0)
        registry_drop_origin(registry, member);
    free_string(&member->origin);
    member->origin = TAKE_PTR(key);
    return 0;
}

int registry_mark_user(struct container *container, uid_t uid)
{
    char short_id[CONTAINER_SHORT_ID + 1], *name = NULL;
    int r;

    container->owner_uid = uid;
    if (asprintf(&name, "user/%u/%s", uid, container_display_name(container, short_id)) < 0)
        return -ENOMEM;
    r = container_set_text(&container->name, name);
    free(name);
    return r;
}
