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

static struct value get_node(UNUSED const void *object)
{
    static struct utsname host;

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

static struct value get_type(UNUSED const void *object)
{
    return value_text("normal");
}

static struct value get_message(UNUSED const void *object)
{
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

#define STACK_GETTER(name, flag)                                                      \
    static struct value get_##name##_stack(const void *object)                        \
    {                                                                                 \
        const struct record_stacks *stacks = ((const struct record *)object)->stacks; \
                                                                                      \
        if (!stacks || !(event_of(object)->flags & (flag)))                           \
            return value_none();                                                      \
        return (struct value){ .kind = VALUE_STACK,                                   \
                               .frames = stacks->name,                                \
                               .frame_count = stacks->name##_count };                 \
    }

STACK_GETTER(kernel, EVENT_KERNEL_STACK)
STACK_GETTER(user, EVENT_USER_STACK)

static const struct field fields[] = {
    { .name = "node",
      .header = "NODE",
      .json = "node",
      .help = "name of this host",
      .min_width = 8,
      .max_width = 30,
      .cut_in_middle = true,
      .visibility = FIELD_HIDDEN,
      .kind = VALUE_TEXT,
      .get = get_node },
    { .name = "namespace",
      .header = "NAMESPACE",
      .json = "namespace",
      .help = "Kubernetes namespace of the pod",
      .min_width = 9,
      .max_width = 30,
      .cut_in_middle = true,
      .visibility = FIELD_IF_SEEN,
      .kind = VALUE_TEXT,
      .get = get_namespace },
    { .name = "pod",
      .header = "POD",
      .json = "pod",
      .help = "Kubernetes pod",
      .min_width = 8,
      .max_width = 40,
      .cut_in_middle = true,
      .visibility = FIELD_IF_SEEN,
      .kind = VALUE_TEXT,
      .get = get_pod },
    { .name = "container",
      .header = "CONTAINER",
      .json = "container",
      .help = "name of the container, or its short id",
      .min_width = 12,
      .max_width = 30,
      .cut_in_middle = true,
      .kind = VALUE_TEXT,
      .get = get_container },
    { .name = "timestamp",
      .header = "TIMESTAMP",
      .json = "timestamp",
      .help = "when the check was made",
      .min_width = 35,
      .max_width = 35,
      .visibility = FIELD_HIDDEN,
      .kind = VALUE_TIME,
      .get = get_timestamp },
    { .name = "type",
      .header = "TYPE",
      .json = "type",
      .help = "kind of row: normal, or lost in JSON",
      .min_width = 6,
      .max_width = 8,
      .visibility = FIELD_HIDDEN,
      .kind = VALUE_TEXT,
      .get = get_type },
    { .name = "message",
      .header = "MESSAGE",
      .json = "message",
      .help = "text of rows that are no events",
      .min_width = 7,
      .max_width = 30,
      .visibility = FIELD_HIDDEN,
      .kind = VALUE_TEXT,
      .get = get_message },
    { .name = "runtime",
      .header = "RUNTIME",
      .json = "runtime",
      .help = "engine that runs the container",
      .min_width = 7,
      .max_width = 14,
      .visibility = FIELD_HIDDEN,
      .kind = VALUE_TEXT,
      .get = get_runtime },
    { .name = "containerid",
      .header = "CONTAINERID",
      .json = "containerId",
      .help = "full id of the container",
      .min_width = 13,
      .max_width = 64,
      .visibility = FIELD_HIDDEN,
      .kind = VALUE_TEXT,
      .get = get_container_id },
    { .name = "image",
      .header = "IMAGE",
      .json = "image",
      .help = "image, as it was named at the start of the container",
      .min_width = 12,
      .max_width = 40,
      .cut_in_middle = true,
      .visibility = FIELD_HIDDEN,
      .kind = VALUE_TEXT,
      .get = get_image },
    { .name = "labels",
      .header = "LABELS",
      .json = "labels",
      .help = "labels of the container",
      .min_width = 12,
      .max_width = 60,
      .visibility = FIELD_HIDDEN,
      .in_json = FIELD_JSON_NAMED,
      .kind = VALUE_LABELS,
      .get = get_labels },
    { .name = "pid",
      .header = "PID",
      .json = "pid",
      .help = "process, by its number on the host",
      .min_width = 7,
      .max_width = 7,
      .kind = VALUE_UNSIGNED,
      .get = get_pid },
    { .name = "tid",
      .header = "TID",
      .json = "tid",
      .help = "thread, by its number on the host",
      .min_width = 7,
      .max_width = 7,
      .visibility = FIELD_HIDDEN,
      .kind = VALUE_UNSIGNED,
      .get = get_tid },
    { .name = "comm",
      .header = "COMM",
      .json = "comm",
      .help = "name of the thread",
      .min_width = 8,
      .max_width = 16,
      .kind = VALUE_TEXT,
      .get = get_comm },
    { .name = "syscall",
      .header = "SYSCALL",
      .json = "syscall",
      .help = "system call in which the check was made",
      .min_width = 12,
      .max_width = 28,
      .kind = VALUE_TEXT,
      .get = get_syscall },
    { .name = "uid",
      .header = "UID",
      .json = "uid",
      .help = "user, as the host numbers users",
      .min_width = 5,
      .max_width = 10,
      .kind = VALUE_UNSIGNED,
      .get = get_uid },
    { .name = "gid",
      .header = "GID",
      .json = "gid",
      .help = "group, as the host numbers groups",
      .min_width = 5,
      .max_width = 10,
      .visibility = FIELD_HIDDEN,
      .kind = VALUE_UNSIGNED,
      .get = get_gid },
    { .name = "cap",
      .header = "CAP",
      .json = "cap",
      .help = "number of the capability",
      .min_width = 3,
      .max_width = 3,
      .kind = VALUE_UNSIGNED,
      .get = get_capability },
    { .name = "capname",
      .header = "CAPNAME",
      .json = "capName",
      .help = "name of the capability, without CAP_",
      .min_width = 10,
      .max_width = 18,
      .kind = VALUE_TEXT,
      .get = get_capability_name },
    { .name = "audit",
      .header = "AUDIT",
      .json = "audit",
      .help = "1: a denial would be audited; 0: the kernel only asked",
      .min_width = 5,
      .max_width = 5,
      .kind = VALUE_UNSIGNED,
      .get = get_audit },
    { .name = "auditinferred",
      .header = "AUDITINFERRED",
      .json = "audit_inferred",
      .help = "whether audit and insetid were told from the caller, as the kernel does not say",
      .min_width = 13,
      .max_width = 13,
      .visibility = FIELD_HIDDEN,
      .kind = VALUE_BOOL,
      .get = get_audit_inferred },
    { .name = "verdict",
      .header = "VERDICT",
      .json = "verdict",
      .help = "Allow or Deny",
      .min_width = 7,
      .max_width = 7,
      .kind = VALUE_TEXT,
      .get = get_verdict },
    { .name = "insetid",
      .header = "INSETID",
      .json = "insetid",
      .help = "whether a setid call asked",
      .min_width = 7,
      .max_width = 7,
      .visibility = FIELD_HIDDEN,
      .kind = VALUE_BOOL,
      .get = get_insetid },
    { .name = "mntns",
      .header = "MNTNS",
      .json = "mountnsid",
      .help = "mount namespace of the process, by inode number",
      .min_width = 10,
      .max_width = 12,
      .visibility = FIELD_HIDDEN,
      .kind = VALUE_UNSIGNED,
      .get = get_mount_namespace },
    { .name = "cgroupid",
      .header = "CGROUPID",
      .json = "cgroupId",
      .help = "cgroup of the process",
      .min_width = 8,
      .max_width = 20,
      .visibility = FIELD_HIDDEN,
      .kind = VALUE_UNSIGNED,
      .get = get_cgroup_id },
    { .name = "cgroup",
      .header = "CGROUP",
      .json = "cgroupPath",
      .help = "path of the container's cgroup",
      .min_width = 12,
      .max_width = 60,
      .cut_in_middle = true,
      .visibility = FIELD_HIDDEN,
      .in_json = FIELD_JSON_NAMED,
      .kind = VALUE_TEXT,
      .get = get_cgroup_path },
    { .name = "targetuserns",
      .header = "TARGETUSERNS",
      .json = "targetuserns",
      .help = "user namespace in which the capability was asked for",
      .min_width = 12,
      .max_width = 12,
      .visibility = FIELD_HIDDEN,
      .kind = VALUE_UNSIGNED,
      .get = get_target_userns },
    { .name = "currentuserns",
      .header = "CURRENTUSERNS",
      .json = "currentuserns",
      .help = "user namespace of the process",
      .min_width = 13,
      .max_width = 13,
      .visibility = FIELD_HIDDEN,
      .kind = VALUE_UNSIGNED,
      .get = get_current_userns },
    { .name = "caps",
      .header = "CAPS",
      .json = "caps",
      .help = "effective set of the process",
      .min_width = 12,
      .max_width = 16,
      .visibility = FIELD_HIDDEN,
      .kind = VALUE_HEX,
      .get = get_caps },
    { .name = "capsnames",
      .header = "CAPSNAMES",
      .json = "capsNames",
      .help = "effective set of the process, by names",
      .min_width = 12,
      .max_width = 60,
      .visibility = FIELD_HIDDEN,
      .kind = VALUE_SET,
      .get = get_caps_names },
    { .name = "setup",
      .header = "SETUP",
      .json = "setup",
      .help = "whether the engine was still preparing the container",
      .min_width = 5,
      .max_width = 5,
      .visibility = FIELD_HIDDEN,
      .kind = VALUE_BOOL,
      .get = get_setup },
    { .name = "overridden",
      .header = "OVERRIDDEN",
      .json = "overridden",
      .help = "whether the credentials were borrowed",
      .min_width = 10,
      .max_width = 10,
      .visibility = FIELD_HIDDEN,
      .kind = VALUE_BOOL,
      .get = get_overridden },
    { .name = "kstack",
      .header = "KSTACK",
      .json = "kernelStack",
      .help = "kernel functions that led to the check",
      .min_width = 12,
      .max_width = 60,
      .visibility = FIELD_HIDDEN,
      .in_json = FIELD_JSON_IF_SEEN,
      .kind = VALUE_STACK,
      .get = get_kernel_stack },
    { .name = "ustack",
      .header = "USTACK",
      .json = "userStack",
      .help = "functions of the program that led to the check",
      .min_width = 12,
      .max_width = 60,
      .visibility = FIELD_HIDDEN,
      .in_json = FIELD_JSON_IF_SEEN,
      .kind = VALUE_STACK,
      .get = get_user_stack },
};

const struct field_table record_fields = { fields, ARRAY_SIZE(fields) };
