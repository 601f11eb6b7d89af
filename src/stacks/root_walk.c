/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/stacks/root_walk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#define DEPTH_MAX 64 /* directories; no program lies deeper */
#define LINKS_MAX 40 /* as in the kernel */

struct walk {
    int root;           /* borrowed */
    int fds[DEPTH_MAX]; /* owned: what has been passed, so that ".." asks nobody */
    size_t depth;
    unsigned int links;
    char rest[2 * PATH_MAX]; /* still to go */
};

static void leave(struct walk *walk, size_t depth)
{
    while (walk->depth > depth)
        close_fd(&walk->fds[--walk->depth]);
}

/* The text of a link takes the place of its name. */
static int follow(struct walk *walk, int link, const char *behind)
{
    char target[PATH_MAX], rest[sizeof(walk->rest)];
    ssize_t length = readlinkat(link, "", target, sizeof(target));
    int whole;

    if (length < 0)
        return -errno;
    if (++walk->links > LINKS_MAX)
        return -ELOOP;
    whole = snprintf(rest, sizeof(rest), "%.*s/%s", (int)length, target, behind);
    if (whole < 0 || (size_t)whole >= sizeof(rest))
        return -ENAMETOOLONG;
    memcpy(walk->rest, rest, (size_t)whole + 1);
    if (length > 0 && target[0] == '/')
        leave(walk, 0);
    return 0;
}

static int enter(struct walk *walk, const char *name, const char *behind)
{
    _cleanup_(close_fd)
    int fd = openat(walk->depth ? walk->fds[walk->depth - 1] : walk->root, name,
                    O_PATH | O_NOFOLLOW | O_CLOEXEC);
    struct stat status;

    if (fd < 0 || fstat(fd, &status) < 0)
        return -errno;
    if (S_ISLNK(status.st_mode))
        return follow(walk, fd, behind);
    if (walk->depth == DEPTH_MAX)
        return -ENAMETOOLONG;
    walk->fds[walk->depth++] = TAKE_FD(fd);
    memmove(walk->rest, behind, strlen(behind) + 1);
    return 0;
}

/* One component of what is left; 0 at the end, 1 when there is more. */
static int step(struct walk *walk)
{
    char name[NAME_MAX + 1];
    const char *start = walk->rest + strspn(walk->rest, "/");
    size_t length = strcspn(start, "/");
    const char *behind = start + length;
    int r;

    if (length == 0)
        return 0;
    if (length > NAME_MAX)
        return -ENAMETOOLONG;
    memcpy(name, start, length);
    name[length] = '\0';
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
        if (length == 2 && walk->depth)
            leave(walk, walk->depth - 1);
        memmove(walk->rest, behind, strlen(behind) + 1);
        return 1;
    }
    r = enter(walk, name, behind);
    return r < 0 ? r : 1;
}

int root_walk(int root, const char *path)
{
    struct walk walk = { .root = root };
    int r = 1, fd;

    if (snprintf(walk.rest, sizeof(walk.rest), "%s", path) >= PATH_MAX)
        return -ENAMETOOLONG;
    while (r > 0)
        r = step(&walk);
    if (r == 0) {
        fd = walk.depth ? TAKE_FD(walk.fds[walk.depth - 1])
                        : openat(root, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
        r = fd < 0 ? -errno : fd;
    }
    leave(&walk, 0);
    return r;
}
