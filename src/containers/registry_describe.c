/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engines' side of the registry: what they say of containers, joined with what the kernel
 * shows. */
#include "src/containers/registry_private.h"

#include <errno.h>

#include "src/containers/cgroup_mount.h"
#include "src/containers/engine.h"

/* A user's engine speaks for what is in that user's hands, and for nothing else. */
static bool may_speak(const struct registry *registry, const struct container *container,
                      const char *path)
{
    uid_t owner;

    return container->owner_uid == 0 ||
           (registry_owner_of(registry, path, &owner) >= 0 && owner == container->owner_uid);
}

/* Cuts a path such as crun's "/ID/container" to the container's own cgroup: the name that bears its
 * id. False: it is in another container's. */
static bool cut_to_own(char *path, const char *id)
{
    struct cgroup_ref ref;
    bool is_in_one;

    cgroup_path_parse(path, strlen(path), &ref);
    is_in_one = ref.kind == CGROUP_CONTAINER;
    while (ref.kind == CGROUP_CONTAINER) {
        if (ref.id_length == strlen(id) && memcmp(ref.id, id, ref.id_length) == 0) {
            path[ref.prefix_length] = '\0';
            return true;
        }
        cgroup_path_parse_inside(path, strlen(path), ref.prefix_length, &ref);
    }
    return !is_in_one;
}

/* What an engine says. The one place where its words are checked. */
static char *path_told(const struct registry *registry, const struct container *container)
{
    const char *told = container->cgroup_path;
    char *path = NULL;

    if (!told || cgroup_path_normalise("/", told, strlen(told), &path) < 0)
        return NULL;
    if (strcmp(path, "/") == 0 || !may_speak(registry, container, path)) {
        free(path);
        return NULL;
    }
    (void)cut_to_own(path, container->id);
    return path;
}

/* Where its first process is; a user may write any number into his files. */
static char *path_of_process(const struct registry *registry, const struct container *container)
{
    char *path = NULL;

    if (container->pid <= 0 || cgroup_tree_of_process(registry->tree, container->pid, &path) < 0)
        return NULL;
    if (!may_speak(registry, container, path)) {
        free(path);
        return NULL;
    }
    return path;
}

/* Where the container is: what the engine says, else what its first process shows, which may have
 * been put into another container's cgroup. */
static char *path_of(const struct registry *registry, const struct container *container)
{
    char *path = path_told(registry, container);

    if (path)
        return path;
    path = path_of_process(registry, container);
    if (path && !cut_to_own(path, container->id))
        free_string(&path);
    return path;
}

struct claim {
    struct registry *registry;
    struct member *member;
};

static int claim(void *userdata, uint64_t id, UNUSED const char *path)
{
    struct claim *subtree = userdata;
    struct member *before = number_table_get(&subtree->registry->cgroups, id);

    registry_map(subtree->registry, id, subtree->member);
    if (before && before != subtree->member && before->top_cgroup == id)
        registry_dislodge(subtree->registry, before);
    return 0;
}

/* They never change while a container lives, so what is known of them stays. */
static const size_t lasting_fields[] = {
    offsetof(struct container, image),
    offsetof(struct container, pod),
    offsetof(struct container, pod_namespace),
    offsetof(struct container, pod_uid),
};

/* Whether what is known is to stand, as what is told now is nothing, or less: a name is more than
 * an image's id, and the engine's own words are more than what a driver reads in its files. */
static bool is_kept(const struct container *before, const char *known,
                    const struct container *container, const char *told)
{
    if (!known || !told)
        return known;
    if (told == container->image && container_image_is_id(told) != container_image_is_id(known))
        return container_image_is_id(told);
    return container->partial && !before->partial;
}

/* Two descriptions by one engine: adds to the new one what it does not know, or not as well. */
static int keep_known(const struct container *before, struct container *container)
{
    for (size_t i = 0; i < ARRAY_SIZE(lasting_fields); i++) {
        const char *known = *container_text_at(before, lasting_fields[i]);
        char **told = container_text_at(container, lasting_fields[i]);

        if (is_kept(before, known, container, *told) && container_set_text(told, known) < 0)
            return -ENOMEM;
    }
    if (!container->partial)
        return 0;
    for (size_t i = 0; i < before->label_count; i++) {
        if (container_add_label(container, before->labels[i].key, before->labels[i].value) < 0)
            return -ENOMEM;
    }
    container->partial = before->partial;
    return 0;
}

static bool is_described_by(const struct member *member, const char *runtime)
{
    return member->describer && strcmp(member->describer, runtime) == 0;
}

