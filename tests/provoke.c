/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * provoke: makes capability checks of which everything is known beforehand, one for each row of a
 * table, and prints as JSON what was done, one object a line. A test compares that with what
 * local-gadget saw.
 *
 * Each row is a process of its own. It carries the row's name ("p-sethostname") only around the one
 * system call, so the events with that pid and that comm must be exactly the one that is printed.
 *
 * Harmless on a host that is in use: every check is denied, or made with arguments that change
 * nothing.
 *
 *   provoke               all rows
 *   provoke ROW...        only these
 *   provoke -n N ROW...   the system call N times in a row
 *   provoke -l            the names of the rows
 *
 * Exit status: 0 all as expected, 1 a system call answered otherwise than it should, 2 usage.
 * Static, without libraries: it runs in any container, and as a first process.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/actor.h"

/* What a row has to work with. */
struct stage {
    pid_t parent; /* uid of the caller */
    int fd;       /* as prepare() left it, -1: none */
    char directory[32];
};

struct row {
    const char *name;
    const char *syscall;
    const char *capability_name;
    int capability;
    enum actor actor;
    int error;          /* errno of the system call, 0: it succeeds */
    const char *reason; /* of a denial; NULL: what the bounding set tells */
    bool denied;
    bool silent;                         /* the kernel asks without wanting the denial audited */
    bool insetid;                        /* the kernel asks on behalf of a setid call */
    bool foreign;                        /* of the credentials of a file's opener, who has none */
    bool overridden;                     /* under other credentials than the actor's, with none */
    bool compat;                         /* through the 32-bit entry */
    int (*prepare)(struct stage *stage); /* as the actor, before the check; negative errno */
    long (*act)(const struct stage *stage);
    void (*clean_up)(struct stage *stage);
};

/* Written by the row's process, read by ours. */
struct outcome {
    int setup_error; /* negative errno: the row could not be set up, nothing was checked */
    const char *setup_step;
    int error;
    uint64_t effective;
    uint64_t userns;
    bool bounded; /* the capability is in the bounding set */
};

/* -------- the system calls, made directly: libraries may do more than was asked -------- */

static long act_sethostname(const struct stage *stage)
{
    (void)stage;
    return syscall(SYS_sethostname, "provoke", 7);
}

/* The capability is asked for first, the length looked at then. */
static long act_sethostname_length(const struct stage *stage)
{
    (void)stage;
    return syscall(SYS_sethostname, "", -1);
}

static long act_setpriority(const struct stage *stage)
{
    (void)stage;
    return syscall(SYS_setpriority, PRIO_PROCESS, 0, -20);
}

static long act_chroot(const struct stage *stage)
{
    (void)stage;
    return syscall(SYS_chroot, "/");
}

static long act_setuid(const struct stage *stage)
{
    (void)stage;
    return syscall(SYS_setuid, 1);
}

static long act_setgid(const struct stage *stage)
{
    (void)stage;
    return syscall(SYS_setgid, 1);
}

static long act_read(const struct stage *stage)
{
    char text[512];
    long r = syscall(SYS_read, stage->fd, text, sizeof(text));

    return r > 0 ? 0 : r;
}

static long act_read_page(const struct stage *stage)
{
    uint64_t page;
    long r = syscall(SYS_read, stage->fd, &page, sizeof(page));

    return r > 0 ? 0 : r;
}

/* Whether the real uid could write to it: the kernel asks that with credentials made for it. */
static long act_access(const struct stage *stage)
{
    return syscall(SYS_faccessat2, stage->fd, "", W_OK, AT_EMPTY_PATH);
}

static long act_fchown(const struct stage *stage)
{
    return syscall(SYS_fchown, stage->fd, 0, -1);
}

static long act_mknod(const struct stage *stage)
{
    (void)stage;
    return syscall(SYS_mknodat, stage->fd, "null", S_IFCHR | 0600, 1 << 8 | 3);
}

static long act_bind(const struct stage *stage)
{
    const struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(1) };

    return syscall(SYS_bind, stage->fd, &address, sizeof(address));
}

static long act_kill(const struct stage *stage)
{
    return syscall(SYS_kill, stage->parent, 0);
}

/* The magic numbers are wrong: nothing would be rebooted by whoever may. */
static long act_reboot(const struct stage *stage)
{
    (void)stage;
    return syscall(SYS_reboot, 0, 0, 0, NULL);
}

