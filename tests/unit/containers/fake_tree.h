/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A cgroup tree that is a table, for tests of what asks it: any id, any path, any failure.
 *
 *     struct fake_tree fake;
 *
 *     fake_tree_init(&fake);
 *     fake_tree_add(&fake, 10, "/docker");
 *     fake_tree_add(&fake, 11, "/docker/0123");    parents first: it is the order of the walk
 *     fake_tree_fail(&fake, 11, -EMFILE);          asked for its path; 0: as before
 *     fake_tree_give(&fake, 11, 1000);             root's until then
 *     registry_init(&registry, &fake.tree, ...);
 *
 * The root is there, with id 1. Texts are borrowed.
 */
#pragma once

#include <assert.h>
#include <errno.h>

#include "src/containers/cgroup_tree.h"

#define FAKE_CGROUPS_MAX   2048
#define FAKE_PROCESSES_MAX 16

struct fake_tree {
    struct cgroup_tree tree; /* first: the calls get this and mean the whole */
    struct fake_cgroup {
        uint64_t id;
        const char *path;
        int failure;
        uid_t owner;
    } cgroups[FAKE_CGROUPS_MAX];
    size_t cgroup_count;
    struct fake_process {
        pid_t pid;
        const char *path;
    } processes[FAKE_PROCESSES_MAX];
    size_t process_count;
    unsigned int asked; /* how often for a path */
};

static inline void fake_tree_add(struct fake_tree *fake, uint64_t id, const char *path)
{
    assert(fake->cgroup_count < FAKE_CGROUPS_MAX);
    fake->cgroups[fake->cgroup_count++] = (struct fake_cgroup){ .id = id, .path = path };
}

static inline struct fake_cgroup *fake_tree_find(const struct fake_tree *fake, uint64_t id)
{
    for (size_t i = 0; i < fake->cgroup_count; i++) {
        if (fake->cgroups[i].id == id)
            return (struct fake_cgroup *)(uintptr_t)&fake->cgroups[i];
    }
    return NULL;
}

static inline void fake_tree_fail(struct fake_tree *fake, uint64_t id, int failure)
{
    struct fake_cgroup *cgroup = fake_tree_find(fake, id);

    assert(cgroup);
    cgroup->failure = failure;
}

static inline void fake_tree_give(struct fake_tree *fake, uint64_t id, uid_t owner)
{
    struct fake_cgroup *cgroup = fake_tree_find(fake, id);

    assert(cgroup);
    cgroup->owner = owner;
}

/* It goes; the order of the others stays. */
static inline void fake_tree_remove(struct fake_tree *fake, uint64_t id)
{
    struct fake_cgroup *cgroup = fake_tree_find(fake, id);
    size_t after = (size_t)(fake->cgroups + --fake->cgroup_count - cgroup);

    memmove(cgroup, cgroup + 1, after * sizeof(*cgroup));
}

static inline void fake_tree_process(struct fake_tree *fake, pid_t pid, const char *path)
{
    assert(fake->process_count < FAKE_PROCESSES_MAX);
    fake->processes[fake->process_count++] = (struct fake_process){ .pid = pid, .path = path };
}

static inline int fake_path(const struct cgroup_tree *tree, uint64_t id, char **ret_path)
{
    struct fake_tree *fake = (struct fake_tree *)(uintptr_t)tree;
    const struct fake_cgroup *cgroup = fake_tree_find(fake, id);

    fake->asked++;
    if (!cgroup)
        return -ESTALE;
    if (cgroup->failure)
        return cgroup->failure;
    *ret_path = strdup(cgroup->path);
    return *ret_path ? 0 : -ENOMEM;
}

static inline int fake_id(const struct cgroup_tree *tree, const char *path, uint64_t *ret_id)
{
    const struct fake_tree *fake = (const struct fake_tree *)tree;

    for (size_t i = 0; i < fake->cgroup_count; i++) {
        if (strcmp(fake->cgroups[i].path, path) != 0)
            continue;
        *ret_id = fake->cgroups[i].id;
        return 0;
    }
    return -ENOENT;
}

static inline int fake_walk(const struct cgroup_tree *tree, const char *from,
                            cgroup_visitor visitor, void *userdata)
{
    const struct fake_tree *fake = (const struct fake_tree *)tree;
    size_t length = strcmp(from, "/") == 0 ? 0 : strlen(from);
    int r = 0;

    for (size_t i = 0; i < fake->cgroup_count && r >= 0; i++) {
        const char *path = fake->cgroups[i].path;

        if (strncmp(path, from, length) == 0 && (path[length] == '/' || path[length] == '\0'))
            r = visitor(userdata, fake->cgroups[i].id, path);
    }
    return r < 0 ? r : 0;
}

static inline int fake_of_process(const struct cgroup_tree *tree, pid_t pid, char **ret_path)
{
    const struct fake_tree *fake = (const struct fake_tree *)tree;

    for (size_t i = 0; i < fake->process_count; i++) {
        if (fake->processes[i].pid != pid)
            continue;
        *ret_path = strdup(fake->processes[i].path);
        return *ret_path ? 0 : -ENOMEM;
    }
    return -ESRCH;
}

static inline pid_t fake_first_process(const struct cgroup_tree *tree, const char *path)
{
    const struct fake_tree *fake = (const struct fake_tree *)tree;

    for (size_t i = 0; i < fake->process_count; i++) {
        if (strcmp(fake->processes[i].path, path) == 0)
            return fake->processes[i].pid;
    }
    return 0;
}

static inline int fake_owner(const struct cgroup_tree *tree, const char *path, uid_t *ret_owner)
{
    uint64_t id;
    int r = fake_id(tree, path, &id);

    if (r >= 0)
        *ret_owner = fake_tree_find((const struct fake_tree *)tree, id)->owner;
    return r;
}

static inline void fake_tree_init(struct fake_tree *fake)
{
    static const struct cgroup_tree_calls calls = {
        .path = fake_path,
        .id = fake_id,
        .walk = fake_walk,
        .of_process = fake_of_process,
        .first_process = fake_first_process,
        .owner = fake_owner,
    };

    *fake = (struct fake_tree){
        .tree = { .calls = &calls, .fd = -1, .hierarchy = HIERARCHY_V2, .description = "fake" },
    };
    fake_tree_add(fake, 1, "/");
}
