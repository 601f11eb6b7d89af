/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtimes/files/process.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>

bool process_alive(pid_t pid)
{
    return pid > 0 && (kill(pid, 0) == 0 || errno == EPERM);
}

/* Reads the beginning of /proc/PID/FILE as text. */
static int read_proc(pid_t pid, const char *file, char *buffer, size_t size)
{
    char path[64];
    (void)snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
    _cleanup_(close_fd)
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    ssize_t n = read(fd, buffer, size - 1);
    if (n < 0)
        return -errno;
    buffer[n] = '\0';
    return 0;
}

int process_start_time(pid_t pid, uint64_t *ret_ticks)
{
    char text[1024];
    int r = pid > 0 ? read_proc(pid, "stat", text, sizeof(text)) : -EINVAL;
    if (r < 0)
        return r;
    /* The command, field 2, is in parentheses and may hold anything, also parentheses. */
    const char *rest = strrchr(text, ')');
    for (int field = 3; rest && field <= 22; field++)
        rest = strchr(rest + 1, ' ');
    if (!rest || sscanf(rest, " %" SCNu64, ret_ticks) != 1)
        return -EBADMSG;
    return 0;
}

bool process_still(pid_t pid, uint64_t start_ticks)
{
    uint64_t ticks;
    return process_alive(pid) &&
           (!start_ticks || (process_start_time(pid, &ticks) == 0 && ticks == start_ticks));
}

bool process_in_container(pid_t pid, const char *id)
{
    char text[8192];
    return pid > 0 && read_proc(pid, "cgroup", text, sizeof(text)) == 0 && strstr(text, id);
}
