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

#include "src/host/powers.h"

#define SIZE_PATH     "/proc/self/statm"
#define NOBODY        65534
#define MEMORY_MAX    (UINT64_C(1) << 30) /* beyond what the process has when it starts */
#define OPEN_FILES    4096
#define OPEN_WRITABLE (O_ACCMODE | O_CREAT | O_TRUNC)

/* PTRACE: maps and roots of other users' processes. CHECKPOINT_RESTORE (Linux 5.9): the very files
 * that are mapped. DAC_READ_SEARCH: files that only their owner may read. */
#define KEPT  (POWER(CAP_SYS_PTRACE) | POWER(CAP_CHECKPOINT_RESTORE) | POWER(CAP_DAC_READ_SEARCH))
#define SETID (POWER(CAP_SETUID) | POWER(CAP_SETGID))

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

/* Without the capabilities to change it, as in a unit that is not given them, the uid stays. If
 * that is root's, the files that root owns can be read: DAC_READ_SEARCH lets all be read anyway. */
static int become_nobody(void)
{
    if ((powers_effective() & SETID) != SETID)
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

/* Whoever else is nobody's uid may have as many processes as a user may: that is not to hinder the
 * start of one more. */
static void lift_bound_on_processes(void)
{
    const struct rlimit none = { RLIM_INFINITY, RLIM_INFINITY };

    (void)setrlimit(RLIMIT_NPROC, &none);
}

int symbolizer_lay_down(void)
{
    int r;

    lift_bound_on_processes();
    powers_empty_bounding_set();
    r = become_nobody();
    if (r >= 0)
        r = powers_keep(KEPT);
    if (r >= 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        r = -errno;
    return r;
}

int symbolizer_confine(int socket)
{
    int r = bound_resources();

    if (r >= 0)
        r = allow_only_reading(socket);
    return r;
}
