/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/host/sandbox_private.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <seccomp.h>

#define OPEN_WRITABLE (O_ACCMODE | O_CREAT | O_TRUNC)
/* The kernel's name for it: glibc 2.42 asks so whether a file is a terminal. */
#define TERMINAL_ATTRIBUTES 0x802c542a /* TCGETS2 */

/*
 * By name: where an architecture does not have a call, or the library does not know it yet, it is
 * passed over. Old and new ones of a kind: which of them the C library takes depends on its age.
 * What is not here is refused with EPERM, so that what a library tries and does without may stay
 * away, and what it replaces on ENOSYS alone has to be here.
 */
static const char *const calls[] = {
    /* files that are open */
    "read", "pread64", "readv", "write", "writev", "close", "lseek", "getdents", "getdents64",
    /* what is said of files */
    "fstat", "newfstatat", "stat", "lstat", "statx", "fstatfs", "statfs", "readlink", "readlinkat",
    "access", "faccessat", "faccessat2", "getxattr",
    /* waiting */
    "poll", "ppoll", "epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait", "epoll_pwait2",
    "timerfd_create", "timerfd_settime", "eventfd2", "signalfd4", "inotify_init1",
    "inotify_add_watch", "inotify_rm_watch", "pidfd_open", "nanosleep", "clock_nanosleep",
    /* sockets, which are of the one family that may be made */
    "connect", "sendto", "sendmsg", "recvfrom", "getsockopt", "setsockopt", "getsockname",
    "shutdown",
    /* memory */
    "brk", "munmap", "mremap", "madvise", "futex", "rseq", "set_robust_list",
    /* time and chance */
    "clock_gettime", "clock_getres", "gettimeofday", "time", "getrandom",
    /* who and where we are */
    "getpid", "gettid", "getppid", "getuid", "geteuid", "getgid", "getegid", "uname", "sysinfo",
    "sched_getaffinity", "sched_yield", "getcpu",
    /* signals, and the end */
    "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigpending", "sigaltstack",
    "restart_syscall", "exit", "exit_group"
};

static const char *const calls_of_journal[] = { "memfd_create" };
static const char *const calls_of_children[] = { "wait4", "waitid" };
static const char *const calls_of_helpers[] = { "recvmsg" };

#ifdef __SANITIZE_ADDRESS__
/* The leak checker stops the process at its end and looks at it from a clone. */
static const char *const calls_of_sanitizer[] = { "clone", "wait4",           "ptrace", "prctl",
                                                  "kill",  "tgkill",          "pipe",   "pipe2",
                                                  "dup",   "process_vm_readv" };
#endif

/* Calls that do no harm when an argument, under a mask, has a value. */
static const struct limited_call {
    const char *name;
    struct scmp_arg_cmp argument;
} limited_calls[] = {
    { "open", { 1, SCMP_CMP_MASKED_EQ, OPEN_WRITABLE, O_RDONLY } },
    { "openat", { 2, SCMP_CMP_MASKED_EQ, OPEN_WRITABLE, O_RDONLY } },
    { "open_by_handle_at", { 2, SCMP_CMP_MASKED_EQ, OPEN_WRITABLE, O_RDONLY } },
    { "mmap", { 2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0 } },
    { "mprotect", { 2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0 } },
    { "socket", { 0, SCMP_CMP_EQ, AF_UNIX, 0 } },
    { "fcntl", { 1, SCMP_CMP_EQ, F_DUPFD_CLOEXEC, 0 } },
    { "fcntl", { 1, SCMP_CMP_EQ, F_GETFD, 0 } },
    { "fcntl", { 1, SCMP_CMP_EQ, F_SETFD, 0 } },
    { "fcntl", { 1, SCMP_CMP_EQ, F_GETFL, 0 } },
    { "fcntl", { 1, SCMP_CMP_EQ, F_SETFL, 0 } },
    { "ioctl", { 1, SCMP_CMP_EQ, TIOCGWINSZ, 0 } },
    { "ioctl", { 1, SCMP_CMP_EQ, TCGETS, 0 } },
    { "ioctl", { 1, SCMP_CMP_EQ, TERMINAL_ATTRIBUTES, 0 } },
    { "ioctl", { 1, SCMP_CMP_EQ, PERF_EVENT_IOC_DISABLE, 0 } }, /* libbpf, when it detaches */
    { "bpf", { 0, SCMP_CMP_EQ, BPF_OBJ_GET_INFO_BY_FD, 0 } },   /* how often it was not entered */
    { "prlimit64", { 2, SCMP_CMP_EQ, 0, 0 } },                  /* asks only */
    { "kill", { 1, SCMP_CMP_EQ, 0, 0 } },                       /* is it there? */
};

static const struct limited_call limited_of_journal = { "fcntl",
                                                        { 1, SCMP_CMP_EQ, F_ADD_SEALS, 0 } };

static int allow(scmp_filter_ctx filter, const char *name, const struct scmp_arg_cmp *argument)
{
    int call = seccomp_syscall_resolve_name(name);

    if (call < 0)
        return 0;
    return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, argument ? 1 : 0, argument);
}

static int allow_all(scmp_filter_ctx filter, const char *const *names, size_t count)
{
    int r = 0;

    for (size_t i = 0; r >= 0 && i < count; i++)
        r = allow(filter, names[i], NULL);
    return r;
}

/* raise(3) ends us as a signal has ended a COMMAND. */
static int allow_to_end(scmp_filter_ctx filter)
{
    const struct scmp_arg_cmp self = { 0, SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0 };

    return allow(filter, "tgkill", &self);
}

#define ALLOW_ALL(filter, names) allow_all(filter, names, ARRAY_SIZE(names))

static int allow_for_mode(scmp_filter_ctx filter, const struct sandbox_options *options)
{
    int r = 0;

    if (options->journal)
        r = ALLOW_ALL(filter, calls_of_journal);
    if (r >= 0 && options->journal)
        r = allow(filter, limited_of_journal.name, &limited_of_journal.argument);
    if (r >= 0 && (options->helpers || options->command))
        r = ALLOW_ALL(filter, calls_of_children);
    if (r >= 0 && options->helpers)
        r = ALLOW_ALL(filter, calls_of_helpers);
#ifdef __SANITIZE_ADDRESS__
    if (r >= 0)
        r = ALLOW_ALL(filter, calls_of_sanitizer);
#endif
    return r;
}

int sandbox_allow_calls(const struct sandbox_options *options)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    int r = filter ? ALLOW_ALL(filter, calls) : -ENOMEM;

    for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(limited_calls); i++)
        r = allow(filter, limited_calls[i].name, &limited_calls[i].argument);
    if (r >= 0)
        r = allow_to_end(filter);
    if (r >= 0)
        r = allow_for_mode(filter, options);
    if (r >= 0) /* as a tree: by the number of the call, not one comparison after the other */
        r = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    if (r >= 0)
        r = seccomp_load(filter);
    seccomp_release(filter);
    return r;
}
