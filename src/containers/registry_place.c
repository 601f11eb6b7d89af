/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which member a path belongs to. Decided from the root down: what is outermost on the path is the
 * container, be it known by an engine's shape or by the place itself; whose the directories above
 * it are says whose it is; and what is below it is its own, or inside of it.
 */
#include <errno.h>

#include "src/containers/registry_private.h"

/* -------- members known by their place -------- */

/* Whether what is below its cgroup is its own, whatever the name. Of a candidate in which nothing
 * has run yet nobody knows; of any other its namespaces tell. A unit may have containers below it.
 */
static bool owns_all_below(const struct registry *registry, const struct member *member)
{
    if (member->unit)
        return false;
    return !member->candidate || (!member->setup && registry_looks_foreign(registry, member) != 0);
}

/* The outermost of them, within the first `limit` bytes of the path; NULL: none. */
static struct member *find_outermost(const struct registry *registry, const char *path,
                                     size_t limit, size_t *ret_prefix)
{
    for (size_t length = 1; length <= limit; length++) {
        struct member *member = path[length] == '/' || path[length] == '\0'
                                    ? registry_find(registry, path, length)
                                    : NULL;

        if (!member || !owns_all_below(registry, member))
            continue;
        *ret_prefix = length;
        return member;
    }
    return NULL;
}

/* An engine of root's has told of this very place. */
static bool is_vouched_for(const struct member *member)
{
    return member->describer && member->container->owner_uid == 0;
}

/* The innermost of them: one that is vouched for, or any. NULL: none. */
static struct member *find_innermost(const struct registry *registry, const char *path,
                                     bool vouched_for, size_t *ret_prefix)
{
    for (size_t length = strlen(path); length > 1;) {
        struct member *member = registry_find(registry, path, length);

        if (member && !member->unit && (!vouched_for || is_vouched_for(member))) {
            *ret_prefix = length;
            return member;
        }
        do {
            length--;
        } while (length > 1 && path[length] != '/');
    }
    return NULL;
}

int registry_owner_of(const struct registry *registry, const char *path, uid_t *ret_owner)
{
    struct cgroup_ref ref;
    size_t prefix;

    cgroup_path_parse(path, strlen(path), &ref);
    prefix = ref.kind == CGROUP_HOST ? strlen(path) : ref.prefix_length;
    (void)find_outermost(registry, path, prefix - 1, &prefix);
    return cgroup_tree_owner(registry->tree, path, prefix, ret_owner);
}

/* -------- members known by an engine's shape -------- */

/* Of the cgroup that is the first `prefix` bytes of the path of `cgroup_id`. */
static uint64_t id_of_prefix(const struct registry *registry, const char *path, size_t prefix,
                             uint64_t cgroup_id)
{
    _cleanup_(free_string)
    char *above = path[prefix] == '\0' ? NULL : strndup(path, prefix);

    if (above)
        (void)cgroup_tree_id(registry->tree, above, &cgroup_id);
    return cgroup_id;
}

/* The one that has this cgroup for its own; NULL: none yet. */
static struct member *find_by_top(const struct registry *registry, uint64_t top)
{
    struct member *member = number_table_get(&registry->cgroups, top);

    return member && member->top_cgroup == top ? member : NULL;
}

/* Its notice of death may still be on the way, or be lost. */
static bool lives_elsewhere(const struct registry *registry, const struct member *member,
                            uint64_t top)
{
    _cleanup_(free_string)
    char *path = NULL;
    int r;

    if (!member->top_cgroup || member->top_cgroup == top || member->gone)
        return false;
    r = cgroup_tree_path(registry->tree, member->top_cgroup, &path);
    return r != -ESTALE && r != -ENOENT;
}

static struct member *find_or_add(struct registry *registry, const char *key, size_t length,
                                  uid_t maker)
{
    struct member *member = registry_find(registry, key, length);

    return member ? member : registry_add(registry, key, length, maker);
}

/*
 * Where the id in a path is that of a container which lives at another place, the place is all that
 * this one is known by: it gets neither the id nor what engines say of it.
 */
static struct member *claim_id(struct registry *registry, const char *path, struct cgroup_ref *ref,
                               uint64_t top)
{
    _cleanup_(free_string)
    char *key = registry_key(ref->id, ref->id_length, path, ref->prefix_length, ref->owner);
    struct member *member = key ? find_or_add(registry, key, strlen(key), ref->owner) : NULL;

    if (!member || key[0] == '/' || !lives_elsewhere(registry, member, top))
        return member;
    ref->runtime = NULL;
    ref->id = path + 1;
    ref->id_length = ref->prefix_length - 1;
    return find_or_add(registry, path, ref->prefix_length, ref->owner);
}