static long act_mmap(const struct stage *stage)
{
    (void)stage;
    return syscall(SYS_mmap, NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                   0) < 0
               ? -1
               : 0;
}

#ifdef __x86_64__
#define I386_SETHOSTNAME 74

static long act_sethostname_32(const struct stage *stage)
{
    long r;

    (void)stage;
    __asm__ volatile("int $0x80" : "=a"(r) : "0"(I386_SETHOSTNAME), "b"(0), "c"(7) : "memory");
    if (r >= 0)
        return r;
    errno = (int)-r;
    return -1;
}
#endif

/* -------- what they need -------- */

static int open_parent_stat(struct stage *stage)
{
    char path[64];

    (void)snprintf(path, sizeof(path), "/proc/%d/stat", stage->parent);
    stage->fd = open(path, O_RDONLY | O_CLOEXEC);
    return stage->fd < 0 ? -errno : 0;
}

static int open_own_file(struct stage *stage)
{
    stage->fd = (int)syscall(SYS_memfd_create, "provoke", MFD_CLOEXEC);
    return stage->fd < 0 ? -errno : 0;
}

/* The whole of /proc/self/pagemap is for whoever opened it with SYS_ADMIN, whoever reads it then.
 */
static int open_pagemap(struct stage *stage)
{
    stage->fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    return stage->fd < 0 ? -errno : 0;
}

/* Opened as another than the one who is to read it. */
static int open_pagemap_as_nobody(struct stage *stage)
{
    uid_t uid = geteuid();
    int r;

    if (seteuid(NOBODY) < 0)
        return -errno;
    (void)prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    r = open_pagemap(stage);
    return seteuid(uid) < 0 ? -errno : r;
}

/* Opened with credentials of which ours are then a copy, as those of a child are. */
static int open_pagemap_and_change(struct stage *stage)
{
    int r = open_pagemap(stage);

    return r < 0 ? r : set_only(-1);
}

static int open_private_file(struct stage *stage)
{
    int r = open_own_file(stage);

    return r < 0 ? r : fchmod(stage->fd, 0600) < 0 || fchown(stage->fd, 0, 0) < 0 ? -errno : 0;
}

