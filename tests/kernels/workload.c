/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * workload: a broad mix of system calls that ask for capabilities, for two back-ends that watch at
 * the same time. Nothing is expected of a call: whether it is denied, and how often it asks, is for
 * the back-ends to agree upon. For a virtual machine that is thrown away.
 *
 *   workload ROUNDS
 *
 * Each call is made as root, as nobody, and as root of nobody's own user namespace; each time in a
 * process of its own, with the call's name. Exit status: 0, or 1 when a process could not be made.
 */
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#define NOBODY  65534
#define ROOTS   "/tmp/workload.root"   /* a file of root's */
#define NOBODYS "/tmp/workload.nobody" /* a file of nobody's */

static long read_file(const char *path)
{
    char buffer[4096];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t r = fd < 0 ? -1 : read(fd, buffer, sizeof(buffer));

    if (fd >= 0)
        close(fd);
    return r;
}

static long write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    ssize_t r = fd < 0 ? -1 : write(fd, text, strlen(text));

    if (fd >= 0)
        close(fd);
    return r;
}

static long make_socket(int family, int type, int protocol)
{
    int fd = socket(family, type | SOCK_CLOEXEC, protocol);

    return fd < 0 ? fd : close(fd);
}

static long set_option(int level, int name)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int value = 1 << 6;
    long r = setsockopt(fd, level, name, &value, sizeof(value));

    close(fd);
    return r;
}

static long bind_low_port(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(7) };
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    long r = bind(fd, (struct sockaddr *)&address, sizeof(address));

    close(fd);
    return r;
}

static long set_mtu(void)
{
    struct ifreq request = { .ifr_name = "lo", .ifr_mtu = 65535 };
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    long r = ioctl(fd, SIOCSIFMTU, &request);

    close(fd);
    return r;
}

static long set_link(void)
{
    struct {
        struct nlmsghdr header;
        struct ifinfomsg link;
    } request = {
        .header = { .nlmsg_len = sizeof(request),
                    .nlmsg_type = RTM_NEWLINK,
                    .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK },
        .link = { .ifi_index = 1, .ifi_flags = IFF_UP, .ifi_change = IFF_UP },
    };
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    long r = send(fd, &request, sizeof(request), 0);

    close(fd);
    return r;
}