static struct member *member_of_container(struct registry *registry, const char *path,
                                          struct cgroup_ref *ref, uint64_t cgroup_id)
{
    uint64_t top = id_of_prefix(registry, path, ref->prefix_length, cgroup_id);
    struct member *member = find_by_top(registry, top);

    if (member)
        return member;
    if (cgroup_tree_owner(registry->tree, path, ref->prefix_length, &ref->owner) < 0)
        return NULL;
    member = claim_id(registry, path, ref, top);
    if (!member)
        return NULL;
    member->unit = ref->unit;
    if (member->top_cgroup != top && registry_settle(registry, member, path, ref, top) < 0)
        return NULL;
    return member;
}

/* Whether it is known by its place, as its id is that of the other. */
static bool lacks_id(const struct member *member, const struct member *other)
{
    _cleanup_(free_string)
    char *key = NULL;
    struct cgroup_ref ref;

    if (member->key[0] != '/' || !member->top_cgroup || member->gone ||
        strcmp(member->container->id, member->key + 1) != 0)
        return false;
    cgroup_path_parse(member->key, strlen(member->key), &ref);
    key = registry_key(ref.id, ref.id_length, NULL, 0, member->container->owner_uid);
    return key && strcmp(key, other->key) == 0;
}

struct heir {
    struct registry *registry;
    struct member *member;
};

static int inherit(void *userdata, uint64_t id, UNUSED const char *path)
{
    struct heir *heir = userdata;

    registry_map(heir->registry, id, heir->member);
    return 0;
}

void registry_dislodge(struct registry *registry, struct member *member)
{
    struct cgroup_ref ref;
    struct member *other;
    size_t at = 0;

    registry_bury(registry, member);
    while ((other = registry_next(registry, &at))) {
        if (!lacks_id(other, member))
            continue;
        cgroup_path_parse(other->key, strlen(other->key), &ref);
        if (registry_settle(registry, member, other->key, &ref, other->top_cgroup) >= 0 &&
            cgroup_tree_walk(registry->tree, other->key, inherit,
                             &(struct heir){ .registry = registry, .member = member }) >= 0)
            registry_bury(registry, other);
        return;
    }
}

/* -------- units of systemd -------- */

/* "web" or "web.service"; for a unit of a user's own with "user/1000/" in front. */
static bool is_unit(const char *wanted, const char *unit, size_t length, uid_t uid)
{
    static const char service[] = ".service";
    char owner[32] = "";
    size_t rest;

    if (uid)
        (void)snprintf(owner, sizeof(owner), "user/%u/", uid);
    if (strncmp(wanted, owner, strlen(owner)) != 0)
        return false;
    wanted += strlen(owner);
    rest = strlen(wanted);
    if (rest > length || memcmp(wanted, unit, rest) != 0)
        return false;
    return rest == length ||
           (length - rest == strlen(service) && memcmp(unit + rest, service, strlen(service)) == 0);
}

static bool is_asked_for(const struct registry *registry, const char *unit, size_t length,
                         uid_t owner)
{
    for (size_t i = 0; i < registry->unit_count; i++) {
        if (is_unit(registry->units[i], unit, length, owner))
            return true;
    }
    return false;
}

/* The innermost unit that was asked for on a path of the host; if there is one, *ref describes it.
 * One that was not asked for hides nothing of the one that it is in. */
static bool find_unit(const struct registry *registry, const char *path, struct cgroup_ref *ref)
{
    size_t rest = registry->unit_count ? strlen(path) : 0, length;
    const char *unit;
    uid_t owner;

    for (; rest && (unit = cgroup_path_unit(path, rest, &length)); rest = (size_t)(unit - path)) {
        size_t prefix = (size_t)(unit - path) + length;

        if (cgroup_tree_owner(registry->tree, path, prefix, &owner) < 0 ||
            !is_asked_for(registry, unit, length, owner))
            continue;
        ref->unit = true;
        ref->runtime = "systemd";
        ref->id = unit;
        ref->id_length = length;
        ref->prefix_length = prefix;
        return true;
    }
    return false;
}

/* -------- containers inside of a container -------- */

static struct member *add_inside(struct registry *registry, struct member *outer, const char *path,
                                 const struct cgroup_ref *ref)
{
    struct container *container = NULL;
    struct member *member;

    if (outer->inside_count >= REGISTRY_INSIDE_MAX)
        return NULL;
    container = registry_container_from_path(path, ref);
    member = container && registry_name_inside(outer, container) >= 0
                 ? registry_add(registry, path, ref->prefix_length, outer->maker)
                 : NULL;
    if (!member) {
        container_unref(&container);
        return NULL;
    }
    member->container = container;
    member->outer = outer;
    LIST_INSERT_HEAD(&outer->inside, member, sibling);
    outer->inside_count++;
    return member;
}

