/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Audit or not, told from the caller of a check. The trace event of Linux 6.14 leaves the options
 * out, but the kernel stack names the function that asked: ns_capable_noaudit() and its like.
 *
 * Unwinding costs ten times what all the rest of a check costs (some 1,500 ns against 150), so a
 * memo per (system call, capability) remembers pairs that were audited each time they were looked
 * at; those are looked at again only now and then. "Not audited" is never concluded from the memo:
 * it would hide a real denial.
 */
#pragma once

#include "bpf/maps.h"

#define CALLER_SKIP  2 /* the trampoline and the tracing machinery */
#define CALLER_DEPTH 7 /* cap_capable, two or three wrappers, the caller */
#define MEMO_BITS    15
#define MEMO_SETTLED 16  /* so many plain ones in a row */
#define MEMO_RECHECK 63  /* a settled pair is looked at again once in (this + 1) checks */
#define MEMO_MIXED   255 /* has been seen otherwise: look each time */

/* Races between CPUs lose a count or two, which only costs another look. */
__u8 audit_memo[1 << MEMO_BITS];
__u32 audit_memo_clock;

static __always_inline __u32 memo_place(__s32 syscall, __u32 capability)
{
    return (((__u32)syscall << 6) ^ capability) & ((1 << MEMO_BITS) - 1);
}

/* Needs no look at the stack: audited and no setid call, as always so far. */
static __always_inline int memo_says_plain(__u32 place)
{
    __u8 seen = audit_memo[place];

    return seen >= MEMO_SETTLED && seen != MEMO_MIXED && (++audit_memo_clock & MEMO_RECHECK) != 0;
}

static __always_inline void memo_learn(__u32 place, __u8 plain)
{
    __u8 seen = audit_memo[place];

    if (!plain)
        audit_memo[place] = MEMO_MIXED;
    else if (seen < MEMO_SETTLED)
        audit_memo[place] = seen + 1;
}

/* a < b as 1 or 0, without a branch: a hundred of them would be a hundred paths to verify. */
static __always_inline __u64 is_below(__u64 a, __u64 b)
{
    return ((~a & b) | ((~a | b) & (a - b))) >> 63;
}

/* The stack could not be read: another program may be at it just now, whom this one preempted. */
#define CALLER_UNREAD (1 << 7)

/* What kinds of caller (enum caller_kind) stand in the stack. */
static __always_inline __u64 caller_kinds(void *ctx)
{
    __u64 frames[CALLER_DEPTH] = {};
    __u64 kinds = 0;

    if (bpf_get_stack(ctx, frames, sizeof(frames), CALLER_SKIP) <= 0)
        return CALLER_UNREAD;
    for (__u32 frame = 0; frame < CALLER_DEPTH; frame++) {
        /* A return address lies behind the start, and may be the first one of the next function.
         * Unrolled by clang 19 and later, all callers would be loaded first and fill the stack. */
#pragma clang loop unroll(disable)
        for (__u32 i = 0; i < CALLERS_MAX; i++)
            kinds |=
                callers[i].kind * is_below(frames[frame] - callers[i].start - 1, callers[i].size);
    }
    return kinds;
}

static __always_inline void infer_options(void *ctx, __s32 syscall, __u32 capability,
                                          __u8 *ret_audit, __u8 *ret_insetid)
{
    __u32 place = memo_place(syscall, capability);
    __u64 kinds;

    *ret_audit = EVENT_UNKNOWN;
    *ret_insetid = EVENT_UNKNOWN;
    if (!callers_known)
        return;
    *ret_audit = 1;
    *ret_insetid = 0;
    if (memo_says_plain(place))
        return;
    kinds = caller_kinds(ctx);
    if (kinds == CALLER_UNREAD) {
        *ret_audit = EVENT_UNKNOWN;
        *ret_insetid = EVENT_UNKNOWN;
        return;
    }
    *ret_audit = !(kinds & CALLER_SILENT);
    *ret_insetid = !!(kinds & CALLER_SETID);
    memo_learn(place, kinds == 0);
}
