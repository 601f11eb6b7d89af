/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's side of the registry: from paths of the cgroup tree to members. */
#include "src/containers/registry_private.h"

#include <errno.h>

/* Levels that were put off and are brought up with the one that something happens in. */
#define ANCESTORS_MAX 64

/* It had gone before we could ask for its path, or cannot be asked for now: shown by its number,
 * never dropped. */
static struct member *member_of_unresolved(struct registry *registry, uint64_t cgroup_id)
{
    struct container *container;
    struct member *member;
    char id[32];
    int length = snprintf(id, sizeof(id), "cgroup:%llu", (unsigned long long)cgroup_id);

    member = registry_find(registry, id, (size_t)length);
    if (member)
        return member;
    registry->unresolved++;
    member = registry_add(registry, id, (size_t)length, 0);
    container = member ? container_new("unknown", id) : NULL;
    if (!container)
        return NULL;
    container->cgroup_id = cgroup_id;
    member->top_cgroup = cgroup_id;
    registry_publish(registry, member, container);
    registry_bury(registry, member);
    return member;
}

/* By its number alone, which may be a search. */
static struct member *resolve_by_id(struct registry *registry, uint64_t cgroup_id)
{
    struct member *member;
    _cleanup_(free_string)
    char *path = NULL;
    int r = cgroup_tree_path(registry->tree, cgroup_id, &path);

    if (r >= 0)
        member = registry_member_of_path(registry, path, cgroup_id);
    else if (r == -EXDEV)
        member = &registry->outside;
    else
        member = member_of_unresolved(registry, cgroup_id);
    /* Whoever could not be asked now, for want of descriptors or memory, is asked at the next
     * event: nothing is learnt of the cgroup from that. */
    if (member && (r >= 0 || r == -EXDEV || r == -ESTALE || r == -ENOENT))
        registry_map(registry, cgroup_id, member);
    return member;
}

static bool bring_up(struct registry *registry, uint64_t cgroup_id);

struct member *registry_resolve(struct registry *registry, uint64_t cgroup_id)
{
    struct member *member = number_table_get(&registry->cgroups, cgroup_id);

    if (member)
        return member;
    if (bring_up(registry, cgroup_id)) {
        member = number_table_get(&registry->cgroups, cgroup_id);
        if (member || registry_find_birth(registry, cgroup_id))
            return member;
    }
    return resolve_by_id(registry, cgroup_id);
}

struct walk {
    struct registry *registry;
    enum coming coming; /* of what is not known yet */
};

static int visit(void *userdata, uint64_t id, const char *path)
{
    const struct walk *walk = userdata;
    struct registry *registry = walk->registry;
    struct member *member = number_table_get(&registry->cgroups, id);
    enum coming coming = member ? COMING_FOUND : walk->coming;

    if (!member)
        member = registry_member_of_path(registry, path, id);
    if (member == &registry->host)
        member = registry_add_candidate(registry, path, id, coming);
    if (member) /* else it is resolved at its first event, and counted */
        registry_map(registry, id, member);
    return 0;
}

int registry_scan(struct registry *registry)
{
    struct walk walk = { registry, COMING_FOUND };

    return cgroup_tree_walk(registry->tree, "/", visit, &walk);
}

static int note(void *userdata, uint64_t id, UNUSED const char *path)
{
    return number_table_put(userdata, id, userdata) == -ENOMEM ? -ENOMEM : 0;
}

/* Ids that are known and not there any more; as many as fit, or none without memory. */
static size_t find_vanished(const struct registry *registry, const struct number_table *there,
                            uint64_t *ids, size_t size)
{
    size_t count = 0, at = 0;
    uint64_t id;

    while (count < size && number_table_next(&registry->cgroups, &at, &id)) {
        if (!number_table_get(there, id))
            ids[count++] = id;
    }
    return count;
}

int registry_rescan(struct registry *registry)
{
    struct walk walk = { registry, COMING_MISSED };
    struct number_table there = { 0 };
    uint64_t *ids = calloc(registry->cgroups.count + 1, sizeof(*ids));
    int r = ids ? cgroup_tree_walk(registry->tree, "/", note, &there) : -ENOMEM;

    if (r >= 0) {
        size_t count = find_vanished(registry, &there, ids, registry->cgroups.count);

        for (size_t i = 0; i < count; i++)
            registry_gone(registry, ids[i]);
        registry_drop_vanished_births(registry, &there);
        r = cgroup_tree_walk(registry->tree, "/", visit, &walk);
    }
    number_table_clear(&there);
    free(ids);
    return r;
}

