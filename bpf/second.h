/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel does not enter a program again on a CPU where a task is inside of it. Where it may
 * preempt that task there, the checks of all others on that CPU would be missed until the task goes
 * on. So on such kernels a second copy of the program is attached behind the first one, and sees
 * what the first was not entered for.
 *
 * The first leaves its task's mark, the second takes it away again. Between the two a task may be
 * preempted or moved to another CPU; its mark stays where it is. That two tasks share a slot, and
 * both are between the two, is next to impossible; one of them would then be seen twice.
 */
#pragma once

#include "bpf/task.h"

#define MARK_BITS 14

const volatile __u8 have_second = 0;
__u32 marks[1 << MARK_BITS];
/* What only the second copy saw: capability checks, and births, deaths and execs of cgroups. */
__u64 caught_checks __attribute__((aligned(64)));
__u64 caught_cgroups;
__u64 caught_entries; /* and who was put into a cgroup, or made there */

/* Neighbours in number come to lie apart: they may run on different CPUs at the same time. */
static __always_inline __u32 *mark_of(__u32 tid)
{
    return &marks[(__u32)(tid * 0x9e3779b1) >> (32 - MARK_BITS)];
}

static __always_inline void first_sees(struct task_struct *task)
{
    __u32 tid;

    if (!have_second)
        return;
    tid = TASK_READ(task, pid);
    *mark_of(tid) = tid;
}

static __always_inline int first_saw(struct task_struct *task, __u64 *caught)
{
    __u32 tid = TASK_READ(task, pid);
    __u32 *mark = mark_of(tid);

    if (*mark == tid) {
        *mark = 0;
        return 1;
    }
    count_up(caught);
    return 0;
}