static long map_much(void)
{
    return mmap(NULL, 1UL << 36, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
                   MAP_FAILED
               ? -1
               : 0;
}

static long lock_memory(void)
{
    const struct rlimit none = { 0, 0 };
    static char page[4096];

    return setrlimit(RLIMIT_MEMLOCK, &none) | mlock(page, sizeof(page));
}

static long raise_limit(void)
{
    const struct rlimit low = { 64, 64 };
    const struct rlimit high = { 64, 1U << 19 };

    return setrlimit(RLIMIT_NOFILE, &low) | setrlimit(RLIMIT_NOFILE, &high);
}

static long fork_at_limit(void)
{
    const struct rlimit none = { 0, 0 };
    pid_t child;

    if (setrlimit(RLIMIT_NPROC, &none) < 0)
        return -1;
    child = fork();
    if (child == 0)
        _exit(0);
    return child < 0 ? child : waitpid(child, NULL, 0);
}

static long run_program(void)
{
    return execl("/bin/busybox", "true", (char *)NULL);
}

static long schedule(int policy, int priority)
{
    const struct sched_param parameter = { .sched_priority = priority };

    return sched_setscheduler(0, policy, &parameter);
}

static long attach(void)
{
    long r = ptrace(PTRACE_SEIZE, getppid(), NULL, NULL);

    return r < 0 ? r : ptrace(PTRACE_DETACH, getppid(), NULL, NULL);
}

static long read_memory(pid_t pid)
{
    struct {
        void *base;
        size_t length;
    } ours = { &pid, 0 }, theirs = { &pid, 0 };

    return syscall(SYS_process_vm_readv, pid, &ours, 1, &theirs, 1, 0);
}

/* Of a file that somebody else has opened. */
static long read_as_opener(void)
{
    uint64_t page;
    int fd;

    if (seteuid(NOBODY) < 0)
        return -1;
    (void)prctl(PR_SET_DUMPABLE, 1);
    fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    return seteuid(0) | read(fd, &page, sizeof(page));
}

static long open_by_handle(void)
{
    struct file_handle *handle = calloc(1, sizeof(*handle) + MAX_HANDLE_SZ);
    int mount = 0;
    long r = -1;

    if (handle) {
        handle->handle_bytes = MAX_HANDLE_SZ;
        (void)name_to_handle_at(AT_FDCWD, "/tmp", handle, &mount, 0);
        r = open_by_handle_at(AT_FDCWD, handle, O_RDONLY);
    }
    free(handle);
    return r;
}

static long set_clock(void)
{
    struct timeval now;

    return gettimeofday(&now, NULL) | settimeofday(&now, NULL);
}

/* A call a line; clang-format would fold them. */
/* clang-format off */
#define CALL(name, expression) static long call_##name(void) { return (long)(expression); }
#ifdef __x86_64__
#define PORTS(X) \
    X(iopl, syscall(SYS_iopl, 3)) \
    X(ioperm, syscall(SYS_ioperm, 0x80, 1, 1))
#else
#define PORTS(X)
#endif
#define CALLS(X) \
    X(mount, mount("none", "/tmp", "tmpfs", 0, NULL)) \
    X(mount_devpts, mount("none", "/tmp", "devpts", 0, NULL)) \
    X(umount, umount2("/tmp", MNT_DETACH)) \
    X(pivot_root, syscall(SYS_pivot_root, "/tmp", "/tmp")) \
    X(hostname, sethostname("vm", 2)) \
    X(domainname, setdomainname("vm", 2)) \
    X(chroot, chroot("/")) \
    X(chown_other, chown(ROOTS, NOBODY, NOBODY) | chown(ROOTS, 0, 0)) \
    X(chown_own, chown(NOBODYS, 1, 1) | chown(NOBODYS, NOBODY, NOBODY)) \
    X(chmod_other, chmod(ROOTS, 0600)) \
    X(chmod_setgid, chmod(NOBODYS, 02755)) \
    X(open_other, read_file(ROOTS)) \
    X(write_other, write_file(ROOTS, "x")) \
    X(write_setuid, chmod(NOBODYS, 06755) | write_file(NOBODYS, "x")) \
    X(access_other, access(ROOTS, R_OK | W_OK)) \
    X(unlink_sticky, rename(ROOTS, ROOTS)) \
    X(rename_sticky, rename(ROOTS, ROOTS ".new") | rename(ROOTS ".new", ROOTS)) \
    X(link_other, link(ROOTS, ROOTS ".link") | unlink(ROOTS ".link")) \
    X(noatime, open(ROOTS, O_RDONLY | O_NOATIME)) \
    X(utimes, utimes(ROOTS, NULL)) \
    X(mknod, mknod("/tmp/workload.node", S_IFCHR | 0600, makedev(1, 3))) \
    X(unlink, unlink("/tmp/workload.node")) \
    X(getxattr, getxattr(NOBODYS, "trusted.a", NULL, 0)) \
    X(setxattr, setxattr(NOBODYS, "trusted.a", "b", 1, 0)) \
    X(setxattr_caps, setxattr(NOBODYS, "security.capability", "b", 1, 0)) \
    X(setxattr_security, setxattr(NOBODYS, "security.a", "b", 1, 0)) \
    X(listxattr, listxattr(NOBODYS, NULL, 0)) \
    X(removexattr, removexattr(NOBODYS, "trusted.a")) \
    X(statfs, statfs("/", &(struct statfs){ 0 })) \
    X(quota, syscall(SYS_quotactl, 0x80000700, "/dev/none", 0, NULL)) \
    X(fallocate, syscall(SYS_fallocate, open(NOBODYS, O_RDWR), 0, 0, 1 << 16)) \
    X(lease, fcntl(open(ROOTS, O_RDONLY), F_SETLEASE, F_RDLCK)) \
    X(pipe_size, fcntl(open("/tmp/none", O_RDONLY), F_SETPIPE_SZ, 1 << 24)) \
    X(handle, open_by_handle()) \
    X(setuid, setuid(1)) \
    X(setgid, setgid(1)) \
    X(setresuid, setresuid(2, 2, 2)) \
    X(setresgid, setresgid(2, 2, 2)) \
    X(setreuid, setreuid(3, 3)) \
    X(setfsuid, syscall(SYS_setfsuid, 4)) \
    X(setgroups, syscall(SYS_setgroups, 0, NULL)) \
    X(setpriority_own, setpriority(PRIO_PROCESS, 0, -5)) \
    X(setpriority_other, setpriority(PRIO_PROCESS, 1, 0)) \
    X(fifo, schedule(SCHED_FIFO, 5)) \
    X(unidle, schedule(SCHED_IDLE, 0) | schedule(SCHED_OTHER, 0)) \
    X(affinity, sched_setaffinity(1, sizeof(cpu_set_t), &(cpu_set_t){ { 1 } })) \
    X(ioprio, syscall(SYS_ioprio_set, 1, 0, 1 << 13)) \
    X(kill, kill(1, 0)) \
    X(attach, attach()) \
    X(vm_read, read_memory(1)) \
    X(kcmp, syscall(SYS_kcmp, 1, 1, 0, 0, 0)) \
    X(pidfd_getfd, syscall(SYS_pidfd_getfd, syscall(SYS_pidfd_open, 1, 0), 0, 0)) \
    X(process_madvise, syscall(SYS_process_madvise, 0, NULL, 0, 0, 0)) \
    X(prlimit, prlimit(1, RLIMIT_CORE, NULL, &(struct rlimit){ 0 })) \
    X(robust_list, syscall(SYS_get_robust_list, 1, &(void *){ 0 }, &(size_t){ 0 })) \
    X(move_pages, syscall(SYS_move_pages, 1, 0, NULL, NULL, NULL, 0)) \
    X(perf, syscall(SYS_perf_event_open, (uint64_t[16]){ 112UL << 32 | 1 }, 1, -1, -1, 0)) \
    X(bpf, syscall(SYS_bpf, 5, (uint64_t[16]){ 2 }, 64)) \
    X(raw, make_socket(AF_INET, SOCK_RAW, IPPROTO_ICMP)) \
    X(packet, make_socket(AF_PACKET, SOCK_RAW, 0)) \
    X(bind, bind_low_port()) \
    X(mark, set_option(SOL_SOCKET, SO_MARK)) \
    X(sndbufforce, set_option(SOL_SOCKET, SO_SNDBUFFORCE)) \
    X(priority, set_option(SOL_SOCKET, SO_PRIORITY)) \
    X(transparent, set_option(SOL_IP, 19)) \
    X(mtu, set_mtu()) \
    X(link, set_link()) \
    X(map_much, map_much()) \
    X(brk, brk((char *)sbrk(0) + (1 << 20))) \
    X(lock_memory, lock_memory()) \
    X(raise_limit, raise_limit()) \
    X(fork_at_limit, fork_at_limit()) \
    X(exec, run_program()) \
    X(unshare_user, unshare(CLONE_NEWUSER)) \
    X(unshare_net, unshare(CLONE_NEWNET)) \
    X(unshare_mount, unshare(CLONE_NEWNS)) \
    X(setns, setns(open("/proc/1/ns/uts", O_RDONLY), 0)) \
    X(dropcap, prctl(PR_CAPBSET_DROP, 5, 0, 0, 0)) \
    X(securebits, prctl(PR_SET_SECUREBITS, 0, 0, 0, 0)) \
    X(set_mm, prctl(PR_SET_MM, 1, 0, 0, 0)) \
    X(seccomp, prctl(PR_SET_SECCOMP, 2, NULL, 0, 0)) \
    X(reboot, syscall(SYS_reboot, 1, 2, 3, NULL)) \
    X(swapon, swapon("/tmp/none", 0)) \
    X(syslog, klogctl(10, NULL, 0)) \
    X(syslog_read, klogctl(3, (char[64]){ 0 }, 64)) \
    PORTS(X) \
    X(clock, set_clock()) \
    X(adjtimex, syscall(SYS_adjtimex, (uint64_t[32]){ 1 })) \
    X(acct, syscall(SYS_acct, NULL)) \
    X(module, syscall(SYS_delete_module, "none", 0)) \
    X(vhangup_not_ours, setsid() < 0 ? 0 : syscall(SYS_vhangup)) \
    X(sysctl, write_file("/proc/sys/kernel/core_pattern", "core")) \
    X(dmesg_restrict, write_file("/proc/sys/kernel/dmesg_restrict", "1")) \
    X(oom, write_file("/proc/self/oom_score_adj", "-5")) \
    X(stat, read_file("/proc/1/stat")) \
    X(status, read_file("/proc/1/status")) \
    X(maps, read_file("/proc/1/maps")) \
    X(environ, read_file("/proc/1/environ")) \
    X(io, read_file("/proc/1/io")) \
    X(wchan, read_file("/proc/1/wchan")) \
    X(stack, read_file("/proc/1/stack")) \
    X(syscall, read_file("/proc/1/syscall")) \
    X(limits, read_file("/proc/1/limits")) \
    X(exe, readlink("/proc/1/exe", (char[64]){ 0 }, 64)) \
    X(kallsyms, read_file("/proc/kallsyms")) \
    X(kmsg, read_file("/dev/kmsg")) \
    X(pagemap, read_file("/proc/self/pagemap")) \
    X(opener, read_as_opener()) \
    X(iomem, read_file("/proc/iomem")) \
    X(modules, read_file("/proc/modules")) \
    X(vmallocinfo, read_file("/proc/vmallocinfo")) \
    X(kcore, read_file("/proc/kcore"))
CALLS(CALL)
#define ROW(name, expression) { #name, call_##name },
static const struct {
    const char *name;
    long (*call)(void);
} calls[] = { CALLS(ROW) };
/* clang-format on */

enum actor { AS_ROOT, AS_NOBODY, AS_USERNS, ACTORS };

static void become(enum actor actor)
{
    if (actor == AS_ROOT)
        return;
    if (syscall(SYS_setgroups, 0, NULL) < 0 || setresgid(NOBODY, NOBODY, NOBODY) < 0 ||
        setresuid(NOBODY, NOBODY, NOBODY) < 0)
        _exit(1);
    /* Without maps it is still nobody, with all capabilities in a namespace of its own. */
    if (actor == AS_USERNS && unshare(CLONE_NEWUSER) < 0)
        _exit(1);
}

static int run(size_t call, enum actor actor)
{
    pid_t child = fork();

    if (child == 0) {
        /* What root mounts is gone with the process. */
        if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
            (void)chdir("/"); /* the root of an initramfs cannot be made private: stay on it */
        become(actor);
        (void)prctl(PR_SET_NAME, calls[call].name);
        (void)calls[call].call();
        _exit(0);
    }
    return child < 0 || waitpid(child, NULL, 0) < 0 ? -1 : 0;
}

static int make_file(const char *path, uid_t owner)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

    if (fd < 0 || fchown(fd, owner, owner) < 0)
        return -1;
    return close(fd);
}

int main(int argc, char **argv)
{
    long rounds = argc == 2 ? strtol(argv[1], NULL, 10) : 0;

    if (rounds <= 0) {
        (void)fputs("usage: workload ROUNDS\n", stderr);
        return 2;
    }
    if (make_file(ROOTS, 0) < 0 || make_file(NOBODYS, NOBODY) < 0)
        return 1;
    for (long round = 0; round < rounds; round++) {
        for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
            for (unsigned int actor = 0; actor < ACTORS; actor++) {
                if (run(i, (enum actor)actor) < 0)
                    return 1;
            }
        }
    }
    return 0;
}