/* -------- notices of the kernel -------- */

/* It has gone already, or cannot be seen from here. If events come of it, they are its parent's;
 * but of a parent on the host, or of one that nobody knows yet, nothing follows: it may have been a
 * container. */
static void born_unseen(struct registry *registry, uint64_t cgroup_id, uint64_t parent_id, int r)
{
    struct member *parent = number_table_get(&registry->cgroups, parent_id);
    _cleanup_(free_string)
    char *path = NULL;

    if (r == -EXDEV || (!parent && cgroup_tree_path(registry->tree, parent_id, &path) == -EXDEV))
        parent = &registry->outside;
    if (parent && parent != &registry->host && !parent->candidate)
        registry_map(registry, cgroup_id, parent);
}

static void place(struct registry *registry, uint64_t cgroup_id, uint64_t parent_id,
                  const char *name)
{
    _cleanup_(free_string)
    char *path = NULL;
    struct cgroup_ref ref;
    struct member *member;
    int r = registry_path_of_birth(registry, cgroup_id, parent_id, name, &path);

    if (r < 0) {
        born_unseen(registry, cgroup_id, parent_id, r);
        return;
    }
    member = registry_member_of_path(registry, path, cgroup_id);
    cgroup_path_parse(path, strlen(path), &ref);
    if (member == &registry->host && ref.kind == CGROUP_HOST)
        member = registry_add_candidate(registry, path, cgroup_id, COMING_BORN);
    if (!member)
        return;
    if (!registry_is_host(registry, member) && member->top_cgroup == cgroup_id && !member->unit)
        member->setup = true;
    registry_map(registry, cgroup_id, member);
}

/* Something happens in a cgroup that was put off: now it is born, after those that it is in. False:
 * it was not put off. What finds no room stays as it is. */
static bool bring_up(struct registry *registry, uint64_t cgroup_id)
{
    uint64_t ids[ANCESTORS_MAX];
    const struct birth *birth;
    size_t count = 0;

    while (count < ARRAY_SIZE(ids) && (birth = registry_find_birth(registry, cgroup_id))) {
        ids[count++] = cgroup_id;
        cgroup_id = birth->parent_id;
    }
    for (size_t i = count; i-- > 0;) {
        birth = registry_find_birth(registry, ids[i]);
        if (birth)
            place(registry, ids[i], birth->parent_id, birth->name);
    }
    return count > 0;
}

void registry_born(struct registry *registry, uint64_t cgroup_id, uint64_t parent_id,
                   const char *name)
{
    if (number_table_get(&registry->cgroups, cgroup_id))
        return; /* an id is never used twice: the scan was faster */
    if (name && registry_may_put_off(registry, parent_id) &&
        registry_put_off(registry, cgroup_id, parent_id, name))
        return;
    place(registry, cgroup_id, parent_id, name);
}

/* It runs: the engine may not have said so yet, and will not if it is away. */
static void learn_life(struct registry *registry, struct member *member, pid_t pid)
{
    const struct container *known = member->container;
    /* What was seen in its cgroup before was the engine's, and has ended. */
    bool has_process = registry_namespace(known->pid, "mnt");
    struct container *container;

    if (member->candidate || pid <= 0 || (has_process && known->state == CONTAINER_STATE_RUNNING))
        return;
    container = container_copy(known);
    if (!container)
        return;
    if (!has_process)
        container->pid = pid;
    registry_learn_namespaces(registry, container);
    container->state = CONTAINER_STATE_RUNNING;
    registry_publish(registry, member, container);
}

struct member *registry_executed(struct registry *registry, uint64_t cgroup_id, pid_t pid)
{
    struct member *member;

    (void)bring_up(registry, cgroup_id);
    member = number_table_get(&registry->cgroups, cgroup_id);
    if (!member || !member->setup)
        return NULL;
    member->setup = false;
    learn_life(registry, member, pid);
    return member;
}

void registry_gone(struct registry *registry, uint64_t cgroup_id)
{
    struct member *member = registry_unmap(registry, cgroup_id);

    registry_drop_birth(registry, cgroup_id);
    if (member && !registry_is_host(registry, member) && member->top_cgroup == cgroup_id)
        registry_bury(registry, member);
}