/* Whoever is in the outer one may have made it, under any name: it has a key of its own. What finds
 * no room is the outer one's. */
static struct member *member_inside(struct registry *registry, struct member *outer,
                                    const char *path, size_t prefix, uint64_t cgroup_id)
{
    struct cgroup_ref ref;
    struct member *member;
    uint64_t top;

    cgroup_path_parse_inside(path, strlen(path), prefix, &ref);
    if (ref.kind != CGROUP_CONTAINER || outer->candidate)
        return outer;
    top = id_of_prefix(registry, path, ref.prefix_length, cgroup_id);
    member = find_by_top(registry, top);
    if (member)
        return member;
    member = registry_find(registry, path, ref.prefix_length);
    if (!member)
        member = add_inside(registry, outer, path, &ref);
    if (!member || registry_settle(registry, member, path, &ref, top) < 0)
        return outer;
    return member;
}

/* -------- the command that we run -------- */

/* How much of a path is that of the command's cgroup, if it is in there and in no container in
 * there; else 0. Where we are ourselves, in a container or in a user's subtree, does not count. */
static size_t find_command(const struct registry *registry, const char *path)
{
    size_t length = registry->command_path ? strlen(registry->command_path) : 0, prefix;
    struct cgroup_ref below;

    if (!length || strncmp(path, registry->command_path, length) != 0 ||
        (path[length] != '/' && path[length] != '\0'))
        return 0;
    cgroup_path_parse(path + length, strlen(path + length), &below);
    if (below.kind != CGROUP_HOST ||
        (find_innermost(registry, path, false, &prefix) && prefix > length))
        return 0;
    return length;
}

static struct member *member_of_command(struct registry *registry, const char *path, size_t length,
                                        uint64_t cgroup_id)
{
    const struct cgroup_ref ref = {
        .unit = true,
        .runtime = "command",
        .id = registry->command_name,
        .id_length = strlen(registry->command_name),
        .prefix_length = length,
    };
    uint64_t top = id_of_prefix(registry, path, length, cgroup_id);
    struct member *member = find_or_add(registry, path, length, 0);

    if (!member)
        return NULL;
    member->unit = true;
    if (member->top_cgroup != top && registry_settle(registry, member, path, &ref, top) < 0)
        return NULL;
    return member;
}

/* -------- all together -------- */

/* A place that was known before it had a cgroup, or that has a new one. A candidate keeps the
 * cgroup that it is judged by. */
static int settle_known(struct registry *registry, struct member *member, const char *path,
                        const struct cgroup_ref *shape, size_t prefix, uint64_t cgroup_id)
{
    struct cgroup_ref ref = { .prefix_length = prefix };
    uint64_t top = id_of_prefix(registry, path, prefix, cgroup_id);

    if (member->candidate || member->top_cgroup == top)
        return 0;
    if (shape->kind == CGROUP_CONTAINER && shape->prefix_length == prefix)
        ref.runtime = shape->runtime;
    return registry_settle(registry, member, path, &ref, top);
}

struct member *registry_member_of_path(struct registry *registry, const char *path,
                                       uint64_t cgroup_id)
{
    struct cgroup_ref ref;
    struct member *member;
    size_t prefix = find_command(registry, path);

    if (prefix)
        return member_of_command(registry, path, prefix, cgroup_id);
    cgroup_path_parse(path, strlen(path), &ref);
    member = find_innermost(registry, path, true, &prefix);
    if (!member)
        member =
            find_outermost(registry, path,
                           ref.kind == CGROUP_HOST ? strlen(path) : ref.prefix_length - 1, &prefix);
    if (!member && ref.kind == CGROUP_MONITOR)
        return &registry->host;
    if (!member && (ref.kind == CGROUP_CONTAINER || find_unit(registry, path, &ref))) {
        member = member_of_container(registry, path, &ref, cgroup_id);
        return member ? member_inside(registry, member, path, ref.prefix_length, cgroup_id) : NULL;
    }
    if (!member)
        member = find_innermost(registry, path, false, &prefix);
    if (!member)
        return &registry->host;
    if (settle_known(registry, member, path, &ref, prefix, cgroup_id) < 0)
        return NULL;
    return member_inside(registry, member, path, prefix, cgroup_id);
}
