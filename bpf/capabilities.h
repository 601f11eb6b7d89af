/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Capability checks. Each back-end is a thin front door that knows only where the kernel keeps its
 * arguments; wanted() (subject.h) and observe() do the rest for all of them.
 *
 * Cost, above an empty program on the same hook: some 20 ns for a check that is ignored, some 150
 * for one that is reported (make bench). So: loads through pointers, no helper calls and no map
 * look-ups where they can be avoided, filters that are off removed by the verifier.
 */
#pragma once

#include "bpf/caller.h"
#include "bpf/check.h"
#include "bpf/ring.h"
#include "bpf/second.h"
#include "bpf/subject.h"
#include "bpf/task.h"

/* Switches, fixed before loading. */
const volatile __u8 want_unaudited = 1;
const volatile __u8 want_unique = 0;
const volatile __u8 want_kernel_stack = 0;
const volatile __u8 want_user_stack = 0;

struct unique_key {
    __u64 cgroup_id;
    __u32 capability;
    __u16 denied;
    __u16 others; /* not of the task's own credentials: that hides nothing of its own */
};

/* --unique: what has been reported of a cgroup. What has not come again for long makes room; it is
 * passed up once more then, and user space has the last word. */
struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, UNIQUE_MAX);
    __type(key, struct unique_key);
    __type(value, __u8);
} unique SEC(".maps");

/* Arguments of a check between the kprobe and the kretprobe, by thread. */
struct arguments {
    const struct cred *cred;
    struct user_namespace *target;
    __s32 capability;
    __u32 options;
};

struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, 16384);
    __type(key, __u64);
    __type(value, struct arguments);
} entered SEC(".maps");

/* Likewise, with --print-stack: at the return old kernels cannot look beyond the return probe. */
struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, 16384);
    __type(key, __u64);
    __type(value, struct entry_stack);
} entry_stacks SEC(".maps");

static const struct entry_stack no_stack;

/* Whether --unique may decide in the kernel: what an engine does in a container is not what the
 * container does. */
static __always_inline int is_counted(const struct subject *subject)
{
    return want_unique && subject->policy == POLICY_REPORT && !(subject->flags & EVENT_SETUP);
}

/* The key is filled in for what is then remembered. */
static __always_inline int is_repeat(const struct subject *subject, const struct check *check,
                                     struct unique_key *ret_key)
{
    ret_key->cgroup_id = subject->cgroup_id;
    ret_key->capability = check->capability;
    ret_key->denied = check->denied;
    ret_key->others = (subject->flags & (EVENT_OVERRIDDEN | EVENT_FOREIGN)) != 0;
    if (!is_counted(subject) || !bpf_map_lookup_elem(&unique, ret_key))
        return 0;
    count(COUNTER_REPEATS);
    return 1;
}

static __always_inline void fill(struct capability_event *event, const struct subject *subject,
                                 const struct check *check)
{
    event->kind = EVENT_CAPABILITY;
    event->flags = subject->flags;
    event->time_ns = bpf_ktime_get_boot_ns();
    event->cgroup_id = subject->cgroup_id;
    event->effective = check->effective;
    event->permitted = check->permitted;
    event->bounding = check->bounding;
    event->euid = check->euid;
    task_identity(subject->task, event);
    event->mount_namespace = task_mount_namespace(subject->task);
    event->current_userns = check->current_userns;
    event->target_userns = check->target_userns;
    event->syscall = check->syscall;
    event->capability = (__u8)check->capability;
    event->denied = check->denied;
    event->audit = check->audit;
    event->insetid = check->insetid;
    event->options = check->options;
    event->current_level = check->current_level;
    event->target_level = check->target_level;
}

static __always_inline __u32 take_kernel_stack(void *ctx, __u64 *frames)
{
    long size = bpf_get_stack(ctx, frames, EVENT_STACK_DEPTH * sizeof(*frames), 0);

    return size > 0 ? (__u32)size / sizeof(*frames) : 0;
}

static __always_inline __u32 take_user_stack(void *ctx, struct user_frame *frames)
{
    long size = bpf_get_stack(ctx, frames, EVENT_STACK_DEPTH * sizeof(*frames),
                              BPF_F_USER_STACK | BPF_F_USER_BUILD_ID);

    return size > 0 ? (__u32)size / sizeof(*frames) : 0;
}

static __always_inline void add_kernel_stack(void *ctx, struct capability_event_stacks *record,
                                             const struct subject *subject)
{
    record->event.flags |= EVENT_KERNEL_STACK;
    if (subject->early) {
        record->stacks.kernel_count = (__u32)subject->early->count;
        __builtin_memcpy(record->stacks.kernel, subject->early->frames,
                         sizeof(record->stacks.kernel));
    } else {
        record->stacks.kernel_count = take_kernel_stack(ctx, record->stacks.kernel);
    }
}