static bool is_told_by(const struct member *member, const char *teller)
{
    return member->teller && strcmp(member->teller, teller) == 0;
}

/* Of one that the engine says runs, but not as which process. */
static pid_t find_process(const struct registry *registry, const struct member *member,
                          const struct container *container)
{
    const char *path = member->top_cgroup ? member->container->cgroup_path : NULL;

    return path && container->state == CONTAINER_STATE_RUNNING
               ? cgroup_tree_first_process(registry->tree, path)
               : 0;
}

/* What the kernel has shown stays, whoever describes the container. */
static int keep_kernel_facts(const struct registry *registry, const struct member *member,
                             struct container *container)
{
    const struct container *before = member->container;

    container->cgroup_id = member->top_cgroup;
    if (before) {
        if (before->cgroup_path &&
            container_set_text(&container->cgroup_path, before->cgroup_path) < 0)
            return -ENOMEM;
        if (!container->pod_uid && container_set_text(&container->pod_uid, before->pod_uid) < 0)
            return -ENOMEM;
        if (!container->pid)
            container->pid = before->pid ? before->pid : find_process(registry, member, container);
        if (container->state == CONTAINER_STATE_UNKNOWN)
            container->state = before->state; /* a rename says nothing of it */
        registry_prefer_runtime(container, before->runtime);
    }
    registry_learn_namespaces(registry, container);
    return 0;
}

/* Ranks are those of the engines that have described it: the one that is shown may have said
 * nothing yet. */
static bool is_better(const struct member *member, const struct container *container)
{
    if (!member->describer || !member->container)
        return true;
    if (container->owner_uid && !member->container->owner_uid)
        return false; /* a user's engine takes nothing from root's */
    if (container->named != member->container->named)
        return container->named;
    return engine_rank(container->runtime) >= engine_rank(member->describer);
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
    return member ? member : registry_add(registry, key, strlen(key), container->owner_uid);
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

/* A copy, joined with what is known already; NULL without memory. */
static struct container *join(const struct registry *registry, const struct member *member,
                              const struct container *container)
{
    _cleanup_(container_unref)
    struct container *described = container_copy(container);
    _cleanup_(free_string)
    char *process = container->owner_uid ? path_of_process(registry, container) : NULL;

    if (!described)
        return NULL;
    if (container->owner_uid && !process)
        described->pid = 0;
    if ((is_described_by(member, container->runtime) &&
         keep_known(member->container, described) < 0) ||
        keep_kernel_facts(registry, member, described) < 0 ||
        (described->owner_uid && registry_mark_user(described, described->owner_uid) < 0))
        return NULL;
    return TAKE_PTR(described);
}

int registry_describe(struct registry *registry, const char *teller, struct container *container)
{
    const struct container_origin origin = container_origin(container);
    _cleanup_(free_string)
    char *path = path_of(registry, container);
    _cleanup_(container_unref)
    struct container *described = NULL;
    struct member *member;

    member = member_of_description(registry, container, path);
    if (!member)
        return 0;
    if (is_told_by(member, teller))
        member->stale = false;
    if (!is_better(member, container))
        return 0;
    described = join(registry, member, container);
    if (!described || registry_set_origin(registry, member, &origin) < 0)
        return -ENOMEM;
    member->describer = container->runtime;
    member->teller = teller;
    member->stale = false;
    member->candidate = false;
    registry_release(
        member); /* an engine that can name what is inside of another tells its place */
    registry_publish(registry, member, TAKE_PTR(described));
    if (!member->top_cgroup && path && container->state != CONTAINER_STATE_EXITED)
        return settle_described(registry, member, path);
    return 0;
}

static void undescribe(struct registry *registry, struct member *member)
{
    registry_drop_origin(registry, member);
    member->describer = member->teller = NULL;
    if (!member->top_cgroup) /* else the kernel still has it: its last events bear its name */
        registry_bury(registry, member);
}

void registry_undescribe(struct registry *registry, const struct container_origin *origin)
{
    struct member *member = registry_find_origin(registry, origin);

    if (member)
        undescribe(registry, member);
}

void registry_list_begins(struct registry *registry, const char *teller)
{
    struct member *member;
    size_t at = 0;

    while ((member = registry_next(registry, &at))) {
        if (is_told_by(member, teller))
            member->stale = true;
    }
}

void registry_list_ends(struct registry *registry, const char *teller)
{
    struct member *member;
    size_t at = 0;

    while ((member = registry_next(registry, &at))) {
        if (member->stale && is_told_by(member, teller))
            undescribe(registry, member);
    }
}
