/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/run/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* It has nothing of ours open but what it needs, so that no reader waits for it. */
static void close_all_but(int one, int other)
{
    unsigned int low = (unsigned int)MIN(one, other), high = (unsigned int)MAX(one, other);
    long limit = sysconf(_SC_OPEN_MAX);

    if (syscall(SYS_close_range, high + 1, ~0U, 0) < 0) { /* before Linux 5.9 */
        for (int fd = (int)high + 1; fd < (int)limit; fd++)
            (void)close(fd);
    }
    for (unsigned int fd = 0; fd < high; fd++) {
        if (fd != low)
            (void)close((int)fd);
    }
}

static void guard(struct run_cgroup *cgroup, int fd) __attribute__((noreturn));
static void guard(struct run_cgroup *cgroup, int fd)
{
    ssize_t length;
    char byte;

    /* What ends us need not end it. */
    (void)setsid();
    (void)signal(SIGTERM, SIG_IGN);
    (void)signal(SIGHUP, SIG_IGN);
    (void)signal(SIGINT, SIG_IGN);
    if (chdir("/") < 0)
        _exit(EXIT_FAILURE);
    close_all_but(fd, cgroup->tree->fd);
    do {
        length = read(fd, &byte, 1);
    } while (length < 0 && errno == EINTR);
    if (length == 0) {
        run_cgroup_kill(cgroup);
        (void)run_cgroup_remove(cgroup);
    }
    _exit(EXIT_SUCCESS);
}

int run_guard_start(const struct run_cgroup *cgroup, struct run_guard *ret_guard)
{
    struct run_cgroup copy = *cgroup;
    int fds[2];
    pid_t pid;

    if (pipe2(fds, O_CLOEXEC) < 0)
        return -errno;
    pid = fork();
    if (pid == 0) {
        (void)close(fds[1]);
        guard(&copy, fds[0]);
    }
    (void)close(fds[0]);
    if (pid < 0) {
        int r = -errno;

        (void)close(fds[1]);
        return r;
    }
    *ret_guard = (struct run_guard){ .pid = pid, .fd = fds[1] };
    return 0;
}

void run_guard_dismiss(struct run_guard *guard)
{
    if (guard->pid <= 0)
        return;
    if (write(guard->fd, "", 1) < 0)
        (void)kill(guard->pid, SIGKILL); /* it is about to find nothing */
    close_fd(&guard->fd);
    while (waitpid(guard->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    guard->pid = 0;
}