static __always_inline int submit_with_kernel_stack(void *ctx, const struct subject *subject,
                                                    const struct check *check)
{
    struct capability_event_stacks *record =
        bpf_ringbuf_reserve(&events, KERNEL_STACK_RECORD_SIZE, 0);

    if (!record)
        return 0;
    fill(&record->event, subject, check);
    record->stacks.user_count = 0;
    add_kernel_stack(ctx, record, subject);
    bpf_ringbuf_submit(record, wake_flag());
    return 1;
}

/* The reader is woken up at once: it has to look at the process while that is there. */
static __always_inline int submit_with_user_stack(void *ctx, const struct subject *subject,
                                                  const struct check *check)
{
    struct capability_event_stacks *record = bpf_ringbuf_reserve(&events, sizeof(*record), 0);

    if (!record)
        return 0;
    fill(&record->event, subject, check);
    record->stacks.kernel_count = 0;
    if (want_kernel_stack)
        add_kernel_stack(ctx, record, subject);
    record->event.flags |= EVENT_USER_STACK;
    record->stacks.user_count = take_user_stack(ctx, record->stacks.user);
    bpf_ringbuf_submit(record, BPF_RB_FORCE_WAKEUP);
    return 1;
}

static __always_inline int submit(const struct subject *subject, const struct check *check)
{
    struct capability_event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);

    if (!event)
        return 0;
    fill(event, subject, check);
    bpf_ringbuf_submit(event, wake_flag());
    return 1;
}

static __always_inline int observe(void *ctx, const struct subject *subject, struct check *check)
{
    struct unique_key key = {};
    __u8 reported = 1;
    int done;

    if (!want_unaudited && check->audit == 0 && !(subject->flags & EVENT_SELF_TEST)) {
        count(COUNTER_SILENT);
        return 0;
    }
    if (subject->policy == POLICY_REPORT && is_audit_filtered(check->audit)) {
        count(COUNTER_FILTERED);
        return 0;
    }
    if (is_repeat(subject, check, &key))
        return 0;
    if (want_user_stack)
        done = submit_with_user_stack(ctx, subject, check);
    else if (want_kernel_stack)
        done = submit_with_kernel_stack(ctx, subject, check);
    else
        done = submit(subject, check);
    if (!done)
        count_loss(COUNTER_LOST); /* and not remembered as reported */
    else if (is_counted(subject))
        bpf_map_update_elem(&unique, &key, &reported, BPF_NOEXIST);
    return 0;
}

/* The options are known: fexit and kprobe. */
static __always_inline void read_options(struct check *check, __u32 options)
{
    check->options = options;
    check->audit = !(options & option_noaudit);
    check->insetid = !!(options & option_insetid);
}

static __always_inline void set_syscall(struct subject *subject, struct check *check)
{
    check->syscall = task_syscall(subject->task);
    if (task_is_compat(subject->task))
        subject->flags |= EVENT_COMPAT;
}

static __always_inline void set_placed_syscall(struct subject *subject, struct check *check)
{
    struct task_struct *task = subject->task;
    struct pt_regs *registers = placed_registers(task);

    check->syscall = is_kernel_worker(task) ? EVENT_NO_SYSCALL : (__s32)registers->SYSCALL_REGISTER;
    if (IS_COMPAT(task, registers->pstate))
        subject->flags |= EVENT_COMPAT;
}

/* Linux 6.14 and later; the only door that lockdown=confidentiality leaves open. */
static __always_inline int see_tracepoint(void *ctx, struct task_struct *task,
                                          const struct cred *cred,
                                          const struct user_namespace *target, int cap, int ret)
{
    struct subject subject;
    struct check check = {};

    cred = UNTRUSTED(cred, cred);
    target = UNTRUSTED(target, user_namespace);
    if (!wanted(&subject, task, cap, ret != 0))
        return 0;
    check.capability = cap;
    check.denied = ret != 0;
    READ_CREDENTIALS(&check, cred, target, ___arrow);
    if (is_hidden_as_foreign(&subject, &check, cred))
        return 0;
    if (OUT_OF_REACH(&check, target, ___arrow))
        subject.flags |= EVENT_OUT_OF_REACH;
    join_paths(&subject, &check);
    set_placed_syscall(&subject, &check);
    infer_options(ctx, &check, !!(subject.flags & EVENT_SELF_TEST));
    if (check.audit != EVENT_UNKNOWN)
        subject.flags |= EVENT_AUDIT_INFERRED;
    return observe(ctx, &subject, &check);
}

/* Of two programs on a trace event the kernel calls the one that was attached first first. */
SEC("tp_btf/cap_capable")
int BPF_PROG(capable_tracepoint, const struct cred *cred, struct user_namespace *target,
             const struct user_namespace *capable, int cap, int ret)
{
    struct task_struct *task = current_task();

    first_sees(task);
    return see_tracepoint(ctx, task, cred, target, cap, ret);
}

SEC("tp_btf/cap_capable")
int BPF_PROG(capable_tracepoint2, const struct cred *cred, struct user_namespace *target,
             const struct user_namespace *capable, int cap, int ret)
{
    struct task_struct *task = current_task();

    return first_saw(task, &caught_checks) ? 0 : see_tracepoint(ctx, task, cred, target, cap, ret);
}

