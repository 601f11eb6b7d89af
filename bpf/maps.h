/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the programs share with user space: the ring buffer, counters, the switches that are fixed
 * before loading (read-only data: the verifier removes what is off), and the few words that change
 * at run time.
 */
#pragma once

#include "bpf/event.h"
#include "bpf/kernel.h"

#define NEWBORN_MAX 8192  /* cgroups between their birth and their first exec */
#define UNIQUE_MAX  65536 /* combinations remembered by --unique in the kernel */

struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 16 << 20); /* set by --buffer-size */
} events SEC(".maps");

__u64 counters[COUNTER_LINES][COUNTER_WORDS] __attribute__((aligned(64)));

/* enum reader_state. On a line of its own: every reported check reads it. */
__u32 reader_state __attribute__((aligned(64)));
__u32 lost_any __attribute__((aligned(64))); /* set after a loss, cleared by user space */
struct caller_range callers[CALLERS_MAX];
__u32 callers_known; /* 0: who calls cannot be told */
__u32 caller_places; /* CALLER_PLACES(); 0: not known, so that each stack is unwound */
struct caller_sample caller_sample;
__u64 registers_offset; /* of a task's saved registers in its stack; 0: not known yet */
/* While set, checks of self_pid pass every filter; else they are not shown at all: naming a
 * container makes checks of its own. */
__u32 self_testing;

/* Bits of a check's options (include/linux/security.h); the self-test corrects them. */
__u32 option_noaudit;
__u32 option_insetid;

const volatile __u32 self_pid = 0;     /* user space's own process */
const volatile __u32 hierarchy = 0;    /* enum hierarchy */
const volatile __u32 hierarchy_id = 0; /* the kernel's number of it, 0 for v2 */
const volatile __u64 stack_size = 0;   /* THREAD_SIZE: a task's stack in the kernel */
const volatile struct type_ids type_ids = {};
const volatile __u64 wake_fill = 0; /* bytes in the ring that wake a waiting reader */

static __always_inline void count(enum counter counter)
{
    count_up(&counters[bpf_get_smp_processor_id() & (COUNTER_LINES - 1)][counter]);
}

/* User space looks after the losses when `lost_any` is set. */
static __always_inline void count_loss(enum counter counter)
{
    count(counter);
    lost_any = 1;
}

/* Zero, which the verifier does not know. */
__u32 unknown_zero;

/* The verifier walks what follows once for each number that it knows here by the way it came. */
#define forget_number(number) ((number) += (typeof(number))unknown_zero)
