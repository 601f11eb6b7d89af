/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What /proc says of cgroups: which mounts there are, which of them shows most, and where a process
 * is. Pure but for the stream that is read and the look at a mount, which the caller does.
 */
#pragma once

#include "src/base/macros.h"

/* One line of /proc/PID/mountinfo. */
struct cgroup_mount {
    uint64_t id;       /* of the mount, as statx(2) has it */
    char *root;        /* owned; what of the hierarchy is mounted, as seen from our namespace: "/",
                          "/docker/01" (a part), "/../.." (more than our namespace has) */
    char *mount_point; /* owned; octal escapes undone */
    bool v2;
    bool usable;   /* cgroup_mounts_choose() could look at it: it is not hidden by another */
    char *options; /* owned; super block options, which name the v1 controllers */
};

/* Whether it is a cgroup mount, and which. */
bool cgroup_mount_parse(const char *line, size_t length, struct cgroup_mount *ret_mount);
void cgroup_mount_clear(struct cgroup_mount *mount);

struct cgroup_mounts {
    struct cgroup_mount *items; /* owned */
    size_t count;
};

/* Those of a mountinfo document, line by line. A line too long to be of a cgroup mount is passed
 * over. 0, -ENOMEM, or what reading failed with. */
int cgroup_mounts_read(FILE *mountinfo, struct cgroup_mounts *ret_mounts);
void cgroup_mounts_clear(struct cgroup_mounts *mounts);

/* Looks at a mount: positive when the path (below its mount point; NULL: none) is there, 0 when it
 * is not, a negative errno when the mount cannot be reached. */
typedef int (*cgroup_mount_look)(void *userdata, const struct cgroup_mount *mount,
                                 const char *path);

/* Whether a mount's root is that of our namespace, "/", or above it, "/../..": no part of it. */
bool cgroup_mount_is_whole(const char *root);

/*
 * The mount of a controller (NULL: v2) to take, borrowed; NULL: none can be reached. A
 * whole one goes before one of a part, then one in which our own path (of /proc/self/cgroup) is
 * there before one in which it is not, then the one that was mounted last. Fills `usable` of all of
 * that controller.
 */
const struct cgroup_mount *cgroup_mounts_choose(struct cgroup_mounts *mounts,
                                                const char *controller, const char *own_path,
                                                cgroup_mount_look look, void *userdata);

/* The line of a hierarchy in /proc/PID/cgroup: path (borrowed) and number. `controller` NULL: v2.
 */
bool cgroup_file_find(const char *text, size_t length, const char *controller,
                      const char **ret_path, size_t *ret_path_length, uint32_t *ret_hierarchy_id);

/*
 * A path that /proc or an engine tells, as the path below the mount whose root is `root`: no "..",
 * no ".", no empty names, "/" for the mount point itself. Owned by the caller. -EXDEV: it is
 * outside of the mount, by its beginning or by its ".."; -ESTALE: "... (deleted)", as the kernel
 * writes of a cgroup that has gone; -EINVAL: it does not begin with '/'; -ENOMEM.
 */
int cgroup_path_normalise(const char *root, const char *path, size_t length, char **ret_path);

/* Whether the text ends in " (deleted)". */
bool cgroup_path_is_deleted(const char *path, size_t length);
