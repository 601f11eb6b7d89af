/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtimes/files/users.h"

#include <errno.h>
#include <limits.h>
#include <sys/stat.h>

#include "runtimes/files/local_path.h"

static int compare_uids(const void *a, const void *b)
{
    uid_t left = *(const uid_t *)a, right = *(const uid_t *)b;
    return (left > right) - (left < right);
}

/* A directory named after its owner; logind makes them, as root. */
static bool is_run_directory(const char *parent, const char *name, uid_t *ret_uid)
{
    char *end;
    errno = 0;
    unsigned long uid = strtoul(name, &end, 10);
    if (name[0] < '1' || name[0] > '9' || *end || errno || uid > (uid_t)-2)
        return false;
    char path[PATH_MAX];
    _cleanup_(close_fd)
    int fd = -1;
    struct stat status;
    (void)snprintf(path, sizeof(path), "%s/%s", parent, name);
    if (local_path_open(path, &fd) < 0 || fstat(fd, &status) < 0)
        return false;
    *ret_uid = (uid_t)uid;
    return status.st_uid == (uid_t)uid;
}

size_t users_list(const char *host_root, uid_t *uids, size_t max)
{
    _cleanup_(free_string)
    char *path = NULL;
    if (asprintf(&path, "%s/run/user", host_root) < 0)
        return 0;
    _cleanup_(close_directory)
    DIR *directory = opendir(path);
    if (!directory)
        return 0;
    size_t count = 0;
    const struct dirent *entry;
    while (count < max && (entry = readdir(directory)))
        if (is_run_directory(path, entry->d_name, &uids[count]))
            count++;
    qsort(uids, count, sizeof(*uids), compare_uids);
    return count;
}

/* name:password:uid:gid:comment:home:shell, of any length: fgetpwent_r(3) stays for ever before a
 * line that is longer than its buffer. NULL: another's line. */
static const char *home_in_line(char *line, uid_t uid)
{
    char *fields[7], *rest = line;
    line[strcspn(line, "\n")] = '\0';
    for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
        if (!(fields[i] = strsep(&rest, ":")))
            return NULL;
    char *end;
    errno = 0;
    unsigned long number = strtoul(fields[2], &end, 10);
    bool good = fields[2][0] >= '0' && fields[2][0] <= '9' && !*end && !errno;
    return good && number == uid && fields[0][0] != '#' ? fields[5] : NULL;
}

static int passwd_home(const char *host_root, uid_t uid, char **ret_home)
{
    _cleanup_(free_string)
    char *path = NULL;
    if (asprintf(&path, "%s/etc/passwd", host_root) < 0)
        return -ENOMEM;
    _cleanup_(close_file)
    FILE *file = fopen(path, "re");
    if (!file)
        return -errno;
    _cleanup_(free_string)
    char *line = NULL;
    size_t size = 0;
    while (getline(&line, &size, file) >= 0) {
        const char *home = home_in_line(line, uid);
        if (!home)
            continue;
        if (home[0] != '/')
            return -ENOENT;
        return asprintf(ret_home, "%s%s", host_root, home) < 0 ? -ENOMEM : 0;
    }
    return -ENOENT;
}

/* The NAME= line of logind's note about a user; root's file. */
static int logind_home(const char *host_root, uid_t uid, char **ret_home)
{
    _cleanup_(free_string)
    char *path = NULL;
    if (asprintf(&path, "%s/run/systemd/users/%u", host_root, uid) < 0)
        return -ENOMEM;
    _cleanup_(close_file)
    FILE *file = fopen(path, "re");
    if (!file)
        return -errno;
    char line[512];
    while (fgets(line, sizeof(line), file)) {
        if (strncmp(line, "NAME=", 5) != 0)
            continue;
        line[strcspn(line, "\n")] = '\0';
        const char *name = line + 5;
        if (name[0] == '\0' || name[0] == '.' || strchr(name, '/'))
            return -ENOENT;
        return asprintf(ret_home, "%s/home/%s", host_root, name) < 0 ? -ENOMEM : 0;
    }
    return -ENOENT;
}

int users_home(const char *host_root, uid_t uid, char **ret_home)
{
    char *home = NULL;
    int r = passwd_home(host_root, uid, &home);
    if (r == -ENOENT)
        r = logind_home(host_root, uid, &home);
    if (r < 0)
        return r;
    *ret_home = home;
    return 0;
}
