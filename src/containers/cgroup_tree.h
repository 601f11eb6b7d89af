/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cgroup file system as we see it: which hierarchy is looked at, ids to paths and back, and the
 * walk of the tree at the start.
 *
 * The id of a cgroup is the inode number of its directory and its kernfs file handle (Linux 5.5 and
 * later, 64-bit): open_by_handle_at(2) turns it into a path in one call, wherever it is. Always
 * resolved against our own mount; paths of other processes are never trusted. Needs
 * CAP_DAC_READ_SEARCH.
 *
 * What asks the tree goes through `calls`, so that its users can be tested against a tree that is
 * not the kernel's.
 */
#pragma once

#include "bpf/event.h"
#include "src/base/error.h"

struct cgroup_tree_calls;

struct cgroup_tree {
    const struct cgroup_tree_calls *calls; /* static */
    int fd;                                /* of the mount point, owned */
    char *mount_point;                     /* owned */
    char *mount_root;   /* owned; what of the hierarchy is mounted there: "/" all of it */
    char *other_mounts; /* owned; mount points of the same hierarchy that were not taken, with
                           ", " between them; NULL: none */
    enum hierarchy hierarchy;
    uint32_t hierarchy_id;   /* 0 for v2, see /proc/self/cgroup */
    const char *description; /* static: "cgroup v2", "cgroup v1 (pids)", ... */
};

/*
 * Chooses: a v1 hierarchy with a controller that every engine uses (pids, else memory, else cpu)
 * where one is mounted and can be reached, which is so on v1 and on hybrid hosts; else cgroup v2.
 * Of several mounts of it, see cgroup_mounts_choose().
 *
 * -ENOENT with a sentence when no cgroup file system is mounted. -EXDEV with one when we would be
 * blind: the mount shows a part of the hierarchy only, and we are at the top of that part or
 * outside of it. Such a part was made around us, as engines make one around each container, and
 * what is to be traced is beside it. A part in which we have a place below its top is another
 * thing: somebody runs a machine of their own in it (a node in a container, a test), and it has
 * what there is to see.
 */
int cgroup_tree_open(struct cgroup_tree *ret_tree, struct error *error);
void cgroup_tree_clear(struct cgroup_tree *tree);

/* Calls the visitor for a cgroup and all below it, parents first; a negative answer ends the walk
 * and is returned, and so is what keeps a directory from being read. Cgroups that go while we walk
 * are passed over. Not entered: levels below 64, and paths of PATH_MAX and more.
 */
typedef int (*cgroup_visitor)(void *userdata, uint64_t id, const char *path);

struct cgroup_tree_calls {
    int (*path)(const struct cgroup_tree *tree, uint64_t id, char **ret_path);
    int (*id)(const struct cgroup_tree *tree, const char *path, uint64_t *ret_id);
    int (*walk)(const struct cgroup_tree *tree, const char *from, cgroup_visitor visitor,
                void *userdata);
    int (*of_process)(const struct cgroup_tree *tree, pid_t pid, char **ret_path);
    pid_t (*first_process)(const struct cgroup_tree *tree, const char *path);
    int (*owner)(const struct cgroup_tree *tree, const char *path, uid_t *ret_owner);
};

/* Of the kernel's tree: what cgroup_tree_open() fills in. */
extern const struct cgroup_tree_calls cgroup_tree_calls;

/*
 * Path below the mount point ("/" for the root), owned by the caller. Of a path of PATH_MAX and
 * more, which the kernel does not tell, the path of the nearest cgroup above it that has a shorter
 * one, with "/..." behind it.
 *
 * -ESTALE: it has gone; -EXDEV: it is outside what our mount shows (we are in a cgroup namespace).
 * Any other failure, such as -EMFILE, -ENOMEM or -EPERM, says nothing of the cgroup.
 */
static inline int cgroup_tree_path(const struct cgroup_tree *tree, uint64_t id, char **ret_path)
{
    return tree->calls->path(tree, id, ret_path);
}

/* Id of a path below the mount point. -ENOENT when there is none. */
static inline int cgroup_tree_id(const struct cgroup_tree *tree, const char *path, uint64_t *ret_id)
{
    return tree->calls->id(tree, path, ret_id);
}

static inline int cgroup_tree_walk(const struct cgroup_tree *tree, const char *from,
                                   cgroup_visitor visitor, void *userdata)
{
    return tree->calls->walk(tree, from, visitor, userdata);
}

/* The path of a process in this hierarchy, from /proc/PID/cgroup, owned by the caller. -ESRCH: no
 * such process; else as cgroup_path_normalise(). */
static inline int cgroup_tree_of_process(const struct cgroup_tree *tree, pid_t pid, char **ret_path)
{
    return tree->calls->of_process(tree, pid, ret_path);
}

/* The process that has been longest in a cgroup, or in one just below it (crun's "container",
 * systemd's "init.scope"); 0: none, or none of our pid namespace. */
static inline pid_t cgroup_tree_first_process(const struct cgroup_tree *tree, const char *path)
{
    return tree->calls->first_process(tree, path);
}

/* A process in a cgroup or in any below it: 1. 0: there is none, nor is there in a cgroup that is
 * not there. A negative errno: there may be some, of which none can be seen. */
int cgroup_tree_any_process(const struct cgroup_tree *tree, const char *path, pid_t *ret_pid);

/*
 * Who may have made the cgroup that is the first `length` bytes of a path, under this name: root
 * (0) if all directories above it are root's, else the owner of the outermost that is not, in whose
 * hands everything below it is. The cgroup's own owner says nothing: engines give a container its
 * cgroup. A negative errno, as -ENOENT: one of them has gone, and nothing is known.
 */
int cgroup_tree_owner(const struct cgroup_tree *tree, const char *path, size_t length,
                      uid_t *ret_owner);

/* For the table of calls: the owner of the directory itself. */
int cgroup_tree_directory_owner(const struct cgroup_tree *tree, const char *path, uid_t *ret_owner);

/* A file of a cgroup, as "cgroup.procs": a descriptor, or a negative errno. `flags`: see open(2).
 */
int cgroup_tree_open_file(const struct cgroup_tree *tree, const char *path, const char *name,
                          int flags);

/* Whether no process is in a cgroup, nor in any below it; so it is with one that is not there. */
bool cgroup_tree_is_empty(const struct cgroup_tree *tree, const char *path);

/* For the tests: what /proc/self/fd says of the cgroup `id`, as the path below the mount point. */
int cgroup_tree_below(const struct cgroup_tree *tree, uint64_t id, const char *link,
                      char **ret_path);
