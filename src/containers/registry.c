/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/containers/registry_private.h"

#include <errno.h>

/* The first process may be more than root may look at; then ours, as we are meant to run on the
 * host. */
static uint32_t host_namespace(const char *kind)
{
    uint32_t namespace = registry_namespace(1, kind);

    return namespace ? namespace : registry_namespace(getpid(), kind);
}

void registry_init(struct registry *registry, const struct cgroup_tree *tree,
                   const struct registry_listener *listener)
{
    *registry = (struct registry){ .tree = tree, .listener = *listener };
    registry->cgroups.limit = REGISTRY_CGROUPS_MAX;
    registry->members.limit = REGISTRY_CONTAINERS_MAX;
    registry->mount_namespace = host_namespace("mnt");
    registry->user_namespace = host_namespace("user");
}

static void member_free(struct member *member)
{
    container_unref(&member->container);
    free(member->key);
    free(member->ids);
    free(member->pending);
    free(member);
}

void registry_clear(struct registry *registry)
{
    struct member *member, *next;
    size_t at = 0;

    for (member = LIST_FIRST(&registry->dead); member; member = next) {
        next = LIST_NEXT(member, dead);
        if (string_table_get(&registry->members, member->key, strlen(member->key)) != member)
            member_free(member);
    }
    while ((member = string_table_next(&registry->members, &at, NULL)))
        member_free(member);
    string_table_clear(&registry->members);
    number_table_clear(&registry->cgroups);
}

struct member *registry_next(const struct registry *registry, size_t *at)
{
    return string_table_next(&registry->members, at, NULL);
}

/* -------- members -------- */

struct member *registry_find(const struct registry *registry, const char *key, size_t length)
{
    return string_table_get(&registry->members, key, length);
}

struct member *registry_add(struct registry *registry, const char *key, size_t length)
{
    struct member *member = calloc(1, sizeof(*member));
    int r;

    if (!member)
        return NULL;
    member->key = strndup(key, length);
    r = member->key ? string_table_put(&registry->members, key, length, member) : -ENOMEM;
    if (r < 0) {
        registry->evictions++;
        member_free(member);
        return NULL;
    }
    return member;
}

/* -1: out of memory; the id is then found by nobody but registry_resolve(). */
static int keep_id(struct member *member, uint64_t cgroup_id)
{
    if (member->id_count == member->id_size) {
        size_t size = MAX(member->id_size * 2, (size_t)2);
        uint64_t *grown = realloc(member->ids, size * sizeof(*grown));

        if (!grown)
            return -ENOMEM;
        member->ids = grown;
        member->id_size = size;
    }
    member->ids[member->id_count++] = cgroup_id;
    return 0;
}

static void drop_id(struct member *member, uint64_t cgroup_id)
{
    for (size_t i = 0; i < member->id_count; i++) {
        if (member->ids[i] != cgroup_id)
            continue;
        member->ids[i] = member->ids[--member->id_count];
        return;
    }
}

void registry_map(struct registry *registry, uint64_t cgroup_id, struct member *member)
{
    struct member *before = number_table_get(&registry->cgroups, cgroup_id);
    bool is_host = registry_is_host(registry, member);

    if (before == member)
        return;
    if ((!is_host && keep_id(member, cgroup_id) < 0) ||
        number_table_put(&registry->cgroups, cgroup_id, member) < 0) {
        if (!is_host)
            drop_id(member, cgroup_id);
        registry->evictions++;
        return; /* it will be resolved again */
    }
    if (before)
        drop_id(before, cgroup_id);
    registry->listener.mapped(registry->listener.userdata, cgroup_id, is_host ? NULL : member);
}

/* -------- notices of the kernel -------- */

/* It has gone already, or cannot be seen from here. If events come of it, they are its parent's;
 * but of a parent on the host, or of one that nobody knows yet, nothing follows: it may have been a
 * container. */
static void born_unseen(struct registry *registry, uint64_t cgroup_id, uint64_t parent_id, int r)
{
    struct member *parent =
        r == -EXDEV ? &registry->outside : number_table_get(&registry->cgroups, parent_id);
    _cleanup_(free_string)
    char *path = NULL;

    if (!parent && cgroup_tree_path(registry->tree, parent_id, &path) == -EXDEV)
        parent = &registry->outside;
    if (parent && parent != &registry->host && !parent->candidate)
        registry_map(registry, cgroup_id, parent);
}

void registry_born(struct registry *registry, uint64_t cgroup_id, uint64_t parent_id)
{
    _cleanup_(free_string)
    char *path = NULL;
    struct cgroup_ref ref;
    struct member *member;
    int r;

    if (number_table_get(&registry->cgroups, cgroup_id))
        return; /* an id is never used twice: the scan was faster */
    r = cgroup_tree_path(registry->tree, cgroup_id, &path);
    if (r < 0) {
        born_unseen(registry, cgroup_id, parent_id, r);
        return;
    }
    member = registry_member_of_path(registry, path, cgroup_id);
    cgroup_path_parse(path, strlen(path), &ref);
    if (member == &registry->host && ref.kind == CGROUP_HOST)
        member = registry_add_candidate(registry, path, cgroup_id, true);
    if (!member)
        return;
    if (!registry_is_host(registry, member) && member->top_cgroup == cgroup_id && !member->unit)
        member->setup = true;
    registry_map(registry, cgroup_id, member);
}

/* The engine may not have said it, and will not if it is away. */
static void learn_pid(struct registry *registry, struct member *member, pid_t pid)
{
    struct container *container;

    if (member->candidate || member->container->pid || pid <= 0)
        return;
    container = container_copy(member->container);
    if (!container)
        return;
    container->pid = pid;
    container->mount_namespace = registry_namespace(pid, "mnt");
    registry_publish(registry, member, container);
}

struct member *registry_executed(struct registry *registry, uint64_t cgroup_id, pid_t pid)
{
    struct member *member = number_table_get(&registry->cgroups, cgroup_id);

    if (!member || !member->setup)
        return NULL;
    member->setup = false;
    learn_pid(registry, member, pid);
    return member;
}

void registry_gone(struct registry *registry, uint64_t cgroup_id)
{
    struct member *member = number_table_remove(&registry->cgroups, cgroup_id);

    if (!member)
        return;
    drop_id(member, cgroup_id);
    if (registry_is_host(registry, member) || member->top_cgroup != cgroup_id || member->gone)
        return;
    member->gone = true;
    LIST_INSERT_HEAD(&registry->dead, member, dead);
}

/* Ids that still lead to a member, such as those of an unresolved one. */
static void unmap_all(struct registry *registry, struct member *member)
{
    for (size_t i = 0; i < member->id_count; i++) {
        if (number_table_get(&registry->cgroups, member->ids[i]) == member)
            (void)number_table_remove(&registry->cgroups, member->ids[i]);
    }
    member->id_count = 0;
}

void registry_forget(struct registry *registry, struct member *member)
{
    registry->listener.forgotten(registry->listener.userdata, member);
    unmap_all(registry, member);
    (void)string_table_remove(&registry->members, member->key, strlen(member->key));
    member_free(member);
}

void registry_drained(struct registry *registry)
{
    struct member *member, *next;

    for (member = LIST_FIRST(&registry->dead); member; member = next) {
        next = LIST_NEXT(member, dead);
        if (member->naming == NAMING_WAITING)
            continue;
        LIST_REMOVE(member, dead);
        member->gone = false;
        unmap_all(registry, member);
        member->top_cgroup = 0;
        member->asked = false;
        if (member->describer)
            registry->listener.forgotten(registry->listener.userdata, member);
        else
            registry_forget(registry, member);
    }
}
