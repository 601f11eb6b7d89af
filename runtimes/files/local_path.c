/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtimes/files/local_path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#define LINKS_MAX 40 /* as in the kernel */

/* Those whose answers come from this kernel and its disks; of others nothing is known. */
static const char *const local_types[] = {
    "ext2",   "ext3",     "ext4",     "xfs",   "btrfs",   "zfs",     "bcachefs", "f2fs", "jfs",
    "nilfs2", "reiserfs", "ecryptfs", "tmpfs", "ramfs",   "rootfs",  "overlay",  "vfat", "exfat",
    "ntfs3",  "squashfs", "erofs",    "udf",   "iso9660", "hfsplus", "aufs",
};

int local_path_mount(int fd)
{
    char path[64], line[256];
    (void)snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
    _cleanup_(close_file)
    FILE *file = fopen(path, "re");
    int mount = -1;
    while (file && fgets(line, sizeof(line), file))
        if (sscanf(line, "mnt_id: %d", &mount) == 1)
            return mount;
    return -1;
}

static bool is_local_line(const char *line)
{
    const char *end = strstr(line, " - ");
    for (size_t i = 0; end && i < ARRAY_SIZE(local_types); i++) {
        size_t length = strlen(local_types[i]);
        if (strncmp(end + 3, local_types[i], length) == 0 && end[3 + length] == ' ')
            return true;
    }
    return false;
}

static const char mounts[] = "/proc/self/mountinfo";

/* Of a mount that was made a moment ago and has gone again, nothing is known. */
static bool is_local_mount(int mount)
{
    _cleanup_(close_file)
    FILE *file = fopen(mounts, "re");
    _cleanup_(free_string)
    char *line = NULL;
    size_t size = 0;
    while (file && getline(&line, &size, file) >= 0)
        if (strtol(line, NULL, 10) == mount)
            return is_local_line(line);
    return false;
}

struct walk {
    int fd;    /* O_PATH; where we are */
    int mount; /* on which it is, known to be local; -1 at first */
    unsigned int links;
    char rest[PATH_MAX]; /* what is still to be walked */
};

static int restart(struct walk *walk)
{
    close_fd(&walk->fd);
    walk->fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    walk->mount = walk->fd < 0 ? -1 : local_path_mount(walk->fd);
    return walk->fd < 0 ? -errno : 0;
}

static int follow_link(struct walk *walk, int link_fd, const char *rest)
{
    char target[PATH_MAX], path[PATH_MAX];
    ssize_t length = readlinkat(link_fd, "", target, sizeof(target) - 1);
    if (length < 0)
        return -errno;
    target[length] = '\0';
    int needed = snprintf(path, sizeof(path), "%s/%s", target, rest ? rest : "");
    if (needed < 0 || (size_t)needed >= sizeof(path))
        return -ENAMETOOLONG;
    if (++walk->links > LINKS_MAX)
        return -ELOOP;
    memcpy(walk->rest, path, (size_t)needed + 1);
    return target[0] == '/' ? restart(walk) : 0;
}

/* One component. O_PATH asks nothing of the filesystem that it leads to, and mounts nothing. */
static int step(struct walk *walk, const char *name, const char *rest)
{
    _cleanup_(close_fd)
    int next = openat(walk->fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (next < 0)
        return -errno;
    int mount = local_path_mount(next);
    if (mount < 0 || (mount != walk->mount && !is_local_mount(mount)))
        return -EREMOTE;
    struct stat status;
    if (fstat(next, &status) < 0)
        return -errno;
    if (S_ISLNK(status.st_mode))
        return follow_link(walk, next, rest);
    close_fd(&walk->fd);
    walk->fd = TAKE_FD(next);
    walk->mount = mount;
    return 0;
}

static int walk_all(struct walk *walk)
{
    int r = restart(walk);
    while (r == 0 && walk->rest[0]) {
        char path[PATH_MAX], *rest = path;
        memcpy(path, walk->rest, sizeof(path));
        const char *name = strsep(&rest, "/");
        size_t length = rest ? strlen(rest) : 0;
        memcpy(walk->rest, rest ? rest : "", length + 1);
        if (name[0])
            r = step(walk, name, rest);
    }
    return r;
}

int local_path_open(const char *path, int *ret_fd)
{
    struct walk walk = { .fd = -1, .mount = -1 };
    size_t length = strlen(path);
    if (length >= sizeof(walk.rest))
        return -ENAMETOOLONG;
    memcpy(walk.rest, path, length + 1);
    int r = walk_all(&walk);
    if (r == 0) {
        int fd = openat(walk.fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK);
        r = fd < 0 ? -errno : 0;
        if (r == 0)
            *ret_fd = fd;
    }
    close_fd(&walk.fd);
    return r;
}
