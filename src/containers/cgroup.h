/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cgroup file system as we see it: which hierarchy is looked at, ids to paths and back, and the
 * walk of the tree at the start.
 *
 * The id of a cgroup is the inode number of its directory and its kernfs file handle (Linux 5.5 and
 * later, 64-bit): open_by_handle_at(2) turns it into a path in one call, wherever it is. Always
 * resolved against our own mount; paths of other processes are never trusted. Needs
 * CAP_DAC_READ_SEARCH.
 */
#pragma once

#include "bpf/event.h"
#include "src/base/error.h"

struct cgroup_tree {
    int fd;            /* of the mount point, owned */
    char *mount_point; /* owned */
    enum hierarchy hierarchy;
    uint32_t hierarchy_id;   /* 0 for v2, see /proc/self/cgroup */
    const char *description; /* static: "cgroup v2", "cgroup v1 (pids)", ... */
};

/*
 * Chooses: a v1 hierarchy with a controller that every engine uses (pids, else memory, else cpu)
 * where one is mounted, which is so on v1 and on hybrid hosts; else cgroup v2. -ENOENT with a
 * sentence when no cgroup file system is mounted.
 */
int cgroup_tree_open(struct cgroup_tree *ret_tree, struct error *error);
void cgroup_tree_clear(struct cgroup_tree *tree);

/*
 * Path below the mount point ("/" for the root), owned by the caller. -ESTALE: it has gone;
 * -EXDEV: it is outside what our mount shows (we are in a cgroup namespace).
 */
int cgroup_tree_path(const struct cgroup_tree *tree, uint64_t id, char **ret_path);

/* Id of a path below the mount point. -ENOENT when there is none. */
int cgroup_tree_id(const struct cgroup_tree *tree, const char *path, uint64_t *ret_id);

/* Calls the visitor for a cgroup and all below it, parents first; a negative answer ends the walk
 * and is returned. Cgroups that go while we walk are passed over. Levels below 64 are not entered.
 */
typedef int (*cgroup_visitor)(void *userdata, uint64_t id, const char *path);
int cgroup_tree_walk(const struct cgroup_tree *tree, const char *from, cgroup_visitor visitor,
                     void *userdata);

/* The path of a process in this hierarchy, from /proc/PID/cgroup, owned by the caller. -ESRCH. */
int cgroup_tree_of_process(const struct cgroup_tree *tree, pid_t pid, char **ret_path);

/* The process that has been longest in a cgroup, or in one just below it (crun's "container",
 * systemd's "init.scope"); 0: none, or none of our pid namespace. */
pid_t cgroup_tree_first_process(const struct cgroup_tree *tree, const char *path);

/* Whether no process is in a cgroup, nor in any below it; so it is with one that is not there. */
bool cgroup_tree_is_empty(const struct cgroup_tree *tree, const char *path);

/* Pure parsers, for the tests. */

/* One line of /proc/PID/mountinfo: whether it is a cgroup mount, and of which hierarchy. */
struct cgroup_mount {
    char *root;        /* owned; of the file system, as mounted */
    char *mount_point; /* owned; octal escapes undone */
    bool v2;
    char *options; /* owned; super block options, which name the v1 controllers */
};
bool cgroup_mount_parse(const char *line, size_t length, struct cgroup_mount *ret_mount);
void cgroup_mount_clear(struct cgroup_mount *mount);

/* The line of a hierarchy in /proc/PID/cgroup: path (borrowed) and number. `controller` NULL: v2.
 */
bool cgroup_file_find(const char *text, size_t length, const char *controller,
                      const char **ret_path, size_t *ret_path_length, uint32_t *ret_hierarchy_id);
