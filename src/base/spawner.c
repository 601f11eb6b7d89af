/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/base/spawner.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "src/base/pass_file.h"

/* The one descriptor that a spawner and a helper have besides 0, 1 and 2. */
#define OWN_SOCKET (STDERR_FILENO + 1)

/* A killed helper ends at once, as a rule. */
#define END_MSEC 20

enum deed { SPAWNER_START, SPAWNER_KILL, SPAWNER_HAS_ENDED };

struct wish {
    enum deed deed;
    pid_t helper; /* which one; not of SPAWNER_START */
};

/* -------- both ends -------- */

/* `passed` -1: no descriptor goes with it. */
static void answer(int fd, int result, int passed)
{
    (void)pass_file(fd, &result, sizeof(result), passed, 0);
}

static int hear(int fd, int *ret_passed)
{
    int result = 0;
    ssize_t length = take_file(fd, &result, sizeof(result), ret_passed);

    if (length != sizeof(result))
        return length < 0 ? (int)length : -EPIPE;
    return result;
}

/* -------- the spawner -------- */

/* It has nothing of ours but its socket, and what it says if it fails. */
static bool leave_all_but(int socket)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    sigset_t all;

    (void)sigfillset(&all); /* Ctrl-C is the tracer's; it closes the socket when it is done */
    (void)sigprocmask(SIG_BLOCK, &all, NULL);
    if (dup3(null, STDIN_FILENO, O_CLOEXEC) < 0 || dup3(null, STDOUT_FILENO, O_CLOEXEC) < 0)
        return false;
    if (socket != OWN_SOCKET && dup3(socket, OWN_SOCKET, O_CLOEXEC) < 0)
        return false;
    (void)close_range(OWN_SOCKET + 1, ~0U, 0);
    return true;
}

static void start(const struct helper_kind *kind)
{
    int sockets[2];
    pid_t pid;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) < 0) {
        answer(OWN_SOCKET, -errno, -1);
        return;
    }
    pid = fork();
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
        if (dup3(sockets[1], OWN_SOCKET, O_CLOEXEC) < 0)
            _exit(EXIT_FAILURE);
        (void)close_range(OWN_SOCKET + 1, ~0U, 0);
        kind->serve(OWN_SOCKET);
        _exit(EXIT_SUCCESS);
    }
    answer(OWN_SOCKET, pid < 0 ? -errno : pid, pid < 0 ? -1 : sockets[0]);
    (void)close(sockets[0]);
    (void)close(sockets[1]);
}

/* A number that is no child's is not looked at. */
static bool is_child(pid_t pid)
{
    siginfo_t info;

    return pid > 0 && waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

static _Noreturn void spawn(const struct helper_kind *kind)
{
    struct wish wish;

    (void)prctl(PR_SET_NAME, "lg-spawner", 0, 0, 0);
    if (kind->lay_down() < 0)
        _exit(EXIT_FAILURE);
    answer(OWN_SOCKET, 0, -1);
    while (recv(OWN_SOCKET, &wish, sizeof(wish), 0) == (ssize_t)sizeof(wish)) {
        if (wish.deed == SPAWNER_START)
            start(kind);
        else if (wish.deed == SPAWNER_KILL)
            answer(OWN_SOCKET, is_child(wish.helper) ? kill(wish.helper, SIGKILL) : 0, -1);
        else
            answer(OWN_SOCKET, wish.helper <= 0 || waitpid(wish.helper, NULL, WNOHANG) != 0, -1);
    }
    _exit(EXIT_SUCCESS);
}

/* -------- its caller -------- */

int spawner_begin(const struct helper_kind *kind, struct spawner *ret_spawner)
{
    struct spawner spawner = SPAWNER_NONE;
    int sockets[2], none = -1, r;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) < 0)
        return -errno;
    spawner.pid = fork();
    if (spawner.pid == 0)
        leave_all_but(sockets[1]) ? spawn(kind) : _exit(EXIT_FAILURE);
    r = -errno;
    (void)close(sockets[1]);
    spawner.fd = sockets[0];
    if (spawner.pid > 0)
        r = hear(spawner.fd, &none);
    if (r < 0) {
        spawner_end(&spawner);
        return r;
    }
    *ret_spawner = spawner;
    return 0;
}

void spawner_end(struct spawner *spawner)
{
    close_fd(&spawner->fd);
    while (spawner->pid > 0 && waitpid(spawner->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    spawner->pid = 0;
}

static int ask(const struct spawner *spawner, enum deed deed, pid_t helper, int *ret_passed)
{
    const struct wish wish = { .deed = deed, .helper = helper };

    if (send(spawner->fd, &wish, sizeof(wish), MSG_NOSIGNAL) < 0)
        return -errno;
    return hear(spawner->fd, ret_passed);
}

int spawner_start(const struct spawner *spawner, pid_t *ret_helper, int *ret_socket)
{
    int socket = -1, r = ask(spawner, SPAWNER_START, 0, &socket);

    if (r < 0)
        return r;
    if (socket < 0)
        return -EPROTO;
    *ret_helper = r;
    *ret_socket = socket;
    return 0;
}

/* Without a spawner there is no helper either: they end with it. */
bool spawner_has_ended(const struct spawner *spawner, pid_t helper)
{
    int none = -1;

    return ask(spawner, SPAWNER_HAS_ENDED, helper, &none) != 0;
}

bool spawner_kill(const struct spawner *spawner, pid_t helper)
{
    int none = -1;
    bool ended;

    (void)ask(spawner, SPAWNER_KILL, helper, &none);
    for (int i = 0; !(ended = spawner_has_ended(spawner, helper)) && i < END_MSEC; i++)
        (void)poll(NULL, 0, 1);
    return ended;
}
