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
#include "tests/unit/child.h"

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

UNUSED static int writes(void)
{
    return result(syscall(SYS_write, opened, "x", 1));
}

static int writes_there(void)
{
    return result(pwrite(opened, "x", 1, 0));
}

UNUSED static int writes_parts(void)
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

UNUSED static int changes_flags(void)
{
    return result(fcntl(opened, F_SETFL, O_APPEND));
}

static int gets_signals(void)
{
    return result(fcntl(answers[0], F_SETOWN, getpid()));
}

UNUSED static int makes_memory_file(void)
{
    return result(memfd_create("x", 0));
}

static int runs_a_program(void)
{
    char *const words[] = { (char[]){ "true" }, NULL };

    execv("/bin/true", words);
    return errno;
}

UNUSED static int makes_a_process(void)
{
    pid_t child = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);

    if (child == 0)
        _exit(0);
    return result(child);
}

UNUSED static int traces(void)
{
    return result(ptrace(PTRACE_SEIZE, victim, NULL, NULL));
}

static int writes_memory_of_another(void)
{
    struct iovec here = { .iov_base = page, .iov_len = 1 }, there = here;

    return result(process_vm_writev(victim, &here, 1, &there, 1, 0));
}

UNUSED static int signals_itself(void)
{
    return result(kill(getpid(), 0));
}

UNUSED static int makes_a_socket(void)
{
    return result(socket(AF_UNIX, SOCK_DGRAM, 0));
}

UNUSED static int connects(void)
{
    return result(connect(unconnected, (const struct sockaddr *)&address, sizeof(address)));
}

UNUSED static int sends_elsewhere(void)
{
    return result(send(others[0], "x", 1, 0));
}

/* Refused by the kernel too, as the socket is connected: but not before it has looked. */
UNUSED static int sends_a_descriptor(void)
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

UNUSED static int lifts_its_bounds(void)
{
    struct rlimit limit;

    return result(getrlimit(RLIMIT_AS, &limit));
}

static int controls_a_device(void)
{
    int size;

    return result(syscall(SYS_ioctl, answers[0], 0x541b /* FIONREAD */, &size));
}

UNUSED static int has_a_name(void)
{
    return result(prctl(PR_SET_NAME, "x", 0, 0, 0));
}

/* Of initialisers in macros each version of clang-format thinks otherwise. */
/* clang-format off */
#define DEED(function) { #function, function }
/* What nobody does who only reads. */
#define DEEDS_OF_NO_READER                                                                        \
    DEED(openat2_creates), DEED(openat2_reads), DEED(open_for_writing), DEED(open_for_both),      \
        DEED(open_creates), DEED(open_empties), DEED(open_without_a_name), DEED(open_again),      \
        DEED(open_memory_of_another), DEED(writes_there), DEED(cuts), DEED(cuts_by_name),         \
        DEED(makes_directory), DEED(makes_link), DEED(makes_pipe), DEED(renames), DEED(removes),  \
        DEED(changes_mode), DEED(changes_time), DEED(locks), DEED(gets_signals),                  \
        DEED(runs_a_program), DEED(writes_memory_of_another), DEED(maps_code), DEED(makes_code),  \
        DEED(controls_a_device)
/* clang-format on */
struct deed {
    const char *name;
    int (*act)(void);
};

/* -------- the stage -------- */

/* Where no security module knows of that call anybody may trace it anyway. */
static bool be_victim(UNUSED const void *how)
{
    (void)prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
    return true;
}

static void write_file(void)
{
    int fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);

    assert_true(fd >= 0);
    assert_int_equal(fchmod(fd, 0666), 0);
    assert_int_equal(write(fd, "text", 4), 4);
    (void)close(fd);
    (void)remove(other);
}

static int set_up(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(directory));
    assert_int_equal(chmod(directory, 0777), 0); /* nothing but the filter says no */
    (void)snprintf(file, sizeof(file), "%s/file", directory);
    (void)snprintf(other, sizeof(other), "%s/other", directory);
    write_file();
    opened = open(file, O_RDWR | O_CLOEXEC);
    (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket", directory);
    listening = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listening, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(chmod(address.sun_path, 0666), 0);
    unconnected = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, answers), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, others), 0);
    page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(page, MAP_FAILED);
    victim = child_start(be_victim, NULL);
    (void)snprintf(victim_file, sizeof(victim_file), "/proc/%d/mem", victim);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    child_end(victim);
    (void)remove(file);
    (void)remove(other);
    (void)remove(address.sun_path);
    return rmdir(directory);
}

/* -------- in a process of its own -------- */

#define CANNOT_CONFINE 255

/* What came of it there: 0 or an errno. */
static int outcome(pid_t child)
{
    int status;

    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static bool can_seccomp(void)
{
    return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0;
}

/* "Name:\tvalue" of /proc/self/status, as long as it is there with this value. */
static bool has_status(const char *line)
{
    static char text[8192];
    int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    ssize_t length = read(fd, text, sizeof(text) - 1);

    (void)close(fd);
    text[MAX(length, 0)] = '\0';
    return strstr(text, line);
}
