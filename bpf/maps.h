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

/* All __weak, so that `bpftool gen object` folds the copies of the programs into one. */
struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 16 << 20); /* set by --buffer-size */
} events SEC(".maps") __weak;

__u64 counters[COUNTER_LINES][COUNTER_WORDS] __attribute__((aligned(64))) __weak;

/* enum reader_state. On a line of its own: every reported check reads it. */
__u32 reader_state __attribute__((aligned(64))) __weak;
__u32 lost_any __attribute__((aligned(64))) __weak; /* set after a loss, cleared by user space */
struct caller_range callers[CALLERS_MAX] __weak;
__u32 callers_known __weak; /* 0: who calls cannot be told */
__u32 caller_places __weak; /* CALLER_PLACES(); 0: not known, so that each stack is unwound */
struct caller_sample caller_sample __weak;
__u64 registers_offset __weak; /* of a task's saved registers in its stack; 0: not known yet */
__u32 self_testing __weak;     /* while set, checks of self_pid pass every filter; else they are not
                                  shown at all: naming a container makes checks of its own */

/* Bits of a check's options (include/linux/security.h); the self-test corrects them. */
__u32 option_noaudit __weak;
__u32 option_insetid __weak;

const volatile __u32 self_pid __weak = 0;     /* user space's own process */
const volatile __u32 hierarchy __weak = 0;    /* enum hierarchy */
const volatile __u32 hierarchy_id __weak = 0; /* the kernel's number of it, 0 for v2 */
const volatile __u64 stack_size __weak = 0;   /* THREAD_SIZE: a task's stack in the kernel */
const volatile __u64 wake_fill __weak = 0;    /* bytes in the ring that wake a waiting reader */

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
