/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtimes/files/state_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>

#include "runtimes/files/local_path.h"

/* For all opens here. O_NONBLOCK: neither a pipe without a writer nor the break of a lease (45 s)
 * may hold us up. */
#define OPEN_FLAGS (O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)

static int check_owner(int fd, uid_t owner, mode_t type, struct stat *ret_stat)
{
    if (fstat(fd, ret_stat) < 0)
        return -errno;
    if ((ret_stat->st_mode & S_IFMT) != type)
        return type == S_IFDIR ? -ENOTDIR : -EINVAL;
    if (ret_stat->st_uid != owner && ret_stat->st_uid != 0)
        return -EPERM;
    return 0;
}

static int open_root_base(const char *path, int *ret_fd)
{
    *ret_fd = open(path, OPEN_FLAGS | O_DIRECTORY);
    return *ret_fd < 0 ? -errno : 0;
}

int state_open_base(const char *path, uid_t owner, int *ret_fd)
{
    _cleanup_(close_fd)
    int fd = -1;
    int r = owner == 0 ? open_root_base(path, &fd) : local_path_open(path, &fd);
    if (r < 0)
        return r;
    struct stat status;
    r = check_owner(fd, owner, S_IFDIR, &status);
    if (r < 0)
        return r;
    *ret_fd = TAKE_FD(fd);
    return 0;
}

/* One component, without opening it: what it is is known before, and then it stays the same. */
static int step(int *fd, const char *name, int mount)
{
    struct stat status;
    if (strcmp(name, "..") == 0)
        return -EXDEV;
    _cleanup_(close_fd)
    int next = openat(*fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (next < 0)
        return -errno;
    if (mount >= 0 && local_path_mount(next) != mount)
        return -EXDEV;
    if (fstat(next, &status) < 0)
        return -errno;
    if (S_ISLNK(status.st_mode))
        return -ELOOP;
    close_fd(fd);
    *fd = TAKE_FD(next);
    return 0;
}

static int walk(int *fd, const char *path, int mount)
{
    char rest[PATH_MAX], *at = rest;
    size_t length = strlen(path);
    int r = 0;
    if (length >= sizeof(rest))
        return -ENAMETOOLONG;
    memcpy(rest, path, length + 1);
    while (at && r == 0) {
        const char *name = strsep(&at, "/");
        if (name[0] && strcmp(name, ".") != 0)
            r = step(fd, name, mount);
    }
    return r;
}

/*
 * openat2(2) would do the same in one call; but what it is asked to do lies in memory, where no
 * filter of system calls sees it, so that who may call it may also write.
 */
static int open_beneath(int directory_fd, const char *path, uid_t owner, int flags)
{
    int mount = -1;
    if (path[0] == '/')
        return -EXDEV;
    if (owner != 0) {
        mount = local_path_mount(directory_fd);
        if (mount < 0)
            return -EXDEV;
    }
    _cleanup_(close_fd)
    int fd = openat(directory_fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    int r = fd < 0 ? -errno : walk(&fd, path, mount);
    if (r < 0)
        return r;
    char name[64];
    (void)snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
    int opened = open(name, OPEN_FLAGS | flags);
    return opened < 0 ? -errno : opened;
}

int state_open_beneath(int directory_fd, const char *path, uid_t owner, int *ret_fd)
{
    _cleanup_(close_fd)
    int fd = open_beneath(directory_fd, path, owner, O_DIRECTORY);
    if (fd < 0)
        return fd;
    struct stat status;
    int r = check_owner(fd, owner, S_IFDIR, &status);
    if (r < 0)
        return r;
    *ret_fd = TAKE_FD(fd);
    return 0;
}

static int read_whole(int fd, size_t size, char **ret_text, size_t *ret_length)
{
    _cleanup_(free_string)
    char *text = malloc(size + 1);
    if (!text)
        return -ENOMEM;
    size_t length = 0;
    while (length < size) {
        ssize_t n = read(fd, text + length, size - length);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            break;
        length += (size_t)n;
    }
    text[length] = '\0';
    *ret_text = TAKE_PTR(text);
    *ret_length = length;
    return 0;
}

int state_read_beneath(int directory_fd, const char *path, uid_t owner, size_t size_max,
                       char **ret_text, size_t *ret_length, struct stat *ret_stat)
{
    _cleanup_(close_fd)
    int fd = open_beneath(directory_fd, path, owner, 0);
    if (fd < 0)
        return fd;
    struct stat status;
    int r = check_owner(fd, owner, S_IFREG, &status);
    if (r < 0)
        return r;
    if (status.st_size < 0 || (uint64_t)status.st_size > size_max)
        return -EFBIG;
    r = read_whole(fd, (size_t)status.st_size, ret_text, ret_length);
    if (r < 0)
        return r;
    if (ret_stat)
        *ret_stat = status;
    return 0;
}
