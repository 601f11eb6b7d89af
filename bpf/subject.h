/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who makes a check, and whether anything of him is wanted. */
#pragma once

#include "bpf/check.h"
#include "bpf/filter.h"
#include "bpf/policy.h"
#include "bpf/setup.h"

const volatile __u8 want_overridden = 0;

/* A kernel stack that was taken before the check. */
struct entry_stack {
    __u64 count;
    __u64 frames[EVENT_STACK_DEPTH];
};

/* Who is checked, and what was decided about the cgroup. */
struct subject {
    const struct entry_stack *early; /* NULL: the stack can be taken when the event is made */
    struct task_struct *task;
    const struct cred *cred; /* of the task: those in use */
    __u64 cgroup_id;
    __u32 policy;
    __u32 flags; /* enum event_flag */
};

/* First the filter that most checks end at. */
static __always_inline int wanted(struct subject *subject, struct task_struct *task,
                                  __u32 capability, __u32 denied)
{
    subject->task = task;
    subject->early = NULL;
    subject->flags = 0;
    subject->policy = POLICY_UNKNOWN;
    if (TASK_READ(task, tgid) == self_pid) {
        subject->flags = EVENT_SELF_TEST;
        subject->cred = TASK_READ(task, cred);
        subject->cgroup_id = task_cgroup_id(task);
        return self_testing;
    }
    if (!wanted_capabilities)
        return 0;
    subject->cgroup_id = task_cgroup_id(task);
    subject->policy = policy_of(subject->cgroup_id);
    if (subject->policy == POLICY_IGNORE)
        return 0;
    if (subject->policy == POLICY_REPORT && is_filtered(task, capability, denied)) {
        count(COUNTER_FILTERED);
        return 0;
    }
    subject->cred = TASK_READ(task, cred);
    if (subject->cred != TASK_READ(task, real_cred)) {
        if (!want_overridden) {
            count(COUNTER_OVERRIDDEN);
            return 0;
        }
        subject->flags |= EVENT_OVERRIDDEN;
    }
    if (is_in_setup(TASK_READ(task, tgid)))
        subject->flags |= EVENT_SETUP;
    return 1;
}

static __always_inline int is_own(const struct subject *subject, const struct cred *cred)
{
    struct task_struct *task = subject->task;

    return cred == subject->cred || cred == TASK_READ(task, real_cred);
}

/* Credentials are copied by each fork and exec: a copy that is answered as the task's own would be
 * is as good. By `euid` the owner of a namespace is known. */
static __always_inline int is_alike(const struct subject *subject, const struct check *check)
{
    struct cred *cred = (void *)subject->cred; /* what is read through a const pointer is const */

    return check->effective == CAPABILITY_SET(cred, cap_effective, TASK_READ) &&
           check->current_userns == TASK_READ(cred, user_ns, ns.inum) &&
           check->euid == TASK_READ(cred, euid.val);
}

/* The task only happens to run: it is the opener of a file, a tracer, or another task who may. */
static __always_inline int is_hidden_as_foreign(struct subject *subject, const struct check *check,
                                                const struct cred *cred)
{
    if (is_own(subject, cred) || is_alike(subject, check))
        return 0;
    subject->flags |= EVENT_FOREIGN;
    if (want_overridden)
        return 0;
    count(COUNTER_FOREIGN);
    return 1;
}

/* Else the verifier walks what follows once for each way that leads here. */
static __always_inline void join_paths(struct subject *subject, struct check *check)
{
    forget_number(subject->policy);
    forget_number(subject->flags);
    forget_number(check->denied);
}
