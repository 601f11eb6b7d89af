/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the user wants to see, as constants that are fixed before loading. Asked of cgroups that are
 * reported only: of one of which nothing is known yet user space decides, as it cannot be told here
 * whether its checks are to be counted.
 */
#pragma once

#include "bpf/task.h"

const volatile __u64 wanted_capabilities = ~0ULL;
const volatile __u8 wanted_verdicts[2] = { 1, 1 }; /* by `denied` */
const volatile __u8 wanted_audits[2] = { 1, 1 };   /* by `audit`, where that is known */

/* Those from the first to the second; all, unless they are limited. */
const volatile __u8 limit_pids = 0;
const volatile __u32 least_pid = 0, most_pid = 0;
const volatile __u8 limit_uids = 0;
const volatile __u32 least_uid = 0, most_uid = 0;

static __always_inline int is_filtered(struct task_struct *task, __u32 capability, __u32 denied)
{
    struct cred *cred; /* not const, of which the newest clang would warn below */
    __u32 pid, uid;

    if (!(wanted_capabilities >> (capability & 63) & 1) || !wanted_verdicts[denied & 1])
        return 1;
    if (limit_pids) {
        pid = TASK_READ(task, tgid);
        if (pid < least_pid || pid > most_pid)
            return 1;
    }
    if (limit_uids) {
        cred = (void *)TASK_READ(task, cred);
        uid = TASK_READ(cred, uid.val);
        if (uid < least_uid || uid > most_uid)
            return 1;
    }
    return 0;
}

static __always_inline int is_audit_filtered(__u8 audit)
{
    return audit != EVENT_UNKNOWN && !wanted_audits[audit & 1];
}
