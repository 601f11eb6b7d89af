/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/stacks/symbolizer_private.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <seccomp.h>
#include <sys/capability.h>

#define SIZE_PATH     "/proc/self/statm"
#define NOBODY        65534
#define MEMORY_MAX    (UINT64_C(1) << 30) /* beyond what the process has when it starts */
#define OPEN_FILES    4096
#define OPEN_WRITABLE (O_ACCMODE | O_CREAT | O_TRUNC)

/* PTRACE: maps and roots of other users' processes. CHECKPOINT_RESTORE (Linux 5.9): the very files
 * that are mapped. DAC_READ_SEARCH: files that only their owner may read. */
static const cap_value_t kept[] = { CAP_SYS_PTRACE, CAP_CHECKPOINT_RESTORE, CAP_DAC_READ_SEARCH };

static const int calls[] = {
    SCMP_SYS(read),         SCMP_SYS(pread64),         SCMP_SYS(readlink),
    SCMP_SYS(readlinkat),   SCMP_SYS(recvfrom),        SCMP_SYS(close),
    SCMP_SYS(fstat),        SCMP_SYS(newfstatat),      SCMP_SYS(lseek),
    SCMP_SYS(munmap),       SCMP_SYS(mremap),          SCMP_SYS(madvise),
    SCMP_SYS(brk),          SCMP_SYS(futex),           SCMP_SYS(getrandom),
    SCMP_SYS(getpid),       SCMP_SYS(gettid),          SCMP_SYS(sched_yield),
    SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask),  SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigaltstack),  SCMP_SYS(restart_syscall), SCMP_SYS(exit_group),
#ifdef __SANITIZE_ADDRESS__ /* it has to be able to say what it has found */
    SCMP_SYS(write),
#endif
};

/* Calls that only read when an argument, under a mask, has a value. A filter sees no memory: what
 * openat2 is asked to do lies there, so that it is not among them. */
static const struct limited_call {
    int call;
    struct scmp_arg_cmp argument;
} limited_calls[] = {
    { SCMP_SYS(openat), { 2, SCMP_CMP_MASKED_EQ, OPEN_WRITABLE, O_RDONLY } },
    { SCMP_SYS(mmap), { 2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0 } },
    { SCMP_SYS(mprotect), { 2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0 } },
    { SCMP_SYS(fcntl), { 1, SCMP_CMP_EQ, F_DUPFD_CLOEXEC, 0 } },
    { SCMP_SYS(fcntl), { 1, SCMP_CMP_EQ, F_GETFD, 0 } },
    { SCMP_SYS(fcntl), { 1, SCMP_CMP_EQ, F_GETFL, 0 } },
};

static void free_capabilities(cap_t *capabilities)
{
    if (*capabilities)
        (void)cap_free(*capabilities);
}

static bool is_set(cap_t capabilities, cap_value_t capability, cap_flag_t flag)
{
    cap_flag_value_t value = CAP_CLEAR;

    return cap_get_flag(capabilities, capability, flag, &value) == 0 && value == CAP_SET;
}

static int keep_capabilities(void)
{
    _cleanup_(free_capabilities)
    cap_t before = cap_get_proc();
    _cleanup_(free_capabilities)
    cap_t after = cap_init();

    if (!before || !after)
        return -ENOMEM;
    for (size_t i = 0; i < ARRAY_SIZE(kept); i++) {
        if (is_set(before, kept[i], CAP_PERMITTED) &&
            (cap_set_flag(after, CAP_PERMITTED, 1, &kept[i], CAP_SET) < 0 ||
             cap_set_flag(after, CAP_EFFECTIVE, 1, &kept[i], CAP_SET) < 0))
            return -errno;
    }
    return cap_set_proc(after) < 0 ? -errno : 0;
}

/* Nothing can be gained by running a program that has more. Without the capability to change it, it
 * stays: no_new_privs says the same. */
static void empty_bounding_set(void)
{
    for (cap_value_t value = 0; cap_get_bound(value) >= 0; value++)
        (void)cap_drop_bound(value);
}

/* Without the capabilities to change it, as in a unit that is not given them, the uid stays. If
 * that is root's, the files that root owns can be read: DAC_READ_SEARCH lets all be read anyway. */
static int become_nobody(void)
{
    _cleanup_(free_capabilities)
    cap_t own = cap_get_proc();

    if (!own)
        return -ENOMEM;
    if (!is_set(own, CAP_SETUID, CAP_EFFECTIVE) || !is_set(own, CAP_SETGID, CAP_EFFECTIVE))
        return 0;
    if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 || setgroups(0, NULL) < 0 ||
        setresgid(NOBODY, NOBODY, NOBODY) < 0 || setresuid(NOBODY, NOBODY, NOBODY) < 0)
        return -errno;
    return 0;
}

static uint64_t own_size(void)
{
    _cleanup_(close_file)
    FILE *file = fopen(SIZE_PATH, "re");
    char line[64];

    if (!file || !fgets(line, sizeof(line), file))
        return 0;
    return strtoull(line, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE);
}

static int bound_resources(void)
{
    const struct rlimit memory = { own_size() + MEMORY_MAX, own_size() + MEMORY_MAX };
    const struct rlimit core = { 0, 0 };
    struct rlimit files;

    if (setrlimit(RLIMIT_AS, &memory) < 0 || setrlimit(RLIMIT_CORE, &core) < 0 ||
        getrlimit(RLIMIT_NOFILE, &files) < 0)
        return -errno;
    files.rlim_cur = MIN(files.rlim_max, (rlim_t)OPEN_FILES);
    return setrlimit(RLIMIT_NOFILE, &files) < 0 ? -errno : 0;
}

/* Answers go to the one socket, and to whoever it is connected to. */
static int allow_answers(scmp_filter_ctx filter, int socket)
{
    return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(sendto), 2,
                            SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)socket), SCMP_A4(SCMP_CMP_EQ, 0));
}

static int allow_only_reading(int socket)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    int r = filter ? allow_answers(filter, socket) : -ENOMEM;

    for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(calls); i++)
        r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
    for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(limited_calls); i++)
        r = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, limited_calls[i].call, 1,
                                   &limited_calls[i].argument);
    if (r >= 0)
        r = seccomp_load(filter); /* sets no_new_privs */
    seccomp_release(filter);
    return r;
}

int symbolizer_confine(int socket)
{
    int r = bound_resources();

    empty_bounding_set();
    if (r >= 0)
        r = become_nobody();
    if (r >= 0)
        r = keep_capabilities();
    if (r >= 0 && prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0) /* another uid has undone it */
        r = -errno;
    if (r >= 0)
        r = allow_only_reading(socket);
    return r;
}
