/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a cgroup is without processes. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "src/containers/cgroup_tree.h"

/* A file that cannot be read says nothing: there may be processes. */
static int visit_empty(void *userdata, UNUSED uint64_t id, const char *path)
{
    const struct cgroup_tree *tree = userdata;
    char file[PATH_MAX], byte;
    _cleanup_(close_fd)
    int fd = -1;

    if (snprintf(file, sizeof(file), ".%s/cgroup.procs", path) >= (int)sizeof(file))
        return -EBUSY;
    fd = openat(tree->fd, file, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return 0;
    return fd >= 0 && read(fd, &byte, 1) == 0 ? 0 : -EBUSY;
}

bool cgroup_tree_is_empty(const struct cgroup_tree *tree, const char *path)
{
    return cgroup_tree_walk(tree, path, visit_empty, (void *)(uintptr_t)tree) == 0;
}
