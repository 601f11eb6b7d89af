/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/registry_private.h"

#include <errno.h>
#include <sys/stat.h>

void registry_init(struct registry *registry, const struct cgroup_tree *tree,
                   const struct registry_listener *listener)
{
    *registry = (struct registry){ .tree = tree, .listener = *listener };
    registry->cgroups.limit = REGISTRY_CGROUPS_MAX;
    registry->members.limit = REGISTRY_CONTAINERS_MAX;
}

static void member_free(struct member *member)
{
    container_unref(&member->container);
    free(member->key);
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

void registry_map(struct registry *registry, uint64_t cgroup_id, struct member *member)
{
    struct member *before = number_table_get(&registry->cgroups, cgroup_id);

    if (before == member)
        return;
    if (number_table_put(&registry->cgroups, cgroup_id, member) < 0) {
        registry->evictions++;
        return; /* it will be resolved again */
    }
    if (before)
        before->cgroups--;
    member->cgroups++;
    registry->listener.mapped(registry->listener.userdata, cgroup_id,
                              member == &registry->host ? NULL : member);
}

uint64_t registry_mount_namespace(pid_t pid)
{
    char path[64];
    struct stat status;

    if (pid <= 0)
        return 0;
    (void)snprintf(path, sizeof(path), "/proc/%d/ns/mnt", (int)pid);
    return stat(path, &status) < 0 ? 0 : status.st_ino;
}

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

/* A container as its cgroup's path shows it, before any engine has said a word. */
static struct container *container_from_path(const char *path, const struct cgroup_ref *ref)
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
    if (ref->user && registry_mark_user(container, ref->uid) < 0)
        return NULL;
    return TAKE_PTR(container);
}

void registry_publish(struct registry *registry, struct member *member, struct container *container)
{
    container_unref(&member->container);
    member->container = container;
    registry->listener.changed(registry->listener.userdata, member);
}

/* -------- cgroups that we see -------- */

int registry_settle(struct registry *registry, struct member *member, const char *path,
                    const struct cgroup_ref *ref, uint64_t top_cgroup)
{
    struct container *container =
        member->container ? container_copy(member->container) : container_from_path(path, ref);
    _cleanup_(free_string)
    char *prefix = strndup(path, ref->prefix_length);

    if (!container || !prefix || container_set_text(&container->cgroup_path, prefix) < 0) {
        container_unref(&container);
        return -ENOMEM;
    }
    registry_prefer_runtime(container, ref->runtime);
    container->cgroup_id = top_cgroup;
    if (!container->pid)
        container->pid = cgroup_tree_first_process(registry->tree, prefix);
    if (!container->mount_namespace)
        container->mount_namespace = registry_mount_namespace(container->pid);
    member->top_cgroup = top_cgroup;
    if (member->gone) {
        member->gone = false; /* started again under the same id */
        LIST_REMOVE(member, dead);
    }
    registry_publish(registry, member, container);
    return 0;
}

/* A path that an engine has described, itself or one of its parents; NULL: none. */
static struct member *find_described(const struct registry *registry, const char *path,
                                     size_t *ret_prefix)
{
    for (size_t length = strlen(path); length > 1;) {
        struct member *member = registry_find(registry, path, length);

        if (member) {
            *ret_prefix = length;
            return member;
        }
        do {
            length--;
        } while (length > 1 && path[length] != '/');
    }
    return NULL;
}

static struct member *member_of_container(struct registry *registry, const char *path,
                                          const struct cgroup_ref *ref, uint64_t cgroup_id)
{
    _cleanup_(free_string)
    char *key =
        registry_key(ref->id, ref->id_length, path, ref->prefix_length, ref->user ? ref->uid : 0);
    struct member *member = key ? registry_find(registry, key, strlen(key)) : NULL;
    _cleanup_(free_string)
    char *prefix = strndup(path, ref->prefix_length);
    uint64_t top = cgroup_id;

    if (!member && key)
        member = registry_add(registry, key, strlen(key));
    if (!member || !prefix)
        return NULL;
    if (path[ref->prefix_length] != '\0')
        (void)cgroup_tree_id(registry->tree, prefix, &top);
    if (member->top_cgroup != top && registry_settle(registry, member, path, ref, top) < 0)
        return NULL;
    return member;
}

static struct member *member_of_path(struct registry *registry, const char *path,
                                     uint64_t cgroup_id)
{
    struct cgroup_ref ref;
    struct member *member;
    size_t prefix;

    cgroup_path_parse(path, strlen(path), &ref);
    if (ref.kind == CGROUP_MONITOR)
        return &registry->host;
    if (ref.kind == CGROUP_CONTAINER)
        return member_of_container(registry, path, &ref, cgroup_id);
    member = find_described(registry, path, &prefix);
    if (!member)
        return &registry->host;
    if (!member->top_cgroup && path[prefix] == '\0') {
        ref.prefix_length = prefix;
        if (registry_settle(registry, member, path, &ref, cgroup_id) < 0)
            return NULL;
    }
    return member;
}

