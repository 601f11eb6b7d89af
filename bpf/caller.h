/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Audit or not, told from the caller of a check. The trace event of Linux 6.14 leaves the options
 * out, but the kernel stack names the function that asked: ns_capable_noaudit() and its like.
 *
 * Between a check and our program nothing lies but a few functions that are the same each time: the
 * return addresses that matter stand at the same places each time. User space learns these from a
 * check of its own; what is read there has to lie in a function that is expected there, and is
 * compared with an unwound stack now and then. At the first difference it is over with it.
 *
 * Unwinding costs ten times what all the rest of a check costs (some 1,500 ns against 150). Where
 * it is all there is, a memo per (system call, capability) remembers pairs that were audited each
 * time they were looked at; those are looked at again only now and then. "Not audited" is never
 * concluded from the memo: it would hide a real denial.
 */
#pragma once

#include "bpf/check.h"
#include "bpf/task.h"

#define CALLER_SKIP    2    /* the trampoline and the tracing machinery */
#define CALLER_RECHECK 1023 /* what stands on the stack is compared once in (this + 1) checks */
#define MEMO_BITS      15
#define MEMO_SETTLED   16  /* so many plain ones in a row */
#define MEMO_RECHECK   63  /* a settled pair is looked at again once in (this + 1) checks */
#define MEMO_MIXED     255 /* has been seen otherwise: look each time */

/* Races between CPUs lose a count or two, which only costs another look. */
__u8 audit_memo[1 << MEMO_BITS];
__u32 audit_clocks[COUNTER_LINES][16]; /* a line of the cache for each CPU */

/* Now and then, whichever CPU asks. */
static __always_inline int is_time(__u32 mask)
{
    return (++audit_clocks[bpf_get_smp_processor_id() & (COUNTER_LINES - 1)][0] & mask) == 0;
}

static __always_inline __u32 memo_place(__s32 syscall, __u32 capability)
{
    return (((__u32)syscall << 6) ^ capability) & ((1 << MEMO_BITS) - 1);
}

/* Needs no look at the stack: audited and no setid call, as always so far. */
static __always_inline int memo_says_plain(__u32 place)
{
    __u8 seen = audit_memo[place];

    return seen >= MEMO_SETTLED && seen != MEMO_MIXED && !is_time(MEMO_RECHECK);
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

/* The stack could not be read: another program may be at it just now, whom this one preempted. Or,
 * of what stands on the stack, it is not what is expected there. */
#define CALLER_UNREAD (1 << 7)

/* The kinds of those callers (enum caller_kind) in which a return address lies. */
static __always_inline __u64 kinds_of(__u64 address)
{
    __u64 kinds = 0;

    /* A return address lies behind the start, and may be the first one of the next function.
     * Unrolled by clang 19 and later, all callers would be loaded first and fill the stack. */
#pragma clang loop unroll(disable)
    for (__u32 i = 0; i < CALLERS_MAX; i++)
        kinds |= callers[i].kind * is_below(address - callers[i].start - 1, callers[i].size);
    return kinds;
}

/* -------- by its place -------- */

/* arm64 may have signed it, in bits that are set in every address of the kernel's. */
#if defined(__TARGET_ARCH_arm64)
#define UNSIGNED_ADDRESS(word) ((word) | 0xffffULL << 48)
#else
#define UNSIGNED_ADDRESS(word) (word)
#endif

/* Through a pointer that the verifier takes for one to a type of the kernel's: other reads by
 * address are forbidden under lockdown. */
static __always_inline __u64 stack_word(void *ctx, __u32 word)
{
    struct timespec64 *place = CAST(ctx + word * sizeof(__u64), timespec64);

    return UNSIGNED_ADDRESS((__u64)place->tv_sec);
}

static __always_inline __u64 kinds_in_place(void *ctx, __u32 places)
{
    __u64 kinds = kinds_of(stack_word(ctx, CALLER_INNER(places)));

    if (kinds == CALLER_RELAY)
        kinds = kinds_of(stack_word(ctx, CALLER_OUTER(places)));
    else if (!kinds)
        return CALLER_UNREAD;
    return kinds & CALLER_RELAY ? CALLER_UNREAD : kinds;
}

/* -------- by unwinding -------- */

/* For user space to learn from. */
static __always_inline void take_sample(void *ctx, const __u64 *frames)
{
#pragma clang loop unroll(disable)
    for (__u32 i = 0; i < CALLER_WORDS; i++)
        caller_sample.words[i] = stack_word(ctx, i);
    __builtin_memcpy(caller_sample.frames, frames, sizeof(caller_sample.frames));
}

static __always_inline __u64 unwound_kinds(void *ctx, int is_own)
{
    __u64 frames[CALLER_DEPTH] = {};
    __u64 kinds = 0;

    if (bpf_get_stack(ctx, frames, sizeof(frames), CALLER_SKIP) <= 0)
        return CALLER_UNREAD;
    for (__u32 frame = 0; frame < CALLER_DEPTH; frame++)
        kinds |= kinds_of(frames[frame]);
    kinds &= ~CALLER_RELAY;
    if (is_own && !kinds)
        take_sample(ctx, frames);
    return kinds;
}

/* -------- both -------- */

static __always_inline __u64 caller_kinds(void *ctx, const struct check *check, int is_own)
{
    __u32 places = caller_places, place = memo_place(check->syscall, check->capability);
    __u64 kinds = CALLER_UNREAD, unwound;

    if (places) {
        kinds = kinds_in_place(ctx, places);
        if (kinds != CALLER_UNREAD && !is_time(CALLER_RECHECK))
            return kinds;
    }
    if (kinds == CALLER_UNREAD && memo_says_plain(place))
        return 0;
    forget_number(kinds);
    unwound = unwound_kinds(ctx, is_own);
    if (unwound == CALLER_UNREAD)
        return kinds;
    if (kinds != CALLER_UNREAD && kinds != unwound)
        caller_places = 0;
    memo_learn(place, unwound == 0);
    return unwound;
}

/* `is_own`: the self-test makes it. */
static __always_inline void infer_options(void *ctx, struct check *check, int is_own)
{
    __u64 kinds = callers_known ? caller_kinds(ctx, check, is_own) : CALLER_UNREAD;

    check->audit = kinds == CALLER_UNREAD ? EVENT_UNKNOWN : !(kinds & CALLER_SILENT);
    check->insetid = kinds == CALLER_UNREAD ? EVENT_UNKNOWN : !!(kinds & CALLER_SETID);
}
