/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a cgroup is without processes. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "src/containers/cgroup_tree.h"

struct search {
    const struct cgroup_tree *tree;
    pid_t found;
};

/* 0: none; a file that cannot be read says nothing: there may be processes. */
static int first_of(const struct cgroup_tree *tree, const char *path, pid_t *ret_pid)
{
    char file[PATH_MAX], text[16];
    _cleanup_(close_fd)
    int fd = -1;
    ssize_t length;

    if (snprintf(file, sizeof(file), ".%s/cgroup.procs", path) >= (int)sizeof(file))
        return -EBUSY;
    fd = openat(tree->fd, file, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return 0;
    length = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
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
