/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/run/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "src/host/powers.h"

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

/* -------- the guard -------- */

enum deed { GUARD_SIGNAL, GUARD_KILL, GUARD_ABANDON, GUARD_REMOVE };

struct wish {
    enum deed deed;
    int number; /* of GUARD_SIGNAL */
    pid_t pid;  /* likewise; 0: all */
};

/* KILL: processes of other users. DAC_OVERRIDE: cgroups that were given to other users.
 * SYS_PTRACE: where /proc hides what others' processes are. */
#define KEPT (POWER(CAP_KILL) | POWER(CAP_DAC_OVERRIDE) | POWER(CAP_SYS_PTRACE))

static uint64_t fulfil(struct run_cgroup *cgroup, const struct wish *wish)
{
    switch (wish->deed) {
    case GUARD_SIGNAL:
        return wish->pid ? run_cgroup_signal_one(cgroup, wish->pid, wish->number) >= 0
                         : run_cgroup_signal(cgroup, wish->number);
    case GUARD_KILL:
        run_cgroup_kill(cgroup);
        return 1;
    case GUARD_ABANDON:
        return run_cgroup_abandon(cgroup);
    case GUARD_REMOVE:
        return run_cgroup_remove(cgroup);
    }
    return 0;
}

/* Until there is nothing left to guard, or nobody who wishes. */
static void serve(struct run_cgroup *cgroup, int fd)
{
    struct wish wish;
    ssize_t length;

    while (cgroup->path) {
        uint64_t result;

        length = recv(fd, &wish, sizeof(wish), 0);
        if (length < 0 && errno == EINTR)
            continue;
        if (length != sizeof(wish))
            return;
        result = fulfil(cgroup, &wish);
        (void)send(fd, &result, sizeof(result), MSG_NOSIGNAL);
    }
}

static void guard(struct run_cgroup *cgroup, int fd) __attribute__((noreturn));
static void guard(struct run_cgroup *cgroup, int fd)
{
    /* What ends us need not end it. */
    (void)setsid();
    (void)signal(SIGTERM, SIG_IGN);
    (void)signal(SIGHUP, SIG_IGN);
    (void)signal(SIGINT, SIG_IGN);
    powers_empty_bounding_set();
    if (chdir("/") < 0 || powers_keep(KEPT) < 0)
        _exit(EXIT_FAILURE);
    close_all_but(fd, cgroup->tree->fd);
    serve(cgroup, fd);
    if (cgroup->path) {
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

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
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

/* -------- its caller -------- */

static uint64_t ask(const struct run_guard *guard, const struct wish *wish)
{
    uint64_t result = 0;
    ssize_t length;

    if (guard->pid <= 0 || send(guard->fd, wish, sizeof(*wish), MSG_NOSIGNAL) < 0)
        return 0;
    do {
        length = recv(guard->fd, &result, sizeof(result), 0);
    } while (length < 0 && errno == EINTR);
    return length == sizeof(result) ? result : 0;
}

void run_guard_signal(const struct run_guard *guard, pid_t pid, int number)
{
    (void)ask(guard, &(struct wish){ .deed = GUARD_SIGNAL, .pid = pid, .number = number });
}

void run_guard_kill(const struct run_guard *guard)
{
    (void)ask(guard, &(struct wish){ .deed = GUARD_KILL });
}

size_t run_guard_abandon(const struct run_guard *guard)
{
    return ask(guard, &(struct wish){ .deed = GUARD_ABANDON });
}

bool run_guard_remove(struct run_guard *guard)
{
    if (!ask(guard, &(struct wish){ .deed = GUARD_REMOVE }))
        return false;
    while (waitpid(guard->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    run_guard_clear(guard);
    return true;
}

void run_guard_clear(struct run_guard *guard)
{
    close_fd(&guard->fd);
    guard->pid = 0;
}
