/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engines' side of the registry: what they say of containers, joined with what the kernel
 * shows. */
#include "src/registry_private.h"

#include <errno.h>

/* Several engines may know one container: docker's are containerd's too, and runc's. The one that
 * the user speaks to has the last word. */
static const struct {
    const char *runtime;
    unsigned int rank;
} ranks[] = {
    { "docker", 4 }, { "podman", 4 }, { "cri-o", 4 }, { "containerd", 3 },
    { "cri", 2 },    { "runc", 1 },   { "crun", 1 },
};

static unsigned int rank_of(const char *runtime)
{
    for (size_t i = 0; i < ARRAY_SIZE(ranks); i++) {
        if (strcmp(ranks[i].runtime, runtime) == 0)
            return ranks[i].rank;
    }
    return 0;
}

void registry_prefer_runtime(struct container *container, const char *runtime)
{
    if (runtime && rank_of(runtime) > rank_of(container->runtime))
        container->runtime = runtime;
}

/* Where the container's processes are: what the engine says, else what its init shows. */
static char *path_of(const struct registry *registry, const struct container *container)
{
    char *path = NULL;

    if (container->cgroup_path && container->cgroup_path[0] == '/')
        return strdup(container->cgroup_path);
    if (container->pid > 0 && cgroup_tree_of_process(registry->tree, container->pid, &path) >= 0)
        return path;
    return NULL;
}

/* A path such as crun's "/ID/container" is inside the container's own cgroup; the shape tells. */
static void cut_to_prefix(char *path)
{
    struct cgroup_ref ref;

    cgroup_path_parse(path, strlen(path), &ref);
    if (ref.kind == CGROUP_CONTAINER)
        path[ref.prefix_length] = '\0';
}

struct claim {
    struct registry *registry;
    struct member *member;
};

static int claim(void *userdata, uint64_t id, const char *path)
{
    struct claim *subtree = userdata;

    (void)path;
    registry_map(subtree->registry, id, subtree->member);
    return 0;
}

/* They never change: a driver that does not know them keeps those that another has told. */
static int keep_labels(const struct container *before, struct container *container)
{
    if (!container->partial || strcmp(before->runtime, container->runtime) != 0)
        return 0;
    for (size_t i = 0; i < before->label_count; i++) {
        if (container_add_label(container, before->labels[i].key, before->labels[i].value) < 0)
            return -ENOMEM;
    }
    container->partial = before->partial;
    return 0;
}

/* What the kernel has shown stays, whoever describes the container. */
static int keep_kernel_facts(const struct member *member, struct container *container)
{
    if (member->container && member->container->cgroup_path &&
        container_set_text(&container->cgroup_path, member->container->cgroup_path) < 0)
        return -ENOMEM;
    container->cgroup_id = member->top_cgroup;
    if (member->container)
        registry_prefer_runtime(container, member->container->runtime);
    if (!container->pid && member->container)
        container->pid = member->container->pid;
    if (container->state == CONTAINER_STATE_UNKNOWN && member->container)
        container->state = member->container->state; /* a rename says nothing of it */
    container->mount_namespace = registry_mount_namespace(container->pid);
    return member->container ? keep_labels(member->container, container) : 0;
}

static bool is_better(const struct member *member, const struct container *container)
{
    if (!member->described || !member->container)
        return true;
    if (container->named != member->container->named)
        return container->named;
    return rank_of(container->runtime) >= rank_of(member->container->runtime);
}

static struct member *member_of_description(struct registry *registry,
                                            const struct container *container, const char *path)
{
    _cleanup_(free_string)
    char *key = registry_key(container->id, strlen(container->id), path, path ? strlen(path) : 0,
                             container->owner_uid);
    struct member *member;

    if (!key)
        return NULL; /* created, not started, and its cgroup has no name yet: it will be told again
                      */
    member = registry_find(registry, key, strlen(key));
    return member ? member : registry_add(registry, key, strlen(key));
}

static int settle_described(struct registry *registry, struct member *member, const char *path)
{
    struct cgroup_ref ref;
    uint64_t top;
    int r;

    if (strcmp(path, "/") == 0)
        return 0; /* the root of everything is nobody's container */
    r = cgroup_tree_id(registry->tree, path, &top);
    if (r < 0)
        return 0; /* its cgroup is still to come, or has gone */
    cgroup_path_parse(path, strlen(path), &ref);
    ref.prefix_length = strlen(path);
    r = registry_settle(registry, member, path, &ref, top);
    if (r >= 0) /* its cgroups were taken for the host's until now */
        r = cgroup_tree_walk(registry->tree, path, claim,
                             &(struct claim){ .registry = registry, .member = member });
    return r;
}

/* A user's engine speaks for what is below that user's subtree, and for nothing else. */
static bool may_speak(const struct container *container, const char *path)
{
    struct cgroup_ref ref;

    if (container->owner_uid == 0 || !path)
        return true; /* without a path the key bears the user's number */
    cgroup_path_parse(path, strlen(path), &ref);
    return ref.user && ref.uid == container->owner_uid;
}

int registry_describe(struct registry *registry, struct container *container)
{
    _cleanup_(free_string)
    char *path = path_of(registry, container);
    _cleanup_(container_unref)
    struct container *described = NULL;
    struct member *member;

    if (path)
        cut_to_prefix(path);
    if (!may_speak(container, path))
        return 0;
    member = member_of_description(registry, container, path);
    if (!member)
        return 0;
    member->stale = false;
    if (!is_better(member, container))
        return 0;
    described = container_copy(container);
    if (!described || keep_kernel_facts(member, described) < 0 ||
        (described->owner_uid && registry_mark_user(described, described->owner_uid) < 0))
        return -ENOMEM;
    member->described = true;
    member->candidate = false;
    registry_publish(registry, member, TAKE_PTR(described));
    if (!member->top_cgroup && path && container->state != CONTAINER_STATE_EXITED)
        return settle_described(registry, member, path);
    return 0;
}

/* Ids that are not 64 digits are unique within their engine only, and users have keys of their own:
 * those are found by looking at all. */
static struct member *find_by_id(const struct registry *registry, const char *runtime,
                                 const char *id)
{
    struct member *member = registry_find(registry, id, strlen(id));
    size_t at = 0;

    if (member)
        return member;
    while ((member = registry_next(registry, &at))) {
        if (member->container && strcmp(member->container->id, id) == 0 &&
            strcmp(member->container->runtime, runtime) == 0)
            return member;
    }
    return NULL;
}

static void undescribe(struct registry *registry, struct member *member)
{
    member->described = false;
    if (member->top_cgroup || member->gone)
        return; /* the kernel still has it: its last events bear its name */
    member->gone = true;
    LIST_INSERT_HEAD(&registry->dead, member, dead);
}

void registry_undescribe(struct registry *registry, const char *runtime, const char *id)
{
    struct member *member = find_by_id(registry, runtime, id);

    if (member && member->container && strcmp(member->container->runtime, runtime) == 0)
        undescribe(registry, member);
}

void registry_list_begins(struct registry *registry, const char *runtime)
{
    struct member *member;
    size_t at = 0;

    while ((member = registry_next(registry, &at)))
        member->stale = member->described && strcmp(member->container->runtime, runtime) == 0;
}

void registry_list_ends(struct registry *registry, const char *runtime)
{
    struct member *member;
    size_t at = 0;

    while ((member = registry_next(registry, &at))) {
        if (member->stale && strcmp(member->container->runtime, runtime) == 0)
            undescribe(registry, member);
        member->stale = false;
    }
}
