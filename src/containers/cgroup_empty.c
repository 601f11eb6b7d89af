/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of a cgroup; and whether it is without processes. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "src/containers/cgroup_tree.h"

int cgroup_tree_open_file(const struct cgroup_tree *tree, const char *path, const char *name,
                          int flags)
{
    char file[PATH_MAX];
    int fd;

    if (snprintf(file, sizeof(file), ".%s/%s", path, name) >= (int)sizeof(file))
        return -ENAMETOOLONG;
    fd = openat(tree->fd, file, flags | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

struct search {
    const struct cgroup_tree *tree;
    pid_t found;
};

/* 0: none; a file that cannot be read says nothing: there may be processes. */
static int first_of(const struct cgroup_tree *tree, const char *path, pid_t *ret_pid)
{
    char text[16];
    _cleanup_(close_fd)
    int fd = cgroup_tree_open_file(tree, path, "cgroup.procs", O_RDONLY);
    ssize_t length;

    if (fd == -ENOENT || fd == -ENODEV)
        return 0;
    if (fd < 0)
        return -EBUSY;
    length = read(fd, text, sizeof(text) - 1);
    if (length < 0)
        return errno == ENODEV ? 0 : -EBUSY; /* it was removed between the two */
    text[length] = '\0';
    *ret_pid = (pid_t)strtol(text, NULL, 10); /* 0 of one that is not of our pid namespace */
    return length > 0 && *ret_pid <= 0 ? -EBUSY : 0;
}

static int visit(void *userdata, UNUSED uint64_t id, const char *path)
{
    struct search *search = userdata;
    int r = first_of(search->tree, path, &search->found);

    return search->found > 0 ? -EEXIST : r;
}

int cgroup_tree_any_process(const struct cgroup_tree *tree, const char *path, pid_t *ret_pid)
{
    struct search search = { .tree = tree };
    int r = cgroup_tree_walk(tree, path, visit, &search);

    *ret_pid = search.found;
    return search.found > 0 ? 1 : r;
}

bool cgroup_tree_is_empty(const struct cgroup_tree *tree, const char *path)
{
    pid_t pid;

    return cgroup_tree_any_process(tree, path, &pid) == 0;
}
