/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Births of cgroups, as the kernel tells them: by name and parent, which lead to a path without a
 * search. To find one of 50,000 in a directory by its number the kernel reads them all. What a user
 * makes is put off until something happens in it: most often nothing does.
 */
#include "src/containers/registry_private.h"

#include <errno.h>

bool registry_put_off(struct registry *registry, uint64_t cgroup_id, uint64_t parent_id,
                      const char *name)
{
    size_t size = strlen(name) + 1;
    struct birth *birth = malloc(sizeof(*birth) + size);

    registry_drop_birth(registry, cgroup_id);
    if (!birth || number_table_put(&registry->births, cgroup_id, birth) < 0) {
        free(birth);
        registry->crowded++;
        return false;
    }
    birth->parent_id = parent_id;
    memcpy(birth->name, name, size);
    return true;
}

const struct birth *registry_find_birth(const struct registry *registry, uint64_t cgroup_id)
{
    return number_table_get(&registry->births, cgroup_id);
}

void registry_drop_birth(struct registry *registry, uint64_t cgroup_id)
{
    free(number_table_remove(&registry->births, cgroup_id));
}

void registry_drop_vanished_births(struct registry *registry, const struct number_table *there)
{
    struct number_table kept = { .limit = registry->births.limit };
    struct birth *birth;
    uint64_t id;
    size_t at = 0;

    while ((birth = number_table_next(&registry->births, &at, &id))) {
        if (!number_table_get(there, id) || number_table_put(&kept, id, birth) < 0)
            free(birth);
    }
    number_table_clear(&registry->births);
    registry->births = kept;
}

void registry_clear_births(struct registry *registry)
{
    static const struct number_table nothing = { 0 };

    registry_drop_vanished_births(registry, &nothing);
    number_table_clear(&registry->births);
}

/* Where its name and its parent's place say that it is, or was. */
static int path_by_name(const struct registry *registry, uint64_t parent_id, const char *name,
                        char **ret_path)
{
    _cleanup_(free_string)
    char *parent = NULL;
    int r = cgroup_tree_path(registry->tree, parent_id, &parent);

    if (r < 0)
        return r;
    return asprintf(ret_path, "%s/%s", strcmp(parent, "/") == 0 ? "" : parent, name) < 0 ? -ENOMEM
                                                                                         : 0;
}

int registry_path_of_birth(const struct registry *registry, uint64_t cgroup_id, uint64_t parent_id,
                           const char *name, char **ret_path)
{
    _cleanup_(free_string)
    char *named = NULL;
    uint64_t there;
    int r;

    if (name && path_by_name(registry, parent_id, name, &named) >= 0 &&
        cgroup_tree_id(registry->tree, named, &there) >= 0 && there == cgroup_id) {
        *ret_path = TAKE_PTR(named);
        return 0;
    }
    r = cgroup_tree_path(registry->tree, cgroup_id, ret_path);
    if ((r == -ESTALE || r == -ENOENT) && named) { /* it has gone */
        *ret_path = TAKE_PTR(named);
        return 0;
    }
    return r;
}

bool registry_may_put_off(struct registry *registry, uint64_t parent_id)
{
    _cleanup_(free_string)
    char *path = NULL;
    uid_t owner = 0;

    if (registry->closing || parent_id == registry->users_parent ||
        registry_find_birth(registry, parent_id))
        return true;
    if (path_by_name(registry, parent_id, "", &path) < 0 ||
        cgroup_tree_owner(registry->tree, path, strlen(path), &owner) < 0 || owner == 0)
        return false;
    registry->users_parent = parent_id;
    return true;
}
