/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fields of a capability record. JSON keys are those that users of earlier local-gadgets know. */
#include <sys/utsname.h>

#include "src/model/capability.h"
#include "src/model/container.h"
#include "src/model/field.h"
#include "src/model/record.h"
#include "src/model/syscall_name.h"

static const struct capability_event *event_of(const void *object)
{
    return ((const struct record *)object)->event;
}

static struct value get_node(const void *object)
{
    static struct utsname host;

    (void)object;
    if (!host.nodename[0])
        (void)uname(&host);
    return value_text(host.nodename);
}

/* What only a container has: none for a process of the host. */
#define CONTAINER_GETTER(name, expression)                                              \
    static struct value get_##name(const void *object)                                  \
    {                                                                                   \
        const struct container *container = ((const struct record *)object)->container; \
                                                                                        \
        return container ? (expression) : value_none();                                 \
    }

CONTAINER_GETTER(namespace, value_text(container->pod_namespace))
CONTAINER_GETTER(pod, value_text(container->pod))
CONTAINER_GETTER(runtime, value_text(container->runtime))
CONTAINER_GETTER(container_id, value_text(container->id))
CONTAINER_GETTER(image, value_text(container->image))
CONTAINER_GETTER(cgroup_path, value_text(container->cgroup_path))

static struct value get_container(const void *object)
{
    static char short_id[CONTAINER_SHORT_ID + 1]; /* valid until the next row: enough for a sink */
    const struct container *container = ((const struct record *)object)->container;

    return container ? value_text(container_display_name(container, short_id)) : value_none();
}

static struct value get_labels(const void *object)
{
    const struct container *container = ((const struct record *)object)->container;

    if (!container)
        return value_none();
    return (struct value){ .kind = VALUE_LABELS,
                           .labels = container->labels,
                           .label_count = container->label_count };
}

static struct value get_timestamp(const void *object)
{
    return (struct value){ .kind = VALUE_TIME, .number = ((const struct record *)object)->time_ns };
}

static struct value get_type(const void *object)
{
    (void)object;
    return value_text("normal");
}

static struct value get_message(const void *object)
{
    (void)object;
    return value_none();
}

#define NUMBER_GETTER(name, member)                      \
    static struct value get_##name(const void *object)   \
    {                                                    \
        return value_unsigned(event_of(object)->member); \
    }

NUMBER_GETTER(pid, pid)
NUMBER_GETTER(tid, tid)
NUMBER_GETTER(uid, uid)
NUMBER_GETTER(gid, gid)
NUMBER_GETTER(capability, capability)
NUMBER_GETTER(mount_namespace, mount_namespace)
NUMBER_GETTER(cgroup_id, cgroup_id)
NUMBER_GETTER(target_userns, target_userns)
NUMBER_GETTER(current_userns, current_userns)

static struct value get_comm(const void *object)
{
    const char *comm = event_of(object)->comm;

    return (
        struct value){ .kind = VALUE_TEXT, .text = comm, .length = strnlen(comm, EVENT_COMM_SIZE) };
}

static struct value get_syscall(const void *object)
{
    static char number[16];
    const struct capability_event *event = event_of(object);
    const char *name = syscall_name(event->syscall, event->flags & EVENT_COMPAT);

    if (event->syscall < 0)
        return value_none();
    if (name)
        return value_text(name);
    (void)snprintf(number, sizeof(number), "%d", event->syscall);
    return value_text(number);
}

static struct value get_capability_name(const void *object)
{
    static char unknown[24];
    unsigned int number = event_of(object)->capability;

    if (capability_name(number))
        return value_text(capability_name(number));
    (void)snprintf(unknown, sizeof(unknown), "UNKNOWN (%u)", number);
    return value_text(unknown);
}

static struct value get_audit(const void *object)
{
    const struct capability_event *event = event_of(object);
    struct value value = value_unsigned(event->audit);

    value.uncertain = event->flags & EVENT_AUDIT_INFERRED;
    return event->audit == EVENT_UNKNOWN ? value_none() : value;
}

static struct value get_audit_inferred(const void *object)
{
    return value_bool(event_of(object)->flags & EVENT_AUDIT_INFERRED);
}

static struct value get_insetid(const void *object)
{
    const struct capability_event *event = event_of(object);

    return event->insetid == EVENT_UNKNOWN ? value_none() : value_bool(event->insetid);
}

static struct value get_verdict(const void *object)
{
    bool denied = event_of(object)->denied;
    struct value value = value_text(denied ? "Deny" : "Allow");

