/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records of the ring buffer: the contract between the BPF programs and user space, and the only
 * header that both include. Fixed-width types, largest first, no padding; sizes are asserted. The
 * kind comes first in every record; readers count what they do not know.
 */
#pragma once

#ifndef __bpf__
#include <linux/types.h>
#endif

#define EVENT_COMM_SIZE   16  /* TASK_COMM_LEN */
#define EVENT_STACK_DEPTH 48  /* frames kept of each stack */

enum event_kind {
    EVENT_CAPABILITY = 1, /* struct capability_event, with stacks if asked for */
    EVENT_CGROUP_BORN,    /* struct cgroup_event */
    EVENT_CGROUP_GONE,    /* struct cgroup_event */
};

/* A field of this value was not there to be read on this back-end. */
#define EVENT_UNKNOWN 0xff
#define EVENT_NO_SYSCALL (-1)

enum event_flag {
    EVENT_SETUP = 1 << 0,          /* before the first exec in a new container: the engine's work */
    EVENT_OVERRIDDEN = 1 << 1,     /* under overridden credentials: cred != real_cred */
    EVENT_AUDIT_INFERRED = 1 << 2, /* `audit` was told from the caller, not read */
    EVENT_SELF_TEST = 1 << 3,      /* made by our own process, on purpose */
    EVENT_KERNEL_STACK = 1 << 4,   /* a struct capability_stacks follows: kernel frames */
    EVENT_USER_STACK = 1 << 5,     /* likewise: user frames */
};

struct capability_event {
    __u32 kind;
    __u32 flags;             /* enum event_flag */
    __u64 time_ns;           /* CLOCK_BOOTTIME */
    __u64 cgroup_id;         /* of the task, in the hierarchy that user space chose */
    __u64 effective;         /* capability set of the credentials that were checked */
    __u32 pid;               /* process (tgid) in the initial pid namespace */
    __u32 tid;               /* thread */
    __u32 uid;               /* real uid of the task, in the initial user namespace */
    __u32 gid;
    __u32 mount_namespace;   /* inode number, 0 when the task has none any more */
    __u32 current_userns;    /* inode number: user namespace of the credentials */
    __u32 target_userns;     /* inode number: user namespace that the capability was asked in */
    __s32 syscall;           /* number, EVENT_NO_SYSCALL outside a system call */
    char comm[EVENT_COMM_SIZE];
    __u8 capability;         /* 0..63 */
    __u8 denied;             /* 0 allowed, 1 denied */
    __u8 audit;              /* 1 the denial would be audited, 0 a silent probe, EVENT_UNKNOWN */
    __u8 insetid;            /* 1 asked for by a setid call, 0 not, EVENT_UNKNOWN */
    __u32 repeats;           /* reserved for aggregation, 0 */
};

/* Follows a capability_event that has EVENT_KERNEL_STACK or EVENT_USER_STACK. Innermost frame
 * first; a count of 0 means that the stack could not be read. */
struct capability_stacks {
    __u32 kernel_count;
    __u32 user_count;
    __u64 kernel[EVENT_STACK_DEPTH];
    __u64 user[EVENT_STACK_DEPTH];
};

struct cgroup_event {
    __u32 kind;
    __u32 level;             /* depth below the hierarchy's root */
    __u64 time_ns;
    __u64 cgroup_id;
    __u64 parent_id;
};

_Static_assert(sizeof(struct capability_event) == 88, "event.h: layout changed");
_Static_assert(sizeof(struct cgroup_event) == 32, "event.h: layout changed");