/* Linux 5.5 and later with BTF and trampolines. */
static __always_inline int see_fexit(void *ctx, struct task_struct *task, const struct cred *cred,
                                     const struct user_namespace *target, int cap,
                                     unsigned int options, int ret)
{
    struct subject subject;
    struct check check = {};

    if (!wanted(&subject, task, cap, ret != 0))
        return 0;
    check.capability = cap;
    check.denied = ret != 0;
    READ_CREDENTIALS(&check, cred, target, ___arrow);
    if (is_hidden_as_foreign(&subject, &check, cred))
        return 0;
    if (OUT_OF_REACH(&check, target, ___arrow))
        subject.flags |= EVENT_OUT_OF_REACH;
    join_paths(&subject, &check);
    set_syscall(&subject, &check);
    read_options(&check, options);
    return observe(ctx, &subject, &check);
}

/* Of two programs on a trampoline the kernel calls the one that was attached last first. */
SEC("fexit/cap_capable")
int BPF_PROG(capable_fexit2, const struct cred *cred, struct user_namespace *target, int cap,
             unsigned int options, int ret)
{
    struct task_struct *task = current_task();

    return first_saw(task, &caught_checks) ? 0
                                           : see_fexit(ctx, task, cred, target, cap, options, ret);
}

SEC("fexit/cap_capable")
int BPF_PROG(capable_fexit, const struct cred *cred, struct user_namespace *target, int cap,
             unsigned int options, int ret)
{
    struct task_struct *task = current_task();

    first_sees(task);
    return see_fexit(ctx, task, cred, target, cap, options, ret);
}

static __always_inline int is_ignored(struct task_struct *task)
{
    return TASK_READ(task, tgid) != self_pid && policy_of(task_cgroup_id(task)) == POLICY_IGNORE;
}

/* What was asked for is not known: whether it was wanted, only as far as its cgroup tells. As long
 * as we test ourselves the entry's probe may not be attached yet. */
static __always_inline void count_unpaired(void)
{
    struct task_struct *task = current_task();

    if (self_testing || TASK_READ(task, tgid) == self_pid || is_ignored(task))
        return;
    count_loss(COUNTER_UNPAIRED);
}

static __always_inline void see_return(void *ctx, __u64 thread, const struct arguments *arguments,
                                       int ret)
{
    struct cred *cred = (void *)arguments->cred;
    struct user_namespace *target = arguments->target;
    struct subject subject;
    struct check check = {};

    if (!wanted(&subject, current_task(), arguments->capability, ret != 0))
        return;
    check.capability = arguments->capability;
    check.denied = ret != 0;
    READ_CREDENTIALS(&check, cred, target, BPF_CORE_READ);
    if (is_hidden_as_foreign(&subject, &check, cred))
        return;
    if (OUT_OF_REACH(&check, target, BPF_CORE_READ))
        subject.flags |= EVENT_OUT_OF_REACH;
    join_paths(&subject, &check);
    set_syscall(&subject, &check);
    read_options(&check, arguments->options);
    if (want_kernel_stack)
        subject.early = bpf_map_lookup_elem(&entry_stacks, &thread);
    (void)observe(ctx, &subject, &check);
}

/*
 * Everywhere else: the arguments are there at the entry, the answer at the return. The return comes
 * first in this file, so that it is attached first: of two probes of a function the kernel calls
 * the later one first, and the other puts a trampoline in the place of the caller.
 */
SEC("kretprobe/cap_capable")
int BPF_KRETPROBE(capable_return, int ret)
{
    __u64 thread = bpf_get_current_pid_tgid();
    struct arguments *arguments = bpf_map_lookup_elem(&entered, &thread);

    if (!arguments) {
        count_unpaired();
        return 0;
    }
    see_return(ctx, thread, arguments, ret);
    bpf_map_delete_elem(&entered, &thread);
    return 0;
}

static __always_inline void remember_stack(void *ctx, __u64 thread)
{
    struct entry_stack *stack;

    bpf_map_update_elem(&entry_stacks, &thread, &no_stack, BPF_ANY);
    stack = bpf_map_lookup_elem(&entry_stacks, &thread);
    if (stack)
        stack->count = take_kernel_stack(ctx, stack->frames);
}

SEC("kprobe/cap_capable")
int BPF_KPROBE(capable_entry, const struct cred *cred, struct user_namespace *target, int cap,
               unsigned int options)
{
    struct arguments arguments = {
        .cred = cred,
        .target = target,
        .capability = cap,
        .options = options,
    };
    __u64 thread = bpf_get_current_pid_tgid();

    if (is_ignored(current_task())) /* most are: nothing is kept of them */
        return 0;
    bpf_map_update_elem(&entered, &thread, &arguments, BPF_ANY);
    if (want_kernel_stack)
        remember_stack(ctx, thread);
    return 0;
}
