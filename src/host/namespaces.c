/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/host/namespaces.h"

#include <errno.h>
#include <sys/stat.h>

/* Inode numbers of those that the kernel was started with, include/linux/proc_ns.h. */
static const struct {
    const char *path;
    ino_t initial;
} namespaces[] = {
    [NAMESPACE_USER] = { "/proc/self/ns/user", 0xEFFFFFFD },
    [NAMESPACE_PID] = { "/proc/self/ns/pid", 0xEFFFFFFC },
    [NAMESPACE_CGROUP] = { "/proc/self/ns/cgroup", 0xEFFFFFFB },
};

bool namespace_is_hosts(enum host_namespace which)
{
    struct stat status;

    if (stat(namespaces[which].path, &status) < 0)
        return errno == ENOENT;
    return status.st_ino == namespaces[which].initial;
}
