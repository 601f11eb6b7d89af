/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who makes a check, and becoming that: for programs without libraries. */
#pragma once

#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NOBODY 65534

/* Who makes the check. */
enum actor {
    AS_CALLER,       /* with whatever the caller has */
    AS_NOBODY,       /* uid and gid NOBODY, no capabilities */
    AS_NICE_NOBODY,  /* uid NOBODY with SYS_NICE alone */
    AS_UNBOUNDED,    /* AS_NOBODY, and SYS_NICE is not in the bounding set */
    AS_LAID_DOWN,    /* AS_NICE_NOBODY, who has switched SYS_NICE off */
    AS_SETUID,       /* with whatever the caller has, and real uid and gid NOBODY */
    AS_CHILD_USERNS, /* NOBODY's root in a user namespace of his own, all else shared */
    AS_CHILD_UTS,    /* likewise, with a UTS namespace that belongs to it */
};

static uint64_t effective_set(void)
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct sets[2] = {};

    if (syscall(SYS_capget, &header, sets) < 0)
        return 0;
    return (uint64_t)sets[1].effective << 32 | sets[0].effective;
}

static int put_sets(int permitted, int effective)
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct sets[2] = {};

    sets[0].permitted = permitted >= 0 ? 1U << permitted : 0;
    sets[0].effective = effective >= 0 ? 1U << effective : 0;
    return syscall(SYS_capset, &header, sets) < 0 ? -errno : 0;
}

static int set_only(int capability)
{
    return put_sets(capability, capability);
}

/* A process that is somebody else already stays who he is, as long as he has no capabilities. */
static int become_nobody(int capability)
{
    if (geteuid() == 0) {
        if (prctl(PR_SET_KEEPCAPS, capability >= 0, 0, 0, 0) < 0 ||
            syscall(SYS_setgroups, 0, NULL) < 0 ||
            syscall(SYS_setresgid, NOBODY, NOBODY, NOBODY) < 0 ||
            syscall(SYS_setresuid, NOBODY, NOBODY, NOBODY) < 0)
            return -errno;
        (void)prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    }
    return set_only(capability);
}

static int become(enum actor actor)
{
    static const int namespaces[] = {
        [AS_CHILD_USERNS] = CLONE_NEWUSER,
        [AS_CHILD_UTS] = CLONE_NEWUSER | CLONE_NEWUTS,
    };
    int r;

    if (actor == AS_CALLER)
        return 0;
    if (actor == AS_SETUID)
        return setregid(NOBODY, 0) < 0 || setreuid(NOBODY, 0) < 0 ? -errno : 0;
    if (actor == AS_UNBOUNDED && prctl(PR_CAPBSET_DROP, CAP_SYS_NICE, 0, 0, 0) < 0)
        return -errno;
    r = become_nobody(actor == AS_NICE_NOBODY || actor == AS_LAID_DOWN ? CAP_SYS_NICE : -1);
    if (r >= 0 && actor == AS_LAID_DOWN)
        r = put_sets(CAP_SYS_NICE, -1);
    if (r < 0 || actor < AS_CHILD_USERNS)
        return r;
    return unshare(namespaces[actor]) < 0 ? -errno : 0;
}

/* "user:[4026531837]" */
static uint64_t own_userns(void)
{
    char text[64] = "";

    if (readlink("/proc/self/ns/user", text, sizeof(text) - 1) < 0)
        return 0;
    return strtoull(text + strcspn(text, "0123456789"), NULL, 10);
}
