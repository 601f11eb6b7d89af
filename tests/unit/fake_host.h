/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A host whose cgroups are those of `host_tree` (see fake_tree.h): defines what opens the kernel's
 * tree, so that whoever opens one by himself gets the fake; one test program includes it once.
 */
#pragma once

#include <fcntl.h>

#include "tests/unit/containers/fake_tree.h"

static struct fake_tree host_tree;

static inline int host_path(UNUSED const struct cgroup_tree *tree, uint64_t id, char **ret_path)
{
    return cgroup_tree_path(&host_tree.tree, id, ret_path);
}

static inline int host_id(UNUSED const struct cgroup_tree *tree, const char *path, uint64_t *ret_id)
{
    return cgroup_tree_id(&host_tree.tree, path, ret_id);
}

static inline int host_walk(UNUSED const struct cgroup_tree *tree, const char *from,
                            cgroup_visitor visitor, void *userdata)
{
    return cgroup_tree_walk(&host_tree.tree, from, visitor, userdata);
}

static inline int host_of_process(UNUSED const struct cgroup_tree *tree, pid_t pid, char **ret_path)
{
    return cgroup_tree_of_process(&host_tree.tree, pid, ret_path);
}

static inline pid_t host_first_process(UNUSED const struct cgroup_tree *tree, const char *path)
{
    return cgroup_tree_first_process(&host_tree.tree, path);
}

/* Directories that are not in the table are there all the same, and root's. */
static inline int host_owner(UNUSED const struct cgroup_tree *tree, const char *path,
                             uid_t *ret_owner)
{
    int r = host_tree.tree.calls->owner(&host_tree.tree, path, ret_owner);

    if (r == -ENOENT)
        *ret_owner = 0;
    return r == -ENOENT ? 0 : r;
}

int cgroup_tree_open(struct cgroup_tree *ret_tree, struct error *error)
{
    static const struct cgroup_tree_calls calls = {
        .path = host_path,
        .id = host_id,
        .walk = host_walk,
        .of_process = host_of_process,
        .first_process = host_first_process,
        .owner = host_owner,
    };

    if (host_tree.cgroup_count == 0)
        return error_set(error, -ENOENT, "no cgroup file system is mounted");
    *ret_tree = host_tree.tree;
    ret_tree->calls = &calls;
    ret_tree->mount_point = strdup("/fake");
    ret_tree->fd = open("/dev/null", O_RDONLY | O_CLOEXEC); /* it is open, and nothing is in it */
    return 0;
}

void cgroup_tree_clear(struct cgroup_tree *tree)
{
    free_string(&tree->mount_point);
    close_fd(&tree->fd);
}
