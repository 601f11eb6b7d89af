/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Deeds that a process confined to reading must not be able to do, and the stage they are tried on.
 * One test program includes it once.
 */
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "src/base/macros.h"

static char directory[] = "/tmp/lg-confine.XXXXXX";
static char file[64], other[64], victim_file[64];
static int opened = -1;      /* `file`, for reading and writing */
static int answers[2];       /* the socket of the answers, and who reads them */
static int others[2];        /* another one */
static int unconnected = -1; /* not yet with `address` */
static struct sockaddr_un address = { .sun_family = AF_UNIX };
static int listening = -1;
static pid_t victim;
static void *page; /* of memory */

/* -------- deeds: 0 or an errno -------- */

static int result(long r)
{
    return r < 0 ? errno : 0;
}

static int openat2_creates(void)
{
    struct open_how how = { .flags = O_RDWR | O_CREAT, .mode = 0600 };

    return result(syscall(SYS_openat2, AT_FDCWD, other, &how, sizeof(how)));
}

static int openat2_reads(void)
{
    struct open_how how = { .flags = O_RDONLY };

    return result(syscall(SYS_openat2, AT_FDCWD, file, &how, sizeof(how)));
}

static int open_for_writing(void)
{
    return result(open(file, O_WRONLY));
}

static int open_for_both(void)
{
    return result(open(file, O_RDWR));
}

static int open_creates(void)
{
    return result(open(other, O_RDONLY | O_CREAT, 0600));
}

static int open_empties(void)
{
    return result(open(file, O_RDONLY | O_TRUNC));
}

static int open_without_a_name(void)
{
    return result(open(directory, O_TMPFILE | O_RDWR, 0600));
}

/* What is open for reading is opened anew for writing. */
static int open_again(void)
{
    char link[64];
    int fd = open(file, O_RDONLY);

    (void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    return result(open(link, O_WRONLY));
}

static int open_memory_of_another(void)
{
    return result(open(victim_file, O_RDWR));
}

static int writes(void)
{
    return result(syscall(SYS_write, opened, "x", 1));
}

static int writes_there(void)
{
    return result(pwrite(opened, "x", 1, 0));
}

static int writes_parts(void)
{
    struct iovec part = { .iov_base = page, .iov_len = 1 };

    return result(writev(opened, &part, 1));
}

static int cuts(void)
{
    return result(ftruncate(opened, 1));
}

static int cuts_by_name(void)
{
    return result(truncate(file, 1));
}

static int makes_directory(void)
{
    return result(mkdirat(AT_FDCWD, other, 0700));
}

static int makes_link(void)
{
    return result(symlinkat("x", AT_FDCWD, other));
}

static int makes_pipe(void)
{
    return result(mknodat(AT_FDCWD, other, S_IFIFO | 0600, 0));
}

static int renames(void)
{
    return result(renameat(AT_FDCWD, file, AT_FDCWD, other));
}

static int removes(void)
{
    return result(unlinkat(AT_FDCWD, file, 0));
}

static int changes_mode(void)
{
    return result(fchmod(opened, 0666));
}

static int changes_time(void)
{
    return result(futimens(opened, NULL));
}

static int locks(void)
{
    struct flock lock = { .l_type = F_WRLCK };

    return result(fcntl(opened, F_SETLK, &lock));
}

static int changes_flags(void)
{
    return result(fcntl(opened, F_SETFL, O_APPEND));
}

static int gets_signals(void)
{
    return result(fcntl(answers[0], F_SETOWN, getpid()));
}

static int makes_memory_file(void)
{
    return result(memfd_create("x", 0));
}

static int runs_a_program(void)
{
    char *const words[] = { (char[]){ "true" }, NULL };

    execv("/bin/true", words);
    return errno;
}

static int makes_a_process(void)
{
    pid_t child = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);

    if (child == 0)
        _exit(0);
    return result(child);
}

static int traces(void)
{
    return result(ptrace(PTRACE_SEIZE, victim, NULL, NULL));
}

static int writes_memory_of_another(void)
{
    struct iovec here = { .iov_base = page, .iov_len = 1 }, there = here;

    return result(process_vm_writev(victim, &here, 1, &there, 1, 0));
}

static int signals_itself(void)
{
    return result(kill(getpid(), 0));
}

static int makes_a_socket(void)
{
    return result(socket(AF_UNIX, SOCK_DGRAM, 0));
}

static int connects(void)
{
    return result(connect(unconnected, (const struct sockaddr *)&address, sizeof(address)));
}

static int sends_elsewhere(void)
{
    return result(send(others[0], "x", 1, 0));
}

/* Refused by the kernel too, as the socket is connected: but not before it has looked. */
static int sends_a_descriptor(void)
{
    union {
        char space[CMSG_SPACE(sizeof(int))];
        struct cmsghdr header;
    } control = { .header = { CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS } };
    struct iovec part = { .iov_base = page, .iov_len = 1 };
    struct msghdr message = {
        .msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = &control,
        .msg_controllen = sizeof(control),
    };

    memcpy(CMSG_DATA(&control.header), &opened, sizeof(opened));
    return result(sendmsg(answers[0], &message, 0));
}

static int maps_code(void)
{
    void *code = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return code == MAP_FAILED ? errno : 0;
}

static int makes_code(void)
{
    return result(mprotect(page, 4096, PROT_READ | PROT_EXEC));
}

static int lifts_its_bounds(void)
{
    struct rlimit limit;

    return result(getrlimit(RLIMIT_AS, &limit));
}

static int controls_a_device(void)
{
    int size;

    return result(syscall(SYS_ioctl, answers[0], 0x541b /* FIONREAD */, &size));
}

static int has_a_name(void)
{
    return result(prctl(PR_SET_NAME, "x", 0, 0, 0));
}

/* Of initialisers in macros each version of clang-format thinks otherwise. */
/* clang-format off */
#define DEED(function) { #function, function }
/* clang-format on */
static const struct deed {
    const char *name;
    int (*act)(void);
} refused[] = {
    DEED(openat2_creates),
    DEED(openat2_reads),
    DEED(open_for_writing),
    DEED(open_for_both),
    DEED(open_creates),
    DEED(open_empties),
    DEED(open_without_a_name),
    DEED(open_again),
    DEED(open_memory_of_another),
#ifndef __SANITIZE_ADDRESS__
    DEED(writes),
#endif
    DEED(writes_there),
    DEED(writes_parts),
    DEED(cuts),
    DEED(cuts_by_name),
    DEED(makes_directory),
    DEED(makes_link),
    DEED(makes_pipe),
    DEED(renames),
    DEED(removes),
    DEED(changes_mode),
    DEED(changes_time),
    DEED(locks),
    DEED(changes_flags),
    DEED(gets_signals),
    DEED(makes_memory_file),
    DEED(runs_a_program),
    DEED(makes_a_process),
    DEED(traces),
    DEED(writes_memory_of_another),
    DEED(signals_itself),
    DEED(makes_a_socket),
    DEED(connects),
    DEED(sends_elsewhere),
    DEED(sends_a_descriptor),
    DEED(maps_code),
    DEED(makes_code),
    DEED(lifts_its_bounds),
    DEED(controls_a_device),
    DEED(has_a_name),
};
