/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The little of the kernel that we read, relocated by CO-RE: only the names of types and fields
 * matter, never their places. Nothing is generated from the builder's kernel, so that two builds
 * give the same bytes.
 */
#pragma once

#define __VMLINUX_H__ /* <bpf/bpf_tracing.h>: pt_regs has the kernel's names */

#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#define PF_IO_WORKER   0x00000010 /* include/linux/sched.h */
#define PF_USER_WORKER 0x00004000 /* likewise, since 6.4 */
#define PF_KTHREAD     0x00200000

#define TS_COMPAT      0x0002 /* arch/x86/include/asm/thread_info.h: a 32-bit system call */
#define PSR_MODE32_BIT 0x0010 /* arm64: SPSR_EL1.M[4], set by the processor: a 32-bit caller */

/* Adds one, whichever CPU is at it too. Not by __sync_fetch_and_add(), which clang 21 and later
 * make into an instruction of Linux 5.12, even where nobody wants the old value. */
static __always_inline void count_up(__u64 *counter)
{
    __atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct ns_common {
    unsigned int inum;
};

struct user_namespace {
    struct user_namespace *parent;
    int level;
    struct ns_common ns;
};

struct mnt_namespace {
    struct ns_common ns;
};

struct nsproxy {
    struct mnt_namespace *mnt_ns;
};

typedef struct {
    __u64 val;
} kernel_cap_t;

typedef struct {
    unsigned int val;
} kuid_t;

typedef struct {
    unsigned int val;
} kgid_t;

struct cred {
    kuid_t uid;
    kgid_t gid;
    kuid_t euid;
    kernel_cap_t cap_permitted;
    kernel_cap_t cap_effective;
    kernel_cap_t cap_bset;
    struct user_namespace *user_ns;
};

/* Before 6.3 a capability set is two words. */
struct capability_words {
    __u32 cap[2];
};

struct cred___words {
    struct capability_words cap_permitted;
    struct capability_words cap_effective;
    struct capability_words cap_bset;
};

struct kernfs_node {
    const char *name;
    __u64 id;
};

struct cgroup_root {
    __u32 hierarchy_id; /* 0: cgroup v2 */
};

struct cgroup;

struct cgroup_subsys_state {
    struct cgroup *cgroup;
    struct cgroup_subsys_state *parent;
};

struct cgroup {
    struct cgroup_subsys_state self;
    struct kernfs_node *kn;
    struct cgroup_root *root;
};

struct css_set {
    struct cgroup_subsys_state *subsys[1];
    struct cgroup *dfl_cgrp;
};

struct inode {
    unsigned int i_nlink;
};

struct file {
    struct inode *f_inode;
};

struct mm_struct {
    struct file *exe_file;
};

struct thread_info {
    __u32 status; /* x86 */
};

struct pid {
    unsigned int level; /* of pid namespaces: 0 is the first one */
};

struct task_struct {
    struct thread_info thread_info;
    void *stack;
    unsigned int flags;
    __u32 pid;
    __u32 tgid;
    struct task_struct *real_parent;
    struct pid *thread_pid;
    struct mm_struct *mm;
    const struct cred *real_cred;
    const struct cred *cred;
    char comm[16];
    struct nsproxy *nsproxy;
    struct css_set *cgroups;
};

/* Of anything in the kernel that is eight bytes long. */
struct timespec64 {
    __s64 tv_sec;
};

struct linux_binprm {
    struct file *file;
};

#if defined(__TARGET_ARCH_x86)
#define SYSCALL_REGISTER orig_ax
/* Named as <bpf/bpf_tracing.h> wants them for kernel code. */
struct pt_regs {
    unsigned long r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di;
    unsigned long orig_ax;
    unsigned long ip, cs, flags, sp, ss;
};
#elif defined(__TARGET_ARCH_arm64)
#define SYSCALL_REGISTER syscallno
/* The part that user space may see, by which <bpf/bpf_tracing.h> takes the arguments of probes. */
struct user_pt_regs {
    __u64 regs[31], sp, pc, pstate;
};
struct pt_regs {
    __u64 pstate;
    __s32 syscallno;
};
#endif

/* Values differ by configuration: always asked for with bpf_core_enum_value(). */
enum cgroup_subsys_id {
    cpu_cgrp_id = 1,
    memory_cgrp_id = 2,
    pids_cgrp_id = 3,
};

#pragma clang attribute pop
