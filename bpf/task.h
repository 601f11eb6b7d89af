/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading the current task. Through BTF pointers where the kernel has bpf_get_current_task_btf()
 * (5.11), because that is all that is allowed under lockdown=confidentiality; the other branch is
 * then dead code, which the verifier never looks at.
 * The second branch may go when 5.10 is no longer supported.
 */
#pragma once

#include "bpf/maps.h"

/* Of enum bpf_func_id, as the running kernel knows it. */
enum bpf_func_id___task {
    BPF_FUNC_get_current_task_btf___task = 158,
    BPF_FUNC_snprintf___task = 165,
    BPF_FUNC_task_pt_regs___task = 175,
};

#define HAVE_TASK_BTF \
    bpf_core_enum_value_exists(enum bpf_func_id___task, BPF_FUNC_get_current_task_btf___task)
#define HAVE_TASK_PT_REGS \
    bpf_core_enum_value_exists(enum bpf_func_id___task, BPF_FUNC_task_pt_regs___task)

/* Reads text of the kernel where bpf_probe_read_kernel_str() may not. Since 5.13. */
#define HAVE_SNPRINTF bpf_core_enum_value_exists(enum bpf_func_id___task, BPF_FUNC_snprintf___task)

/* TASK_READ(task, nsproxy, mnt_ns, ns.inum) is task->nsproxy->mnt_ns->ns.inum */
#define TASK_READ(task, ...) \
    (HAVE_TASK_BTF ? ___arrow(task, __VA_ARGS__) : BPF_CORE_READ(task, __VA_ARGS__))

/* `read` is ___arrow for a BTF pointer, BPF_CORE_READ for any other. */
#define CAPABILITY_SET(cred, set, read)                                     \
    ({                                                                      \
        struct cred *one_ = (void *)(cred);                                 \
        struct cred___words *two_ = (void *)one_;                           \
        bpf_core_field_exists(one_->set.val)                                \
            ? read(one_, set.val)                                           \
            : (__u64)read(two_, set.cap[1]) << 32 | read(two_, set.cap[0]); \
    })

/* Since 6.2. */
extern void *bpf_rdonly_cast(const void *object, __u32 btf_id) __ksym __weak;

#define CAST(pointer, type) ((struct type *)bpf_rdonly_cast(pointer, type_ids.type))

/*
 * The verifier searches the whole of the kernel's types, several times, at each step through a
 * trusted pointer: that would be half the time of a start. Through one that it need not trust it
 * does not. What is read is the same.
 */
#define UNTRUSTED(pointer, type) (type_ids.type ? CAST(pointer, type) : (struct type *)(pointer))

static __always_inline struct task_struct *current_task(void)
{
    if (HAVE_TASK_BTF)
        return UNTRUSTED(bpf_get_current_task_btf(), task_struct);
    return (struct task_struct *)bpf_get_current_task();
}

/* The cgroup of a css_set in the hierarchy of one v1 controller. The controller's number differs by
 * kernel configuration. The barrier keeps the offset a number of its own: clang 21 and later would
 * make it part of the load, which libbpf then refuses, as the array has another size in the kernel.
 */
#define CONTROLLER_CGROUP_ID(task, controller)                                      \
    ({                                                                              \
        __u64 offset_ = bpf_core_field_offset(struct css_set, subsys) +             \
                        8 * bpf_core_enum_value(enum cgroup_subsys_id, controller); \
        struct cgroup_subsys_state **place_;                                        \
        struct cgroup_subsys_state *css_;                                           \
        __u64 id_;                                                                  \
        barrier_var(offset_);                                                       \
        place_ = (void *)TASK_READ(task, cgroups) + offset_;                        \
        if (HAVE_TASK_BTF) {                                                        \
            css_ = *place_;                                                         \
            id_ = css_->cgroup->kn->id;                                             \
        } else {                                                                    \
            bpf_probe_read_kernel(&css_, sizeof(css_), place_);                     \
            id_ = BPF_CORE_READ(css_, cgroup, kn, id);                              \
        }                                                                           \
        id_;                                                                        \
    })

