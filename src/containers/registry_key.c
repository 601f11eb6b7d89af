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
