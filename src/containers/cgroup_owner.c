/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who may have made a cgroup: by whose directory it is in. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#include "src/containers/cgroup_tree.h"

int cgroup_tree_directory_owner(const struct cgroup_tree *tree, const char *path, uid_t *ret_owner)
{
    struct stat status;

    if (fstatat(tree->fd, path[1] ? path + 1 : ".", &status, AT_SYMLINK_NOFOLLOW) < 0)
        return -errno;
    *ret_owner = status.st_uid;
    return 0;
}

int cgroup_tree_owner(const struct cgroup_tree *tree, const char *path, size_t length,
                      uid_t *ret_owner)
{
    const char *slash = path, *end = path + length;
    char above[PATH_MAX];
    uid_t owner = 0;
    int r = length < sizeof(above) ? tree->calls->owner(tree, "/", &owner) : -ENAMETOOLONG;

    while (r >= 0 && owner == 0) {
        slash = memchr(slash + 1, '/', (size_t)(end - slash - 1));
        if (!slash)
            break;
        memcpy(above, path, (size_t)(slash - path));
        above[slash - path] = '\0';
        r = tree->calls->owner(tree, above, &owner);
    }
    if (r < 0)
        return r;
    *ret_owner = owner;
    return 0;
}
