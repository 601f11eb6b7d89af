/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reader's side of the policy table: a few loads, and no helper call. */
#pragma once

#include "bpf/maps.h"

/* Written by user space: see event.h. */
__u64 policy_table[POLICY_SLOTS];

static __always_inline __u32 policy_of(__u64 cgroup_id)
{
    __u32 place = policy_place(cgroup_id);

#pragma unroll
    for (__u32 i = 0; i < POLICY_PROBES; i++) {
        __u64 slot = *(volatile __u64 *)&policy_table[(place + i) & (POLICY_SLOTS - 1)];

        if (slot >> 2 == cgroup_id)
            return slot & 3;
        if (!slot)
            break;
    }
    return POLICY_UNKNOWN;
}
