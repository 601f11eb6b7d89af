/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Candidates: cgroups whose paths are of no engine's shape, which may be a plain runtime's
 * containers all the same. Engines are asked; where none knows it, namespaces decide. */
#include "src/containers/registry_private.h"

#include <errno.h>

bool registry_is_foreign(const struct registry *registry, uint32_t mount_namespace,
                         uint32_t user_namespace)
{
    return (mount_namespace && registry->mount_namespace &&
            mount_namespace != registry->mount_namespace) ||
           (user_namespace && registry->user_namespace &&
            user_namespace != registry->user_namespace);
}

static int looks_foreign(const struct registry *registry, const char *path)
{
    pid_t pid = cgroup_tree_first_process(registry->tree, path);
    uint32_t mount_namespace = registry_namespace(pid, "mnt");

    if (!mount_namespace) /* it may have ended just now */
        return -ESRCH;
    return registry_is_foreign(registry, mount_namespace, registry_namespace(pid, "user"));
}

int registry_looks_foreign(const struct registry *registry, const struct member *member)
{
    return member->gone ? -ESRCH : looks_foreign(registry, member->container->cgroup_path);
}

/* Units of systemd are never a plain runtime's container: nobody need be asked. */
static bool may_be_a_container(const char *path)
{
    static const char *const units[] = { ".service", ".scope",  ".slice", ".mount",
                                         ".socket",  ".target", ".swap",  ".timer" };
    size_t length = strlen(path);

    for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
        size_t suffix = strlen(units[i]);

        if (length >= suffix && strcmp(path + length - suffix, units[i]) == 0)
            return false;
    }
    return length > 1;
}

/* One that was there before is not waited for: its processes say what it is. Services may have
 * mounts of their own. */
static bool is_hosts(const struct registry *registry, const char *path, enum coming coming,
                     bool *ret_empty)
{
    size_t length;
    int looks = coming == COMING_BORN ? -ESRCH : looks_foreign(registry, path);

    *ret_empty = looks == -ESRCH && coming != COMING_FOUND;
    return !*ret_empty && (looks != 1 || cgroup_path_unit(path, strlen(path), &length));
}

struct member *registry_add_candidate(struct registry *registry, const char *path,
                                      uint64_t cgroup_id, enum coming coming)
{
    const char *name = strrchr(path, '/') + 1;
    struct member *member;
    struct container *container;
    uid_t owner;
    bool is_empty;

    if (!may_be_a_container(path) || is_hosts(registry, path, coming, &is_empty))
        return &registry->host;
    if (cgroup_tree_owner(registry->tree, path, strlen(path), &owner) < 0)
        return NULL;
    member = registry_add(registry, path, strlen(path), owner);
    container = member ? container_new("unknown", name) : NULL;
    if (!container || container_set_text(&container->cgroup_path, path) < 0) {
        container_unref(&container);
        return NULL;
    }
    container->cgroup_id = cgroup_id;
    if (owner && registry_mark_user(container, owner) < 0) {
        container_unref(&container);
        return NULL;
    }
    member->candidate = true;
    member->setup = is_empty;
    member->top_cgroup = cgroup_id;
    registry_publish(registry, member, container);
    return member;
}

int registry_accept(struct registry *registry, struct member *member)
{
    _cleanup_(container_unref)
    struct container *container = container_copy(member->container);

    if (!container || (!container->name && container_set_text(&container->name, container->id) < 0))
        return -ENOMEM;
    container->state = CONTAINER_STATE_RUNNING;
    if (!member->gone) {
        container->pid = cgroup_tree_first_process(registry->tree, container->cgroup_path);
        registry_learn_namespaces(registry, container);
    }
    member->candidate = false;
    member->naming.asked = true;
    registry_publish(registry, member, TAKE_PTR(container));
    return 0;
}

void registry_dismiss(struct registry *registry, struct member *member)
{
    uint64_t top = member->top_cgroup;
    bool gone = member->gone;

    if (gone)
        LIST_REMOVE(member, dead);
    registry_forget(registry, member);
    if (!gone)
        registry_map(registry, top, &registry->host);
}