static __always_inline __u64 task_cgroup_id(struct task_struct *task)
{
    switch (hierarchy) {
    case HIERARCHY_PIDS:
        return CONTROLLER_CGROUP_ID(task, pids_cgrp_id);
    case HIERARCHY_MEMORY:
        return CONTROLLER_CGROUP_ID(task, memory_cgrp_id);
    case HIERARCHY_CPU:
        return CONTROLLER_CGROUP_ID(task, cpu_cgrp_id);
    default:
        return TASK_READ(task, cgroups, dfl_cgrp, kn, id);
    }
}

static __always_inline __u32 task_mount_namespace(struct task_struct *task)
{
    struct nsproxy *nsproxy = TASK_READ(task, nsproxy);

    return nsproxy ? TASK_READ(nsproxy, mnt_ns, ns.inum) : 0; /* none: the task is exiting */
}

/* Where the registers were saved at the entry into the kernel: the far end of the stack. Before
 * bpf_task_pt_regs() (5.15). */
static __always_inline struct pt_regs *saved_registers(struct task_struct *task)
{
    return BPF_CORE_READ(task, stack) + stack_size - bpf_core_type_size(struct pt_regs);
}

/* One of them, of the current task. */
#define SAVED_REGISTER(task, name)                                                              \
    (HAVE_TASK_PT_REGS ? ((struct pt_regs *)bpf_task_pt_regs(bpf_get_current_task_btf()))->name \
                       : BPF_CORE_READ(saved_registers(task), name))

/* Works for the kernel, in no system call of its own. */
static __always_inline int is_kernel_worker(struct task_struct *task)
{
    return !!(TASK_READ(task, flags) & (PF_KTHREAD | PF_IO_WORKER | PF_USER_WORKER));
}

/* Of the current task, from the saved registers: no hook on every system call is needed. */
static __always_inline __s32 task_syscall(struct task_struct *task)
{
    return is_kernel_worker(task) ? EVENT_NO_SYSCALL
                                  : (__s32)SAVED_REGISTER(task, SYSCALL_REGISTER);
}

/* 32-bit programs have system call numbers of their own. `pstate` is a register of arm64. */
#if defined(__TARGET_ARCH_x86)
#define IS_COMPAT(task, pstate) (!!(TASK_READ(task, thread_info.status) & TS_COMPAT))
#else
#define IS_COMPAT(task, pstate) ((PSR_MODE32_BIT & (pstate)) != 0)
#endif

static __always_inline int task_is_compat(struct task_struct *task)
{
    return IS_COMPAT(task, SAVED_REGISTER(task, pstate));
}

/*
 * The same for programs of 6.14 and later, without a helper: how far the registers lie from the
 * start of a stack is the same for all tasks as long as the kernel runs. The first check tells; the
 * self-test looks at what comes of it.
 */
static __always_inline struct pt_regs *placed_registers(struct task_struct *task)
{
    void *stack = CAST(task->stack, pt_regs);

    if (!registers_offset)
        registers_offset = (__u64)bpf_task_pt_regs(bpf_get_current_task_btf()) - (__u64)stack;
    return CAST((void *)task->stack + registers_offset, pt_regs);
}

/* Plain loads where they are allowed: half the price of the helpers. */
static __always_inline void task_identity(struct task_struct *task, struct capability_event *event)
{
    if (HAVE_TASK_BTF) {
        event->pid = task->tgid;
        event->tid = task->pid;
        event->uid = task->cred->uid.val;
        event->gid = task->cred->gid.val;
        *(__u64 *)&event->comm[0] = *(__u64 *)&task->comm[0];
        *(__u64 *)&event->comm[8] = *(__u64 *)&task->comm[8];
    } else {
        __u64 ids = bpf_get_current_pid_tgid();

        event->pid = ids >> 32;
        event->tid = (__u32)ids;
        ids = bpf_get_current_uid_gid();
        event->uid = (__u32)ids;
        event->gid = ids >> 32;
        bpf_get_current_comm(event->comm, sizeof(event->comm));
    }
}
