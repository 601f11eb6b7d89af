/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An engine's work inside of a container: that of a process which was put into the container's
 * cgroup from outside, and of its children, until each executes a program of its own. So it is told
 * by process, at the start of a container as well as when an engine enters one that runs (exec,
 * health checks, probes).
 *
 * Nobody inside of a container can have this said of himself: what counts is that the mover is in
 * no pid namespace but the first. And it ends by itself: a container that is restored from a
 * checkpoint never executes anything.
 *
 * One slot is a process, (tgid << 32 | second in which it was put there). Two that share a slot
 * drive each other out: then an engine's checks are shown, and nothing is hidden.
 */
#pragma once

#include "bpf/task.h"

#define SETUP_BITS    14
#define SETUP_SECONDS 10

__u64 setups[1 << SETUP_BITS];

static __always_inline volatile __u64 *setup_of(__u32 tgid)
{
    return &setups[(__u32)(tgid * 0x9e3779b1) >> (32 - SETUP_BITS)];
}

static __always_inline __u32 now_seconds(void)
{
    return (__u32)(bpf_ktime_get_boot_ns() / 1000000000);
}

static __always_inline int is_in_setup(__u32 tgid)
{
    __u64 slot = *setup_of(tgid);

    return slot >> 32 == tgid && now_seconds() - (__u32)slot < SETUP_SECONDS;
}

static __always_inline void setup_begins(__u32 tgid)
{
    *setup_of(tgid) = (__u64)tgid << 32 | now_seconds();
}

static __always_inline void setup_ends(__u32 tgid)
{
    volatile __u64 *slot = setup_of(tgid);

    if (*slot >> 32 == tgid)
        *slot = 0;
}

/* Of a new process of one that is in its set-up. */
static __always_inline void setup_is_inherited(__u32 tgid, __u32 child)
{
    *setup_of(child) = (__u64)child << 32 | (__u32)*setup_of(tgid);
}

static __always_inline int is_outside(struct task_struct *task)
{
    return TASK_READ(task, thread_pid, level) == 0;
}
