/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's side of the registry: from paths of the cgroup tree to members. */
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
    container->named = ref->unit;
    if (ref->unit && container_set_text(&container->name, id) < 0)
        return NULL;
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
        container->mount_namespace = registry_namespace(container->pid, "mnt");
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
    member->unit = ref->unit;
    if (path[ref->prefix_length] != '\0')
        (void)cgroup_tree_id(registry->tree, prefix, &top);
    if (member->top_cgroup != top && registry_settle(registry, member, path, ref, top) < 0)
        return NULL;
    return member;
}

/* "web" or "web.service"; for a unit of a user's own with "user/1000/" in front. */
static bool is_unit(const char *wanted, const char *unit, size_t length,
                    const struct cgroup_ref *ref)
{
    static const char service[] = ".service";
    char owner[32] = "";
    size_t rest;

    if (ref->user)
        (void)snprintf(owner, sizeof(owner), "user/%u/", ref->uid);
    if (strncmp(wanted, owner, strlen(owner)) != 0)
        return false;
    wanted += strlen(owner);
    rest = strlen(wanted);
    if (rest > length || memcmp(wanted, unit, rest) != 0)
        return false;
    return rest == length ||
           (length - rest == strlen(service) && memcmp(unit + rest, service, strlen(service)) == 0);
}

/* Whether a path of the host is in a unit that was asked for; if so, *ref describes it. */
static bool find_unit(const struct registry *registry, const char *path, struct cgroup_ref *ref)
{
    size_t length;
    const char *unit = registry->unit_count ? cgroup_path_unit(path, strlen(path), &length) : NULL;

    for (size_t i = 0; unit && i < registry->unit_count; i++) {
        if (!is_unit(registry->units[i], unit, length, ref))
            continue;
        ref->unit = true;
        ref->runtime = "systemd";
        ref->id = unit;
        ref->id_length = length;
        ref->prefix_length = (size_t)(unit - path) + length;
        return true;
    }
    return false;
}

struct member *registry_member_of_path(struct registry *registry, const char *path,
                                       uint64_t cgroup_id)
{
    struct cgroup_ref ref;
    struct member *member;
    size_t prefix;

    cgroup_path_parse(path, strlen(path), &ref);
    if (ref.kind == CGROUP_MONITOR)
        return &registry->host;
    if (ref.kind == CGROUP_CONTAINER || find_unit(registry, path, &ref))
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

static int visit(void *userdata, uint64_t id, const char *path)
{
    struct registry *registry = userdata;
    struct member *member = number_table_get(&registry->cgroups, id);

    if (!member)
        member = registry_member_of_path(registry, path, id);
    if (member == &registry->host)
        member = registry_add_candidate(registry, path, id, false);
    if (member) /* else it is resolved at its first event, and counted */
        registry_map(registry, id, member);
    return 0;
}

int registry_scan(struct registry *registry)
{
    return cgroup_tree_walk(registry->tree, "/", visit, registry);
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
    struct number_table there = { 0 };
    uint64_t *ids = calloc(registry->cgroups.count + 1, sizeof(*ids));
    int r = ids ? cgroup_tree_walk(registry->tree, "/", note, &there) : -ENOMEM;

    if (r >= 0) {
        size_t count = find_vanished(registry, &there, ids, registry->cgroups.count);

        for (size_t i = 0; i < count; i++)
            registry_gone(registry, ids[i]);
        r = registry_scan(registry);
    }
    number_table_clear(&there);
    free(ids);
    return r;
}
