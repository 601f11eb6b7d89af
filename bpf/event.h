/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The contract between the BPF programs and user space, and the only header that both include: the
 * records of the ring buffer, and the policy table. Fixed-width types, largest first, no padding;
 * sizes are asserted. The kind comes first in every record; readers count what they do not know.
 */
#pragma once

#include <linux/types.h>

#define EVENT_COMM_SIZE   16 /* TASK_COMM_LEN */
#define EVENT_STACK_DEPTH 48 /* frames kept of each stack */

enum event_kind {
    EVENT_CAPABILITY = 1, /* struct capability_event, with stacks if asked for */
    EVENT_CGROUP_BORN,    /* struct cgroup_birth, up to the end of its name if that is there */
    EVENT_CGROUP_GONE,    /* struct cgroup_event */
    EVENT_CGROUP_EXEC,    /* struct cgroup_event: the first program in a cgroup since its birth */
    EVENT_CGROUP_PROGRAM, /* struct cgroup_event: any program, if asked for */
};

/* A field of this value was not there to be read on this back-end. */
#define EVENT_UNKNOWN    0xff
#define EVENT_NO_SYSCALL (-1)

enum event_flag {
    EVENT_SETUP = 1 << 0,          /* by a process that was put into its cgroup from outside and has
                                      executed nothing of its own yet: an engine's work */
    EVENT_OVERRIDDEN = 1 << 1,     /* under overridden credentials: cred != real_cred */
    EVENT_AUDIT_INFERRED = 1 << 2, /* `audit` was told from the caller, not read */
    EVENT_SELF_TEST = 1 << 3,      /* made by our own process, on purpose */
    EVENT_KERNEL_STACK = 1 << 4,   /* a struct capability_stacks follows: kernel frames */
    EVENT_USER_STACK = 1 << 5,     /* likewise: user frames */
    EVENT_COMPAT = 1 << 6,         /* `syscall` is a number of the 32-bit table */
    EVENT_FOREIGN = 1 << 7,        /* of another's credentials, which would be answered otherwise:
                                      the opener's of a file, a tracer's, another task's */
    EVENT_OUT_OF_REACH = 1 << 8,   /* denied in a user namespace that is neither that of the checked
                                      credentials nor below it: no set would have helped */
};

struct capability_event {
    __u32 kind;
    __u32 flags;     /* enum event_flag */
    __u64 time_ns;   /* CLOCK_BOOTTIME */
    __u64 cgroup_id; /* of the task, in the hierarchy that user space chose */
    __u64 effective; /* capability sets of the credentials that were checked */
    __u64 permitted;
    __u64 bounding;
    __u32 pid; /* process (tgid) in the initial pid namespace */
    __u32 tid; /* thread */
    __u32 uid; /* real uid of the task, in the initial user namespace */
    __u32 gid;
    __u32 euid; /* effective uid of the checked credentials, in the initial user namespace */
    __u32 mount_namespace; /* inode number, 0 when the task has none any more */
    __u32 current_userns;  /* inode number: user namespace of the checked credentials */
    __u32 target_userns;   /* inode number: user namespace that the capability was asked in */
    __s32 syscall;         /* number, EVENT_NO_SYSCALL outside a system call */
    char comm[EVENT_COMM_SIZE];
    __u8 capability;     /* 0..63 */
    __u8 denied;         /* 0 allowed, 1 denied */
    __u8 audit;          /* 1 the denial would be audited, 0 a silent probe, EVENT_UNKNOWN */
    __u8 insetid;        /* 1 asked for by a setid call, 0 not, EVENT_UNKNOWN */
    __u32 options;       /* the kernel's own flags of the check, 0 where they are not given */
    __u16 current_level; /* of the two user namespaces below the initial one, which is 0 */
    __u16 target_level;
};

/* One frame of a user stack: struct bpf_stack_build_id of linux/bpf.h, by which a frame says where
 * it is in which file also when its process has ended. */
enum user_frame_kind {
    USER_FRAME_IN_FILE = 1, /* `where` is an offset in the file that has this build id */
    USER_FRAME_ADDRESS,     /* the file has no build id, or is not known: `where` is an address */
};

struct user_frame {
    __s32 kind;
    __u8 build_id[20];
    __u64 where;
};

/* Follows a capability_event that has EVENT_KERNEL_STACK or EVENT_USER_STACK. Innermost frame
 * first; a count of 0 means that the stack could not be read. `user` is there only with
 * EVENT_USER_STACK. */
struct capability_stacks {
    __u32 kernel_count;
    __u32 user_count;
    __u64 kernel[EVENT_STACK_DEPTH];
    struct user_frame user[EVENT_STACK_DEPTH];
};

struct capability_event_stacks {
    struct capability_event event;
    struct capability_stacks stacks;
};

/* What such a record takes without a user stack. */
#define KERNEL_STACK_RECORD_SIZE \
    (sizeof(struct capability_event_stacks) - EVENT_STACK_DEPTH * sizeof(struct user_frame))

struct cgroup_event {
    __u32 kind;
    __u32 pid;     /* process that made, removed or filled it */
    __u64 time_ns; /* CLOCK_BOOTTIME */
    __u64 cgroup_id;
    __u64 parent_id; /* at EVENT_CGROUP_BORN, else 0 */
};

#define CGROUP_NAME_SIZE 256 /* NAME_MAX, and the end */

