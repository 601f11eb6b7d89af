/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/containers/registry_private.h"

#include <errno.h>
#include <sys/stat.h>

#include "src/containers/engine.h"

uint32_t registry_namespace(pid_t pid, const char *kind)
{
    char path[64];
    struct stat status;

    if (pid <= 0)
        return 0;
    (void)snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)pid, kind);
    return stat(path, &status) < 0 ? 0 : (uint32_t)status.st_ino;
}

void registry_learn_namespaces(const struct registry *registry, struct container *container)
{
    container->mount_namespace = registry_namespace(container->pid, "mnt");
    container->network_namespace = registry_namespace(container->pid, "net");
    container->host_network = container->network_namespace == registry->network_namespace;
}

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
    registry->origins.limit = REGISTRY_CONTAINERS_MAX;
    registry->births.limit = REGISTRY_BIRTHS_MAX;
    registry->mount_namespace = host_namespace("mnt");
    registry->network_namespace = host_namespace("net");
    registry->user_namespace = host_namespace("user");
}

void registry_release(struct member *member)
{
    if (!member->outer)
        return;
    LIST_REMOVE(member, sibling);
    member->outer->inside_count--;
    member->outer = NULL;
}

static void member_free(struct member *member)
{
    while (!LIST_EMPTY(&member->inside))
        registry_release(LIST_FIRST(&member->inside));
    registry_release(member);
    container_unref(&member->container);
    free(member->key);
    free(member->origin);
    free(member->ids);
    free(member->use.pending.bytes);
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
    string_table_clear(&registry->origins);
    number_table_clear(&registry->cgroups);
    registry_clear_births(registry);
    registry_clear_shares(registry);
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

static struct member *add(struct registry *registry, const char *key, size_t length)
{
    struct member *member = calloc(1, sizeof(*member));

    if (!member)
        return NULL;
    member->key = strndup(key, length);
    if (!member->key || string_table_put(&registry->members, key, length, member) < 0) {
        member_free(member);
        return NULL;
    }
    return member;
}

struct member *registry_add(struct registry *registry, const char *key, size_t length, uid_t maker)
{
    struct member *member;

    if (!registry_take_share(registry, maker))
        return NULL;
    member = add(registry, key, length);
    if (!member) {
        registry->evictions++;
        registry_return_share(registry, maker);
        return NULL;
    }
    member->maker = maker;
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
    registry_drop_birth(registry, cgroup_id);
    registry->listener.mapped(registry->listener.userdata, cgroup_id, is_host ? NULL : member);
}

struct member *registry_unmap(struct registry *registry, uint64_t cgroup_id)
{
    struct member *member = number_table_remove(&registry->cgroups, cgroup_id);

    if (member)
        drop_id(member, cgroup_id);
    return member;
}

/* -------- their end -------- */

void registry_bury(struct registry *registry, struct member *member)
{
    if (member->gone)
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
    registry_return_share(registry, member->maker);
    registry_drop_origin(registry, member);
    member_free(member);
}

/* What was told of its process was true of a life that is over: the number may be another's now. In
 * the next one nothing was executed yet. */
static void forget_life(struct member *member, struct container *container)
{
    member->setup = !member->unit;
    container->pid = 0;
    container->pid_start_ticks = 0;
    container->mount_namespace = 0;
    container->network_namespace = 0;
    container->state = CONTAINER_STATE_EXITED;
}

/* Until it is started again. */
static void end_life(struct registry *registry, struct member *member)
{
    struct container *container;

    registry->listener.forgotten(registry->listener.userdata, member);
    container = container_copy(member->container);
    if (!container)
        return;
    forget_life(member, container);
    container_unref(&member->container);
    member->container = container;
}

void registry_drained(struct registry *registry)
{
    struct member *member, *next;

    for (member = LIST_FIRST(&registry->dead); member; member = next) {
        next = LIST_NEXT(member, dead);
        if (member->naming.state == NAMING_WAITING)
            continue;
        LIST_REMOVE(member, dead);
        member->gone = false;
        unmap_all(registry, member);
        member->top_cgroup = 0;
        member->naming.asked = false;
        if (member->describer)
            end_life(registry, member);
        else
            registry_forget(registry, member);
    }
}

/* -------- what is known of them -------- */

int registry_name_inside(const struct member *outer, struct container *container)
{
    char outer_short[CONTAINER_SHORT_ID + 1], inner_short[CONTAINER_SHORT_ID + 1];
    const char *slash = strrchr(container->id, '/');
    _cleanup_(free_string)
    char *id = NULL, *name = NULL;

    /* What the inner one is called by itself, without the outer's old name. */
    if (container_set_text(&container->name, NULL) < 0 ||
        (slash && container_set_text(&container->id, slash + 1) < 0))
        return -ENOMEM;
    if (asprintf(&name, "%s/%s", container_display_name(outer->container, outer_short),
                 container_display_name(container, inner_short)) < 0)
        return -ENOMEM;
    if (asprintf(&id, "%s/%s", outer->container->id, container->id) < 0)
        return -ENOMEM;
    container->owner_uid = outer->container->owner_uid;
    container->named = outer->container->named;
    return container_set_text(&container->id, id) < 0 ? -ENOMEM
                                                      : container_set_text(&container->name, name);
}

/* Without memory it keeps the name that it has. */
static void rename_inside(struct registry *registry, const struct member *outer)
{
    struct member *inner;

    LIST_FOREACH (inner, &outer->inside, sibling) {
        struct container *container = container_copy(inner->container);

        if (container && registry_name_inside(outer, container) >= 0)
            registry_publish(registry, inner, container);
        else
            container_unref(&container);
    }
}

void registry_publish(struct registry *registry, struct member *member, struct container *container)
{
    container->cgroup_v2 = registry->tree->hierarchy == HIERARCHY_V2;
    container_unref(&member->container);
    member->container = container;
    rename_inside(registry, member);
    registry->listener.changed(registry->listener.userdata, member); /* which may dismiss it */
}

void registry_prefer_runtime(struct container *container, const char *runtime)
{
    if (runtime && engine_rank(runtime) > engine_rank(container->runtime))
        container->runtime = runtime;
}

struct container *registry_container_from_path(const char *path, const struct cgroup_ref *ref)
{
    _cleanup_(free_string)
    char *id = strndup(ref->id, ref->id_length);
    _cleanup_(free_string)
    char *prefix = strndup(path, ref->prefix_length);
    _cleanup_(free_string)
    char *uid = ref->pod_uid ? strndup(ref->pod_uid, ref->pod_uid_length) : NULL;
    _cleanup_(container_unref)
    struct container *container = NULL;

    if (!id || !prefix || (ref->pod_uid && !uid))
        return NULL;
    for (char *c = uid; c && *c; c++) {
        if (*c == '_')
            *c = '-';
    }
    container = container_new(ref->runtime ? ref->runtime : "unknown", id);
    if (!container || container_set_text(&container->cgroup_path, prefix) < 0 ||
        container_set_text(&container->pod_uid, uid) < 0)
        return NULL;
    container->state = CONTAINER_STATE_RUNNING;
    container->named = ref->unit;
    if (ref->unit && container_set_text(&container->name, id) < 0)
        return NULL;
    if (ref->owner && registry_mark_user(container, ref->owner) < 0)
        return NULL;
    return TAKE_PTR(container);
}

int registry_settle(struct registry *registry, struct member *member, const char *path,
                    const struct cgroup_ref *ref, uint64_t top_cgroup)
{
    struct container *container = member->container ? container_copy(member->container)
                                                    : registry_container_from_path(path, ref);
    _cleanup_(free_string)
    char *prefix = strndup(path, ref->prefix_length);

    if (!container || !prefix || container_set_text(&container->cgroup_path, prefix) < 0) {
        container_unref(&container);
        return -ENOMEM;
    }
    registry_prefer_runtime(container, ref->runtime);
    container->cgroup_id = top_cgroup;
    if (member->gone)
        forget_life(member, container);
    if (!container->pid && !member->setup)
        container->pid = cgroup_tree_first_process(registry->tree, prefix);
    if (!container->mount_namespace)
        registry_learn_namespaces(registry, container);
    member->top_cgroup = top_cgroup;
    if (member->gone) {
        member->gone = false; /* started again under the same id */
        LIST_REMOVE(member, dead);
    }
    registry_publish(registry, member, container);
    return 0;
}
