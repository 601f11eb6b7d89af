/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Audit or not, told from the caller of a check. The trace event of Linux 6.14 leaves the options
 * out, but the kernel stack names the function that asked: ns_capable_noaudit() and its like.
 *
 * Unwinding costs several times what all the rest of a check costs (facts: some 1,500 ns against
 * 150), so a memo per (system call, capability) remembers pairs that were audited each time they
 * were looked at; those are looked at again only now and then. "Not audited" is never concluded
 * from the memo: it would hide a real denial.
 */
#pragma once

#include "bpf/maps.h"

#define CALLER_DEPTH    10  /* trampoline, tracing, cap_capable, two or three wrappers, the caller */
#define MEMO_BITS       15
#define MEMO_SETTLED    16  /* so many audited ones in a row */
#define MEMO_RECHECK    63  /* a settled pair is looked at again once in (this + 1) checks */
#define MEMO_UNAUDITED  255 /* has been seen unaudited: look each time */
#define CAP_SYS_ADMIN_  21

/* Races between CPUs lose a count or two, which only costs another look. */
__u8 audit_memo[1 << MEMO_BITS];
__u32 audit_memo_clock;

static __always_inline __u32 memo_place(__s32 syscall, __u32 capability)
{
    return (((__u32)syscall << 6) ^ capability) & ((1 << MEMO_BITS) - 1);
}

/* Needs no look at the stack: audited, as always so far. */
static __always_inline int memo_says_audited(__u32 place)
{
    __u8 seen = audit_memo[place];

    return seen >= MEMO_SETTLED && seen != MEMO_UNAUDITED &&
           (++audit_memo_clock & MEMO_RECHECK) != 0;
}

static __always_inline void memo_learn(__u32 place, __u8 audited)
{
    __u8 seen = audit_memo[place];

    if (!audited)
        audit_memo[place] = MEMO_UNAUDITED;
    else if (seen < MEMO_SETTLED)
        audit_memo[place] = seen + 1;
}

static __always_inline const struct caller_range *find_caller(void *ctx)
{
    __u64 frames[CALLER_DEPTH] = {};
    __u32 count = callers_count;

    if (bpf_get_stack(ctx, frames, sizeof(frames), 0) <= 0)
        return NULL;
    for (__u32 frame = 0; frame < CALLER_DEPTH; frame++) {
        for (__u32 i = 0; i < CALLERS_MAX && i < count; i++) {
            if (frames[frame] > callers[i].start && frames[frame] <= callers[i].end)
                return &callers[i];
        }
    }
    return NULL;
}

static __always_inline void infer_options(void *ctx, __s32 syscall, __u32 capability, __u8 *ret_audit,
                                          __u8 *ret_insetid)
{
    __u32 place = memo_place(syscall, capability);
    const struct caller_range *caller;

    *ret_audit = EVENT_UNKNOWN;
    *ret_insetid = EVENT_UNKNOWN;
    if (!callers_count)
        return;
    *ret_audit = 1;
    *ret_insetid = 0;
    if (memo_says_audited(place))
        return;
    caller = find_caller(ctx);
    if (caller) {
        *ret_audit = (__u8)caller->audit;
        *ret_insetid = (__u8)caller->insetid;
    }
    memo_learn(place, *ret_audit && !*ret_insetid);
}