struct cgroup_birth {
    struct cgroup_event event;
    char name[CGROUP_NAME_SIZE]; /* below its parent, NUL-terminated */
};

/* Which hierarchy's cgroup ids are meant; user space chooses by what is mounted. */
enum hierarchy {
    HIERARCHY_V2 = 0,
    HIERARCHY_PIDS, /* cgroup v1 by controller */
    HIERARCHY_MEMORY,
    HIERARCHY_CPU,
};

/*
 * The policy table: what user space has decided about a cgroup. Open addressing with linear
 * probing; one word a slot, (cgroup id << 2 | policy), so that a slot is read and written whole.
 * Written by user space only, straight into the mapped memory. A reader that misses an entry while
 * it moves sees POLICY_UNKNOWN, which is always safe: the event is passed up.
 * 1 MiB; cgroup ids count up from 1 and stay far below 2^62.
 */
enum policy {
    POLICY_UNKNOWN = 0, /* not decided: pass up */
    POLICY_IGNORE = 1,
    POLICY_REPORT = 2,
};

#define POLICY_BITS   17
#define POLICY_SLOTS  (1U << POLICY_BITS)
#define POLICY_PROBES 16 /* an entry is at most this far from its place */

static inline __u32 policy_place(__u64 cgroup_id)
{
    return (__u32)((cgroup_id * 0x9e3779b97f4a7c15ULL) >> (64 - POLICY_BITS));
}

/*
 * Functions that ask for a capability without wanting the denial audited, or on behalf of a setid
 * call: where the kernel does not hand over the options of a check, its caller tells. Filled in by
 * user space from the kernel's symbols.
 */
#define CALLERS_MAX 10

enum caller_kind {
    CALLER_SILENT = 1 << 0, /* a denial would not be audited */
    CALLER_SETID = 1 << 1,
    CALLER_RELAY = 1 << 2, /* asks for another: who did stands one further out */
};

struct caller_range {
    __u64 start;
    __u64 size; /* bytes up to the next function; 0: an empty place */
    __u64 kind; /* enum caller_kind */
};

#define CALLER_DEPTH 7  /* cap_capable, two or three wrappers, the caller */
#define CALLER_WORDS 64 /* of the stack, from the arguments of a program outwards */

/* The stack of a check of our own, unwound by the kernel and as it lies there: what the one says
 * shows where it stands in the other. */
struct caller_sample {
    __u64 words[CALLER_WORDS];
    __u64 frames[CALLER_DEPTH]; /* innermost first */
};

/* Where on the stack two return addresses stand, in words from the arguments of a program: that of
 * cap_capable(), and if it lies in a CALLER_RELAY, that of this one. One word: changed whole. */
#define CALLER_PLACES(inner, outer) ((__u32)(inner) | (__u32)(outer) << 16)
#define CALLER_INNER(places)        ((places) & (CALLER_WORDS - 1))
#define CALLER_OUTER(places)        ((places) >> 16 & (CALLER_WORDS - 1))

/* Numbers of the kernel's types, by which programs read through pointers that the kernel need not
 * trust (bpf/task.h). All 0 where it has no such pointers, before Linux 6.2. */
struct type_ids {
    __u32 task_struct;
    __u32 cred;
    __u32 user_namespace;
    __u32 cgroup;
    __u32 linux_binprm;
    __u32 pt_regs;
    __u32 timespec64;
};

/* Input and output of find_symbol. */
struct symbol_query {
    char name[64];  /* NUL-terminated, padded with NULs */
    __u64 address;  /* out: 0 when there is no such function */
    char text[128]; /* out: "name+0x0/0xSIZE" */
};

/* What the reader of the ring buffer is doing, so that writers wake it up only when they must. */
enum reader_state {
    READER_BUSY = 0, /* draining: no wake-up */
    READER_TIMER,    /* comes by itself within milliseconds: wake it up only when the ring fills */
    READER_IDLE,     /* sleeps: wake it up */
};

/* What the programs count. */
enum counter {
    COUNTER_LOST = 0,     /* checks that found the ring full */
    COUNTER_LOST_CGROUPS, /* births, deaths and execs likewise: user space then walks the tree again
                           */
    COUNTER_UNPAIRED,     /* returns whose entry nobody saw, or that was pushed out of `entered` */
    COUNTER_REPEATS,      /* not passed up: --unique */
    COUNTER_OVERRIDDEN,   /* not passed up: under overridden credentials */
    COUNTER_FOREIGN,      /* not passed up: of another's credentials */
    COUNTER_FILTERED,     /* not passed up: the user's filter */
    COUNTER_SILENT,       /* not passed up: probes whose denial would not be audited */
    COUNTERS,
};

/* A line of the cache each, so that processors do not wait for one another. */
#define COUNTER_LINES 64
#define COUNTER_WORDS 8

_Static_assert(COUNTERS <= COUNTER_WORDS, "event.h: enum counter");
_Static_assert(sizeof(struct capability_event) == 112, "event.h: layout changed");
_Static_assert(sizeof(struct user_frame) == 32, "event.h: layout changed");
_Static_assert(sizeof(struct cgroup_event) == 32, "event.h: layout changed");
_Static_assert(sizeof(struct cgroup_birth) == 32 + CGROUP_NAME_SIZE, "event.h: layout changed");
