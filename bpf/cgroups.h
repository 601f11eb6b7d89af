/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Births and deaths of cgroups, and the first program that runs in a new one, in the same ring
 * buffer as the checks: so user space sees them in the order in which they happened. And who is put
 * into a cgroup, see setup.h.
 *
 * Always woken up for: a name is looked up from the moment of birth on.
 */
#pragma once

#include "bpf/maps.h"
#include "bpf/policy.h"
#include "bpf/second.h"
#include "bpf/setup.h"
#include "bpf/task.h"

const volatile __u8 want_programs = 0;

/* Cgroups in which nothing has been executed since they were made. The oldest is forgotten when it
 * is full; of its first program user space then hears nothing. */
struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, NEWBORN_MAX);
    __type(key, __u64);
    __type(value, __u8);
} newborn SEC(".maps");

static __always_inline void fill_notice(struct cgroup_event *event, __u32 kind, __u64 cgroup_id)
{
    event->kind = kind;
    event->pid = bpf_get_current_pid_tgid() >> 32;
    event->time_ns = bpf_ktime_get_boot_ns();
    event->cgroup_id = cgroup_id;
    event->parent_id = 0;
}

static __always_inline void tell(__u32 kind, __u64 cgroup_id)
{
    struct cgroup_event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);

    if (!event) {
        count_loss(COUNTER_LOST_CGROUPS);
        return;
    }
    fill_notice(event, kind, cgroup_id);
    bpf_ringbuf_submit(event, BPF_RB_FORCE_WAKEUP);
}

/* The notice of a birth while it is written: there is one at a time in the kernel, under a lock. */
struct cgroup_birth birth;

/* Returns its bytes, with the end; 0 when it could not be read. The verifier has to see the bounds
 * of the very number that is added to later: the barriers keep the compiler from adding first. */
static __always_inline __u64 read_name(const struct kernfs_node *node)
{
    __u64 size = (__u64)(HAVE_SNPRINTF
                             ? BPF_SNPRINTF(birth.name, CGROUP_NAME_SIZE, "%s", node->name)
                             : bpf_probe_read_kernel_str(birth.name, CGROUP_NAME_SIZE, node->name));

    barrier_var(size);
    if (size > CGROUP_NAME_SIZE)
        size = 0;
    barrier_var(size);
    return size;
}

static __always_inline int see_birth(struct cgroup *cgroup)
{
    __u64 id = cgroup->kn->id;
    __u64 size;
    __u8 one = 1;

    if (cgroup->root->hierarchy_id != hierarchy_id)
        return 0;
    bpf_map_update_elem(&newborn, &id, &one, BPF_ANY);
    fill_notice(&birth.event, EVENT_CGROUP_BORN, id);
    birth.event.parent_id = cgroup->self.parent->cgroup->kn->id;
    size = read_name(cgroup->kn);
    if (bpf_ringbuf_output(&events, &birth, sizeof(birth.event) + size, BPF_RB_FORCE_WAKEUP) < 0)
        count_loss(COUNTER_LOST_CGROUPS);
    return 0;
}

SEC("tp_btf/cgroup_mkdir")
int BPF_PROG(cgroup_born, struct cgroup *cgroup, const char *path)
{
    first_sees(current_task());
    return see_birth(UNTRUSTED(cgroup, cgroup));
}

SEC("tp_btf/cgroup_mkdir")
int BPF_PROG(cgroup_born2, struct cgroup *cgroup, const char *path)
{
    return first_saw(current_task(), &caught_cgroups) ? 0 : see_birth(UNTRUSTED(cgroup, cgroup));
}

static __always_inline int see_death(struct cgroup *cgroup)
{
    __u64 id = cgroup->kn->id;

    if (cgroup->root->hierarchy_id != hierarchy_id)
        return 0;
    bpf_map_delete_elem(&newborn, &id);
    tell(EVENT_CGROUP_GONE, id);
    return 0;
}

SEC("tp_btf/cgroup_rmdir")
int BPF_PROG(cgroup_gone, struct cgroup *cgroup, const char *path)
{
    first_sees(current_task());
    return see_death(UNTRUSTED(cgroup, cgroup));
}

SEC("tp_btf/cgroup_rmdir")
int BPF_PROG(cgroup_gone2, struct cgroup *cgroup, const char *path)
{
    return first_saw(current_task(), &caught_cgroups) ? 0 : see_death(UNTRUSTED(cgroup, cgroup));
}