    value.tone = denied ? TONE_BAD : TONE_GOOD;
    return value;
}

static struct value get_caps(const void *object)
{
    return (struct value){ .kind = VALUE_HEX, .number = event_of(object)->effective };
}

static struct value get_caps_names(const void *object)
{
    return (struct value){ .kind = VALUE_SET, .number = event_of(object)->effective };
}

static struct value get_setup(const void *object)
{
    return value_bool(event_of(object)->flags & EVENT_SETUP);
}

static struct value get_overridden(const void *object)
{
    return value_bool(event_of(object)->flags & EVENT_OVERRIDDEN);
}

static struct value get_kernel_stack(const void *object)
{
    const struct record_stacks *stacks = ((const struct record *)object)->stacks;

    if (!stacks || !(event_of(object)->flags & EVENT_KERNEL_STACK))
        return value_none();
    return (struct value){ .kind = VALUE_STACK,
                           .frames = stacks->kernel,
                           .frame_count = stacks->kernel_count };
}

static struct value get_user_stack(const void *object)
{
    const struct record_stacks *stacks = ((const struct record *)object)->stacks;

    if (!stacks || !(event_of(object)->flags & EVENT_USER_STACK))
        return value_none();
    return (struct value){ .kind = VALUE_STACK,
                           .frames = stacks->user,
                           .frame_count = stacks->user_count };
}

