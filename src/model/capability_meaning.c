/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each capability allows, in a sentence for people who have never heard of it. Source:
 * capabilities(7), and what the kernel asks for it in. */
#include "src/model/capability.h"

static const char *const meanings[] = {
    "CHOWN lets a process give files to another user or group.",
    "DAC_OVERRIDE lets a process read, write and execute files whatever their permissions say.",
    "DAC_READ_SEARCH lets a process read files and search directories whatever their permissions "
    "say.",
    "FOWNER lets a process do with a file what otherwise only its owner may: change its mode, its "
    "times, its attributes, or remove it from a sticky directory.",
    "FSETID lets a process keep or set the set-user-ID and set-group-ID bits of files that it "
    "changes.",
    "KILL lets a process send signals to processes of other users.",
    "SETGID lets a process change its groups to any.",
    "SETUID lets a process become any user.",
    "SETPCAP lets a process drop capabilities from its bounding set and add to its inheritable "
    "set.",
    "LINUX_IMMUTABLE lets a process set and clear the immutable and append-only marks of files.",
    "NET_BIND_SERVICE lets a process listen on ports below 1024.",
    "NET_BROADCAST is asked for by nothing in today's kernels.",
    "NET_ADMIN lets a process configure the network: addresses, routes, firewall, interfaces.",
    "NET_RAW lets a process send and receive raw packets, as ping and sniffers do.",
    "IPC_LOCK lets a process lock more memory than its limit allows.",
    "IPC_OWNER lets a process use any System V message queue, semaphore and shared memory.",
    "SYS_MODULE lets a process load and remove kernel modules.",
    "SYS_RAWIO lets a process reach hardware directly: ports, physical memory, disks' commands.",
    "SYS_CHROOT lets a process change its root directory, and enter mount namespaces.",
    "SYS_PTRACE lets a process look into, trace and change processes that are not its own.",
    "SYS_PACCT lets a process switch process accounting on and off.",
    "SYS_ADMIN lets a process mount file systems, name the host, make namespaces, and hundreds of "
    "other things that only root used to do.",
    "SYS_BOOT lets a process reboot the host or load another kernel.",
    "SYS_NICE lets a process raise priorities, choose real-time scheduling, and move memory and "
    "processes among processors.",
    "SYS_RESOURCE lets a process go beyond limits and quotas, and use space that is reserved for "
    "root.",
    "SYS_TIME lets a process set the clock of the host.",
    "SYS_TTY_CONFIG lets a process configure virtual terminals, and hang terminals up.",
    "MKNOD lets a process make device files.",
    "LEASE lets a process take leases on files that are not its own.",
    "AUDIT_WRITE lets a process write to the kernel's audit log, as login programs do.",
    "AUDIT_CONTROL lets a process configure the kernel's audit system.",
    "SETFCAP lets a process attach capabilities to files.",
    "MAC_OVERRIDE lets a process go around Smack's mandatory access control.",
    "MAC_ADMIN lets a process configure mandatory access control.",
    "SYSLOG lets a process read and clear the kernel's log, and see kernel addresses.",
    "WAKE_ALARM lets a process set timers that wake the host up.",
    "BLOCK_SUSPEND lets a process keep the host from going to sleep.",
    "AUDIT_READ lets a process read the kernel's audit log as it is written.",
    "PERFMON lets a process measure and observe other processes and the kernel.",
    "BPF lets a process load BPF programs and make BPF maps.",
    "CHECKPOINT_RESTORE lets a process be checkpointed and restored: choose process numbers, and "
    "read other processes' memory maps.",
};
_Static_assert(ARRAY_SIZE(meanings) == CAPABILITY_COUNT, "capability.h: CAPABILITY_COUNT");

const char *capability_meaning(unsigned int number)
{
    return number < ARRAY_SIZE(meanings) ? meanings[number] : NULL;
}
