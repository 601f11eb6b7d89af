/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/run/process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "src/base/error.h"
#include "src/run/user.h"

/* -------- finding it -------- */

static int look_at(const char *path)
{
    struct stat status;

    if (stat(path, &status) < 0)
        return -errno;
    if (!S_ISREG(status.st_mode) || access(path, X_OK) < 0)
        return -EACCES;
    return 0;
}

/* execvp(3) looks where this does. */
int run_process_find(const char *name)
{
    const char *path = getenv("PATH");
    int r = -ENOENT;

    if (strchr(name, '/'))
        return look_at(name);
    if (!*name)
        return -ENOENT;
    for (path = path ? path : "/bin:/usr/bin";; path++) {
        int length = (int)strcspn(path, ":"), one = -ENOENT;
        char file[PATH_MAX];

        if (snprintf(file, sizeof(file), "%.*s%s%s", length, path, length ? "/" : "", name) <
            (int)sizeof(file))
            one = look_at(file);
        if (one == 0)
            return 0;
        if (one == -EACCES)
            r = one;
        path += length;
        if (!*path)
            return r;
    }
}

/* -------- the process itself -------- */

static struct run_obstacle begin(char *const *argv, const struct run_user *user, int go,
                                 pid_t parent)
{
    int r = run_user_become(user);
    ssize_t length;
    char byte;

    if (r < 0)
        return (struct run_obstacle){ .error = r, .in_becoming = true };
    /* After that: the kernel forgets it when the user changes. */
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(EXIT_STATUS_OURS);
    do {
        length = read(go, &byte, 1);
    } while (length < 0 && errno == EINTR);
    if (length <= 0)
        _exit(EXIT_STATUS_OURS);
    (void)execvp(argv[0], argv);
    return (struct run_obstacle){ .error = -errno };
}

static int make_pipes(int go[2], int report[2])
{
    if (pipe2(go, O_CLOEXEC) < 0)
        return -errno;
    if (pipe2(report, O_CLOEXEC) < 0) {
        int r = -errno;

        (void)close(go[0]);
        (void)close(go[1]);
        return r;
    }
    return 0;
}

int run_process_fork(char *const *argv, const struct run_user *user, int guard_fd,
                     struct run_process *ret_process)
{
    pid_t parent = getpid(), pid;
    int go[2], report[2], r;

    r = make_pipes(go, report);
    if (r < 0)
        return r;
    pid = fork();
    if (pid == 0) {
        (void)close(guard_fd);
        (void)close(go[1]);
        (void)close(report[0]);
        struct run_obstacle obstacle = begin(argv, user, go[0], parent);

        _exit(write(report[1], &obstacle, sizeof(obstacle)) < 0 ? EXIT_STATUS_FAILURE
                                                                : EXIT_STATUS_OURS);
    }
    r = -errno;
    (void)close(go[0]);
    (void)close(report[1]);
    *ret_process = (struct run_process){ .pid = pid, .go = go[1], .report = report[0] };
    if (pid > 0)
        return 0;
    close_fd(&ret_process->go);
    close_fd(&ret_process->report);
    ret_process->pid = 0;
    return r;
}

static void wait_for(struct run_process *process)
{
    while (waitpid(process->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    process->pid = 0;
}

bool run_process_go(struct run_process *process, struct run_obstacle *ret_obstacle)
{
    ssize_t length;

    if (write(process->go, "", 1) < 0)
        close_fd(&process->go); /* it has ended, and said why */
    close_fd(&process->go);
    do {
        length = read(process->report, ret_obstacle, sizeof(*ret_obstacle));
    } while (length < 0 && errno == EINTR);
    close_fd(&process->report);
    if (length != sizeof(*ret_obstacle))
        return true;
    wait_for(process);
    return false;
}

void run_process_clear(struct run_process *process)
{
    if (process->pid <= 0)
        return;
    close_fd(&process->go);
    close_fd(&process->report);
    /* Once we have laid our powers down we cannot; then it ends with us, if the guard has not. */
    if (kill(process->pid, SIGKILL) >= 0)
        wait_for(process);
}

/* -------- how it ended -------- */

int run_status_of_failure(int r)
{
    return r == -ENOENT ? EXIT_STATUS_NOT_FOUND : EXIT_STATUS_NOT_EXECUTABLE;
}

int run_status_of_end(int status, int *ret_signal)
{
    *ret_signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    return *ret_signal ? 128 + *ret_signal : WEXITSTATUS(status);
}

void run_end_by_signal(int number)
{
    const struct rlimit none = { 0 };
    sigset_t set;

    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0); /* a core that goes to a program knows no limit */
    (void)signal(number, SIG_DFL);
    (void)sigemptyset(&set);
    (void)sigaddset(&set, number);
    (void)sigprocmask(SIG_UNBLOCK, &set, NULL);
    (void)raise(number);
}