/* It had gone before we could ask for its path: shown by its number, never dropped. */
static struct member *member_of_unresolved(struct registry *registry, uint64_t cgroup_id)
{
    struct container *container;
    struct member *member;
    char id[32];
    int length = snprintf(id, sizeof(id), "cgroup:%llu", (unsigned long long)cgroup_id);

    registry->unresolved++;
    member = registry_add(registry, id, (size_t)length);
    container = member ? container_new("unknown", id) : NULL;
    if (!container)
        return NULL;
    container->cgroup_id = cgroup_id;
    member->top_cgroup = cgroup_id;
    registry_publish(registry, member, container);
    member->gone = true;
    LIST_INSERT_HEAD(&registry->dead, member, dead);
    return member;
}

struct member *registry_resolve(struct registry *registry, uint64_t cgroup_id)
{
    struct member *member = number_table_get(&registry->cgroups, cgroup_id);
    _cleanup_(free_string)
    char *path = NULL;
    int r;

    if (member)
        return member;
    r = cgroup_tree_path(registry->tree, cgroup_id, &path);
    if (r >= 0)
        member = member_of_path(registry, path, cgroup_id);
    else if (r == -ESTALE || r == -ENOENT)
        member = member_of_unresolved(registry, cgroup_id);
    else
        member = &registry->host; /* outside what our mount shows: no container of ours */
    if (member)
        registry_map(registry, cgroup_id, member);
    return member;
}

static int visit(void *userdata, uint64_t id, const char *path)
{
    struct registry *registry = userdata;
    struct member *member = number_table_get(&registry->cgroups, id);

    if (!member)
        member = member_of_path(registry, path, id);
    if (!member)
        return -ENOMEM;
    registry_map(registry, id, member);
    return 0;
}

int registry_scan(struct registry *registry)
{
    return cgroup_tree_walk(registry->tree, "/", visit, registry);
}

/* -------- notices of the kernel -------- */

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

static struct member *add_candidate(struct registry *registry, const char *path, uint64_t cgroup_id)
{
    const char *name = strrchr(path, '/') + 1;
    struct member *member = registry_add(registry, path, strlen(path));
    struct container *container = member ? container_new("unknown", name) : NULL;

    if (!container || container_set_text(&container->cgroup_path, path) < 0) {
        container_unref(&container);
        return NULL;
    }
    container->cgroup_id = cgroup_id;
    member->candidate = true;
    member->top_cgroup = cgroup_id;
    registry_publish(registry, member, container);
    return member;
}

void registry_born(struct registry *registry, uint64_t cgroup_id, uint64_t parent_id)
{
    struct member *parent = number_table_get(&registry->cgroups, parent_id), *member;
    _cleanup_(free_string)
    char *path = NULL;

    if (number_table_get(&registry->cgroups, cgroup_id))
        return; /* an id is never used twice: the scan was faster */
    if (cgroup_tree_path(registry->tree, cgroup_id, &path) < 0) {
        /* It has gone already; if events come of it, they are its parent's. */
        if (parent && parent != &registry->host)
            registry_map(registry, cgroup_id, parent);
        return;
    }
    member = member_of_path(registry, path, cgroup_id);
    if (member == &registry->host && may_be_a_container(path)) {
        struct cgroup_ref ref;

        cgroup_path_parse(path, strlen(path), &ref);
        if (ref.kind == CGROUP_HOST)
            member = add_candidate(registry, path, cgroup_id);
    }
    if (!member)
        return;
    if (member != &registry->host && member->top_cgroup == cgroup_id)
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
    container->mount_namespace = registry_mount_namespace(pid);
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
    member->cgroups--;
    if (member == &registry->host || member->top_cgroup != cgroup_id || member->gone)
        return;
    member->gone = true;
    LIST_INSERT_HEAD(&registry->dead, member, dead);
}

/* Ids that still lead to a member, such as those of an unresolved one. */
static void unmap_all(struct registry *registry, struct member *member)
{
    uint64_t id;
    size_t at = 0;

    if (!member->cgroups)
        return;
    if (number_table_get(&registry->cgroups, member->top_cgroup) == member) {
        (void)number_table_remove(&registry->cgroups, member->top_cgroup);
        member->cgroups--;
    }
    while (member->cgroups > 0) {
        struct member *found = number_table_next(&registry->cgroups, &at, &id);

        if (!found)
            return;
        if (found != member)
            continue;
        (void)number_table_remove(&registry->cgroups, id);
        member->cgroups--;
        at = 0; /* the removal may have moved entries */
    }
}

static void forget(struct registry *registry, struct member *member)
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
        if (member->described)
            registry->listener.forgotten(registry->listener.userdata, member);
        else
            forget(registry, member);
    }
}

void registry_dismiss(struct registry *registry, struct member *member)
{
    uint64_t top = member->top_cgroup;
    bool gone = member->gone;

    if (gone)
        LIST_REMOVE(member, dead);
    forget(registry, member);
    if (!gone)
        registry_map(registry, top, &registry->host);
}