static const struct field fields[] = {
    { "node", "NODE", "node", "name of this host", 8, 30, true, FIELD_HIDDEN, FIELD_JSON_ALWAYS,
      VALUE_TEXT, get_node },
    { "namespace", "NAMESPACE", "namespace", "Kubernetes namespace of the pod", 9, 30, true,
      FIELD_IF_SEEN, FIELD_JSON_ALWAYS, VALUE_TEXT, get_namespace },
    { "pod", "POD", "pod", "Kubernetes pod", 8, 40, true, FIELD_IF_SEEN, FIELD_JSON_ALWAYS,
      VALUE_TEXT, get_pod },
    { "container", "CONTAINER", "container", "name of the container, or its short id", 12, 30, true,
      FIELD_SHOWN, FIELD_JSON_ALWAYS, VALUE_TEXT, get_container },
    { "timestamp", "TIMESTAMP", "timestamp", "when the check was made", 35, 35, false, FIELD_HIDDEN,
      FIELD_JSON_ALWAYS, VALUE_TIME, get_timestamp },
    { "type", "TYPE", "type", "kind of row: normal, or lost in JSON", 6, 8, false, FIELD_HIDDEN,
      FIELD_JSON_ALWAYS, VALUE_TEXT, get_type },
    { "message", "MESSAGE", "message", "text of rows that are no events", 7, 30, false,
      FIELD_HIDDEN, FIELD_JSON_ALWAYS, VALUE_TEXT, get_message },
    { "runtime", "RUNTIME", "runtime", "engine that runs the container", 7, 14, false, FIELD_HIDDEN,
      FIELD_JSON_ALWAYS, VALUE_TEXT, get_runtime },
    { "containerid", "CONTAINERID", "containerId", "full id of the container", 13, 64, false,
      FIELD_HIDDEN, FIELD_JSON_ALWAYS, VALUE_TEXT, get_container_id },
    { "image", "IMAGE", "image", "image, as it was named at the start of the container", 12, 40,
      true, FIELD_HIDDEN, FIELD_JSON_ALWAYS, VALUE_TEXT, get_image },
    { "labels", "LABELS", "labels", "labels of the container", 12, 60, false, FIELD_HIDDEN,
      FIELD_JSON_NAMED, VALUE_LABELS, get_labels },
    { "pid", "PID", "pid", "process, by its number on the host", 7, 7, false, FIELD_SHOWN,
      FIELD_JSON_ALWAYS, VALUE_UNSIGNED, get_pid },
    { "tid", "TID", "tid", "thread, by its number on the host", 7, 7, false, FIELD_HIDDEN,
      FIELD_JSON_ALWAYS, VALUE_UNSIGNED, get_tid },
    { "comm", "COMM", "comm", "name of the thread", 8, 16, false, FIELD_SHOWN, FIELD_JSON_ALWAYS,
      VALUE_TEXT, get_comm },
    { "syscall", "SYSCALL", "syscall", "system call in which the check was made", 12, 28, false,
      FIELD_SHOWN, FIELD_JSON_ALWAYS, VALUE_TEXT, get_syscall },
    { "uid", "UID", "uid", "user, as the host numbers users", 5, 10, false, FIELD_SHOWN,
      FIELD_JSON_ALWAYS, VALUE_UNSIGNED, get_uid },
    { "gid", "GID", "gid", "group, as the host numbers groups", 5, 10, false, FIELD_HIDDEN,
      FIELD_JSON_ALWAYS, VALUE_UNSIGNED, get_gid },
    { "cap", "CAP", "cap", "number of the capability", 3, 3, false, FIELD_SHOWN, FIELD_JSON_ALWAYS,
      VALUE_UNSIGNED, get_capability },
    { "capname", "CAPNAME", "capName", "name of the capability, without CAP_", 10, 18, false,
      FIELD_SHOWN, FIELD_JSON_ALWAYS, VALUE_TEXT, get_capability_name },
    { "audit", "AUDIT", "audit", "1: a denial would be audited; 0: the kernel only asked", 5, 5,
      false, FIELD_SHOWN, FIELD_JSON_ALWAYS, VALUE_UNSIGNED, get_audit },
    { "auditinferred", "AUDITINFERRED", "audit_inferred",
      "whether audit and insetid were told from the caller, as the kernel does not say", 13, 13,
      false, FIELD_HIDDEN, FIELD_JSON_ALWAYS, VALUE_BOOL, get_audit_inferred },
    { "verdict", "VERDICT", "verdict", "Allow or Deny", 7, 7, false, FIELD_SHOWN, FIELD_JSON_ALWAYS,
      VALUE_TEXT, get_verdict },
    { "insetid", "INSETID", "insetid", "whether a setid call asked", 7, 7, false, FIELD_HIDDEN,
      FIELD_JSON_ALWAYS, VALUE_BOOL, get_insetid },
    { "mntns", "MNTNS", "mountnsid", "mount namespace of the process, by inode number", 10, 12,
      false, FIELD_HIDDEN, FIELD_JSON_ALWAYS, VALUE_UNSIGNED, get_mount_namespace },
    { "cgroupid", "CGROUPID", "cgroupId", "cgroup of the process", 8, 20, false, FIELD_HIDDEN,
      FIELD_JSON_ALWAYS, VALUE_UNSIGNED, get_cgroup_id },
    { "cgroup", "CGROUP", "cgroupPath", "path of the container's cgroup", 12, 60, true,
      FIELD_HIDDEN, FIELD_JSON_NAMED, VALUE_TEXT, get_cgroup_path },
    { "targetuserns", "TARGETUSERNS", "targetuserns",
      "user namespace in which the capability was asked for", 12, 12, false, FIELD_HIDDEN,
      FIELD_JSON_ALWAYS, VALUE_UNSIGNED, get_target_userns },
    { "currentuserns", "CURRENTUSERNS", "currentuserns", "user namespace of the process", 13, 13,
      false, FIELD_HIDDEN, FIELD_JSON_ALWAYS, VALUE_UNSIGNED, get_current_userns },
    { "caps", "CAPS", "caps", "effective set of the process", 12, 16, false, FIELD_HIDDEN,
      FIELD_JSON_ALWAYS, VALUE_HEX, get_caps },
    { "capsnames", "CAPSNAMES", "capsNames", "effective set of the process, by names", 12, 60,
      false, FIELD_HIDDEN, FIELD_JSON_ALWAYS, VALUE_SET, get_caps_names },
    { "setup", "SETUP", "setup", "whether the engine was still preparing the container", 5, 5,
      false, FIELD_HIDDEN, FIELD_JSON_ALWAYS, VALUE_BOOL, get_setup },
    { "overridden", "OVERRIDDEN", "overridden", "whether the credentials were borrowed", 10, 10,
      false, FIELD_HIDDEN, FIELD_JSON_ALWAYS, VALUE_BOOL, get_overridden },
    { "kstack", "KSTACK", "kernelStack", "kernel functions that led to the check", 12, 60, false,
      FIELD_HIDDEN, FIELD_JSON_IF_SEEN, VALUE_STACK, get_kernel_stack },
    { "ustack", "USTACK", "userStack", "functions of the program that led to the check", 12, 60,
      false, FIELD_HIDDEN, FIELD_JSON_IF_SEEN, VALUE_STACK, get_user_stack },
};

const struct field_table record_fields = { fields, ARRAY_SIZE(fields) };