/*
 * An engine may execute itself again inside the new cgroup before it becomes the container:
 * runc 1.1 does, from a memory file or a bind mount of itself. Such a file has no links, or is the
 * one that the parent runs.
 */
static __always_inline int is_engine(struct task_struct *task, struct file *program)
{
    struct inode *inode = program->f_inode;
    struct mm_struct *mm = TASK_READ(task, real_parent, mm);
    struct file *parents = mm ? TASK_READ(mm, exe_file) : NULL;

    if (inode->i_nlink == 0)
        return 1;
    return parents && TASK_READ(parents, f_inode) == inode;
}

static __always_inline int see_exec(struct task_struct *task, struct linux_binprm *program)
{
    __u64 id = task_cgroup_id(task);
    __u32 tgid = TASK_READ(task, tgid);
    int is_first = bpf_map_lookup_elem(&newborn, &id) != NULL;
    int ends_setup = is_first || is_in_setup(tgid);

    if ((!ends_setup && !want_programs) || is_engine(task, program->file))
        return 0;
    if (ends_setup)
        setup_ends(tgid);
    if (is_first) {
        bpf_map_delete_elem(&newborn, &id);
        tell(EVENT_CGROUP_EXEC, id);
    }
    if (want_programs && policy_of(id) != POLICY_IGNORE)
        tell(EVENT_CGROUP_PROGRAM, id);
    return 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(cgroup_exec, struct task_struct *task, int old_pid, struct linux_binprm *program)
{
    task = UNTRUSTED(task, task_struct);
    first_sees(task);
    return see_exec(task, UNTRUSTED(program, linux_binprm));
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(cgroup_exec2, struct task_struct *task, int old_pid, struct linux_binprm *program)
{
    task = UNTRUSTED(task, task_struct);
    return first_saw(task, &caught_cgroups) ? 0 : see_exec(task, UNTRUSTED(program, linux_binprm));
}

/*
 * What neither copy of the next two sees is not counted: it is no check and no cgroup. An engine's
 * work is then shown as the container's, and nothing is hidden.
 */

static __always_inline int see_entry(struct cgroup *cgroup, struct task_struct *task)
{
    if (cgroup->root->hierarchy_id == hierarchy_id && is_outside(current_task()))
        setup_begins(TASK_READ(task, tgid));
    return 0;
}

/* A process, or all of its threads one after the other, now is in this cgroup. */
SEC("tp_btf/cgroup_attach_task")
int BPF_PROG(cgroup_entered, struct cgroup *cgroup, const char *path, struct task_struct *task)
{
    first_sees(current_task());
    return see_entry(UNTRUSTED(cgroup, cgroup), UNTRUSTED(task, task_struct));
}

SEC("tp_btf/cgroup_attach_task")
int BPF_PROG(cgroup_entered2, struct cgroup *cgroup, const char *path, struct task_struct *task)
{
    return first_saw(current_task(), &caught_entries)
               ? 0
               : see_entry(UNTRUSTED(cgroup, cgroup), UNTRUSTED(task, task_struct));
}

static __always_inline int see_fork(struct task_struct *parent, struct task_struct *child)
{
    __u32 tgid = TASK_READ(child, tgid);

    if (tgid == TASK_READ(parent, tgid))
        return 0; /* a thread */
    if (is_in_setup(TASK_READ(parent, tgid)))
        setup_is_inherited(TASK_READ(parent, tgid), tgid);
    else if (hierarchy == HIERARCHY_V2 && task_cgroup_id(child) != task_cgroup_id(parent) &&
             is_outside(parent))
        setup_begins(tgid);
    return 0;
}

/* A child may be made in another cgroup than its parent's: clone3(2), cgroup v2 only. */
SEC("tp_btf/sched_process_fork")
int BPF_PROG(process_forked, struct task_struct *parent, struct task_struct *child)
{
    parent = UNTRUSTED(parent, task_struct);
    first_sees(parent);
    return see_fork(parent, UNTRUSTED(child, task_struct));
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(process_forked2, struct task_struct *parent, struct task_struct *child)
{
    parent = UNTRUSTED(parent, task_struct);
    return first_saw(parent, &caught_entries) ? 0 : see_fork(parent, UNTRUSTED(child, task_struct));
}