static int open_own_directory(struct stage *stage)
{
    (void)snprintf(stage->directory, sizeof(stage->directory), "/tmp/provoke-XXXXXX");
    if (!mkdtemp(stage->directory))
        return -errno;
    stage->fd = open(stage->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return stage->fd < 0 ? -errno : 0;
}

static void remove_own_directory(struct stage *stage)
{
    (void)unlinkat(stage->fd, "null", 0); /* is there only if the check went wrong */
    (void)rmdir(stage->directory);
}

static int open_socket(struct stage *stage)
{
    stage->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return stage->fd < 0 ? -errno : 0;
}

/* -------- the table -------- */

#define CAP(word)                     .capability = CAP_##word, .capability_name = #word
#define NAMES(row_name, syscall_name) .name = row_name, .syscall = syscall_name

static const struct row rows[] = {
    { NAMES("sethostname", "sethostname"), CAP(SYS_ADMIN), .actor = AS_NOBODY, .denied = true,
      .error = EPERM, .act = act_sethostname },
    { NAMES("setpriority", "setpriority"), CAP(SYS_NICE), .actor = AS_NOBODY, .denied = true,
      .error = EACCES, .act = act_setpriority },
    { NAMES("chroot", "chroot"), CAP(SYS_CHROOT), .actor = AS_NOBODY, .denied = true,
      .error = EPERM, .act = act_chroot },
    { NAMES("setuid", "setuid"), CAP(SETUID), .actor = AS_NOBODY, .denied = true, .insetid = true,
      .error = EPERM, .act = act_setuid },
    { NAMES("setgid", "setgid"), CAP(SETGID), .actor = AS_NOBODY, .denied = true, .insetid = true,
      .error = EPERM, .act = act_setgid },
    { NAMES("proc-stat", "read"), CAP(SYS_PTRACE), .actor = AS_NOBODY, .denied = true,
      .silent = true, .prepare = open_parent_stat, .act = act_read },
    { NAMES("mmap", "mmap"), CAP(SYS_ADMIN), .actor = AS_NOBODY, .denied = true, .silent = true,
      .act = act_mmap },
    { NAMES("chown", "fchown"), CAP(CHOWN), .actor = AS_NOBODY, .denied = true, .error = EPERM,
      .prepare = open_own_file, .act = act_fchown },
    { NAMES("mknod", "mknodat"), CAP(MKNOD), .actor = AS_NOBODY, .denied = true, .error = EPERM,
      .prepare = open_own_directory, .act = act_mknod, .clean_up = remove_own_directory },
    { NAMES("bind", "bind"), CAP(NET_BIND_SERVICE), .actor = AS_NOBODY, .denied = true,
      .error = EACCES, .prepare = open_socket, .act = act_bind },
    { NAMES("kill", "kill"), CAP(KILL), .actor = AS_NOBODY, .denied = true, .error = EPERM,
      .act = act_kill },
    { NAMES("reboot", "reboot"), CAP(SYS_BOOT), .actor = AS_NOBODY, .denied = true, .error = EPERM,
      .act = act_reboot },
#ifdef __x86_64__
    { NAMES("compat", "sethostname"), CAP(SYS_ADMIN), .actor = AS_NOBODY, .denied = true,
      .compat = true, .error = EPERM, .act = act_sethostname_32 },
#endif
    { NAMES("allowed", "sethostname"), CAP(SYS_ADMIN), .actor = AS_CALLER, .error = EINVAL,
      .act = act_sethostname_length },
    { NAMES("one-cap", "setpriority"), CAP(SYS_NICE), .actor = AS_NICE_NOBODY,
      .act = act_setpriority },
    { NAMES("unbounded", "setpriority"), CAP(SYS_NICE), .actor = AS_UNBOUNDED, .denied = true,
      .reason = "bounding", .error = EACCES, .act = act_setpriority },
    { NAMES("laid-down", "setpriority"), CAP(SYS_NICE), .actor = AS_LAID_DOWN, .denied = true,
      .reason = "effective", .error = EACCES, .act = act_setpriority },
    { NAMES("opener", "read"), CAP(SYS_ADMIN), .actor = AS_CALLER, .denied = true, .foreign = true,
      .reason = "effective", .prepare = open_pagemap_as_nobody, .act = act_read_page },
    { NAMES("access", "faccessat2"), CAP(DAC_OVERRIDE), .actor = AS_SETUID, .denied = true,
      .reason = "effective", .overridden = true, .error = EACCES, .prepare = open_private_file,
      .act = act_access },
    { NAMES("own-file", "read"), CAP(SYS_ADMIN), .actor = AS_NOBODY, .denied = true,
      .prepare = open_pagemap, .act = act_read_page },
    { NAMES("copied-cred", "read"), CAP(SYS_ADMIN), .actor = AS_NOBODY, .denied = true,
      .prepare = open_pagemap_and_change, .act = act_read_page },
    { NAMES("userns", "sethostname"), CAP(SYS_ADMIN), .actor = AS_CHILD_USERNS, .denied = true,
      .reason = "namespace", .error = EPERM, .act = act_sethostname },
    { NAMES("userns-uts", "sethostname"), CAP(SYS_ADMIN), .actor = AS_CHILD_UTS,
      .act = act_sethostname },
};
#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

/* -------- one row -------- */

static void set_comm(const char *prefix, const char *name)
{
    char comm[16];

    (void)snprintf(comm, sizeof(comm), "%s%s", prefix, name);
    (void)prctl(PR_SET_NAME, comm, 0, 0, 0);
}

static int set_up(const struct row *row, struct stage *stage, struct outcome *outcome)
{
    int r = become(row->actor);

    outcome->setup_step = "become";
    if (r < 0)
        return r;
    outcome->effective = effective_set();
    outcome->userns = own_userns();
    outcome->bounded = prctl(PR_CAPBSET_READ, row->capability, 0, 0, 0) == 1;
    outcome->setup_step = "capabilities";
    if (row->foreign || row->overridden)
        outcome->effective = 0;
    else if (row->actor == AS_CALLER && !(outcome->effective >> row->capability & 1))
        return -EPERM; /* the caller does not have what the row shows */
    outcome->setup_step = "prepare";
    return row->prepare ? row->prepare(stage) : 0;
}

static void run_row(const struct row *row, uint64_t times, struct outcome *outcome)
{
    struct stage stage = { .parent = getppid(), .fd = -1 };
    long r = 0;

    outcome->setup_error = set_up(row, &stage, outcome);
    if (outcome->setup_error < 0)
        return;
    set_comm("p-", row->name);
    for (uint64_t i = 0; i < times; i++)
        r = row->act(&stage);
    outcome->error = r < 0 ? errno : 0;
    set_comm("provoke", "");
    if (row->clean_up)
        row->clean_up(&stage);
}

static void print_skipped(const struct row *row, const struct outcome *outcome)
{
    (void)printf("{\"row\":\"%s\",\"skipped\":\"%s: %s\"}\n", row->name,
                 outcome->setup_step ? outcome->setup_step : "start",
                 strerror(-outcome->setup_error));
}

/* As JSON. */
static const char *reason_of(const struct row *row, const struct outcome *outcome)
{
    static char text[16];

    if (!row->denied)
        return "null";
    (void)snprintf(text, sizeof(text), "\"%s\"",
                   row->reason        ? row->reason
                   : outcome->bounded ? "permitted"
                                      : "bounding");
    return text;
}

static bool print_outcome(const struct row *row, uint64_t times, pid_t pid,
                          const struct outcome *outcome)
{
    bool nobody = row->actor != AS_CALLER && geteuid() == 0;
    bool child = row->actor == AS_CHILD_UTS;
    bool good = outcome->error == row->error;

    (void)printf(
        "{\"row\":\"%s\",\"comm\":\"p-%.13s\",\"pid\":%d,\"uid\":%u,\"gid\":%u,"
        "\"syscall\":\"%s\",\"cap\":%d,\"capName\":\"%s\",\"verdict\":\"%s\","
        "\"audit\":%d,\"insetid\":%s,\"compat\":%s,\"foreign\":%s,\"overridden\":%s,\"reason\":%s,"
        "\"currentuserns\":%llu,"
        "\"targetuserns\":%llu,\"effective\":%llu,\"times\":%llu,\"errno\":%d,"
        "\"expected_errno\":%d}\n",
        row->name, row->name, pid, nobody ? NOBODY : getuid(), nobody ? NOBODY : getgid(),
        row->syscall, row->capability, row->capability_name, row->denied ? "Deny" : "Allow",
        !row->silent, row->insetid ? "true" : "false", row->compat ? "true" : "false",
        row->foreign ? "true" : "false", row->overridden ? "true" : "false",
        reason_of(row, outcome), (unsigned long long)outcome->userns,
        (unsigned long long)(child ? outcome->userns : own_userns()),
        (unsigned long long)outcome->effective, (unsigned long long)times, outcome->error,
        row->error);
    if (!good)
        (void)fprintf(stderr, "provoke: %s: %s instead of %s\n", row->name,
                      strerror(outcome->error), strerror(row->error));
    return good;
}

/* Whether the row went as it should, or could not be set up at all. */
static bool provoke(const struct row *row, uint64_t times, struct outcome *outcome)
{
    int status;
    pid_t pid;

    memset(outcome, 0, sizeof(*outcome));
    (void)fflush(stdout);
    pid = fork();
    if (pid == 0) {
        run_row(row, times, outcome);
        _exit(0);
    }
    if (pid < 0 || waitpid(pid, &status, 0) < 0) {
        perror("provoke");
        return false;
    }
    if (!WIFEXITED(status) && row->compat) {
        outcome->setup_error = -ENOSYS; /* a kernel without the 32-bit entry */
        outcome->setup_step = "int 0x80";
    }
    if (outcome->setup_error < 0) {
        print_skipped(row, outcome);
        return true;
    }
    return print_outcome(row, times, pid, outcome);
}

static const struct row *find_row(const char *name)
{
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    }
    return NULL;
}

static int usage(void)
{
    (void)fputs("usage: provoke [-n TIMES] [ROW...] | -l\n", stderr);
    return 2;
}

int main(int argc, char **argv)
{
    struct outcome *outcome =
        mmap(NULL, sizeof(*outcome), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    uint64_t times = 1;
    bool good = true;
    int option;

    if (outcome == MAP_FAILED)
        return 1;
    while ((option = getopt(argc, argv, "ln:")) != -1) {
        if (option == 'l') {
            for (size_t i = 0; i < ROW_COUNT; i++)
                (void)puts(rows[i].name);
            return 0;
        }
        times = option == 'n' ? strtoull(optarg, NULL, 10) : 0;
        if (!times)
            return usage();
    }
    for (int i = optind; i < argc; i++) {
        if (!find_row(argv[i]))
            return usage();
    }
    for (int i = optind; i < argc; i++)
        good = provoke(find_row(argv[i]), times, outcome) && good;
    for (size_t i = 0; i < ROW_COUNT && optind == argc; i++)
        good = provoke(&rows[i], times, outcome) && good;
    return good ? 0 : 1;
}
