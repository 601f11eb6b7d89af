/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fields of a container, for list-containers. */
#include "src/model/container.h"
#include "src/model/field.h"

#define TEXT_GETTER(name, expression)                  \
    static struct value get_##name(const void *object) \
    {                                                  \
        const struct container *container = object;    \
                                                       \
        return value_text(expression);                 \
    }

TEXT_GETTER(runtime, container->runtime)
TEXT_GETTER(id, container->id)

static struct value get_short_id(const void *object)
{
    const struct container *container = object;

    return (struct value){ .kind = VALUE_TEXT,
                           .text = container->id,
                           .length = container_short_id_length(container) };
}

TEXT_GETTER(name, container->name)
TEXT_GETTER(image, container->image)
TEXT_GETTER(namespace, container->pod_namespace)
TEXT_GETTER(pod, container->pod)
TEXT_GETTER(pod_uid, container->pod_uid)
TEXT_GETTER(engine_namespace, container->engine_namespace)
TEXT_GETTER(cgroup_path, container->cgroup_path)
TEXT_GETTER(state, container_state_name(container->state))

/* 0 is "unknown" for these: no process, cgroup or namespace has that number. */
#define NUMBER_GETTER(name, member)                                                            \
    static struct value get_##name(const void *object)                                         \
    {                                                                                          \
        const struct container *container = object;                                            \
                                                                                               \
        return container->member ? value_unsigned((uint64_t)container->member) : value_none(); \
    }

NUMBER_GETTER(pid, pid)
NUMBER_GETTER(cgroup_id, cgroup_id)
NUMBER_GETTER(mount_namespace, mount_namespace)

static struct value get_labels(const void *object)
{
    const struct container *container = object;

    return (struct value){ .kind = VALUE_LABELS,
                           .labels = container->labels,
                           .label_count = container->label_count };
}

static struct value get_sandbox(const void *object)
{
    return value_bool(((const struct container *)object)->sandbox);
}

static const struct field fields[] = {
    { "runtime", "RUNTIME", "runtime", "engine that runs the container", 8, 14, false, FIELD_SHOWN,
      FIELD_JSON_ALWAYS, VALUE_TEXT, get_runtime },
    { "shortid", "ID", "shortId", "id, cut as engines cut it", 13, 30, false, FIELD_SHOWN,
      FIELD_JSON_NAMED, VALUE_TEXT, get_short_id },
    { "id", "ID", "id", "full id", 13, 64, false, FIELD_HIDDEN, FIELD_JSON_ALWAYS, VALUE_TEXT,
      get_id },
    { "name", "NAME", "name", "name", 12, 40, true, FIELD_SHOWN, FIELD_JSON_ALWAYS, VALUE_TEXT,
      get_name },
    { "image", "IMAGE", "image", "image, as it was named at the start of the container", 12, 50,
      true, FIELD_SHOWN, FIELD_JSON_ALWAYS, VALUE_TEXT, get_image },
    { "pid", "PID", "pid", "its first process, by its number on the host", 7, 7, false, FIELD_SHOWN,
      FIELD_JSON_ALWAYS, VALUE_UNSIGNED, get_pid },
    { "namespace", "NAMESPACE", "namespace", "Kubernetes namespace of the pod", 9, 30, true,
      FIELD_IF_SEEN, FIELD_JSON_ALWAYS, VALUE_TEXT, get_namespace },
    { "pod", "POD", "podname", "Kubernetes pod", 8, 40, true, FIELD_IF_SEEN, FIELD_JSON_ALWAYS,
      VALUE_TEXT, get_pod },
    { "poduid", "PODUID", "podUID", "Kubernetes' id of the pod", 36, 36, false, FIELD_HIDDEN,
      FIELD_JSON_ALWAYS, VALUE_TEXT, get_pod_uid },
    { "labels", "LABELS", "labels", "labels", 12, 60, false, FIELD_HIDDEN, FIELD_JSON_ALWAYS,
      VALUE_LABELS, get_labels },
    { "state", "STATE", "state", "created, running, paused or exited", 7, 8, false, FIELD_HIDDEN,
      FIELD_JSON_ALWAYS, VALUE_TEXT, get_state },
    { "sandbox", "SANDBOX", "sandbox", "whether it only holds a pod's namespaces", 7, 7, false,
      FIELD_HIDDEN, FIELD_JSON_ALWAYS, VALUE_BOOL, get_sandbox },
    { "cgroup", "CGROUP", "cgroupPath", "path of its cgroup", 12, 80, true, FIELD_HIDDEN,
      FIELD_JSON_ALWAYS, VALUE_TEXT, get_cgroup_path },
    { "cgroupid", "CGROUPID", "cgroupID", "number of its cgroup", 8, 20, false, FIELD_HIDDEN,
      FIELD_JSON_ALWAYS, VALUE_UNSIGNED, get_cgroup_id },
    { "mntns", "MNTNS", "mntns", "its mount namespace, by inode number", 10, 12, false,
      FIELD_HIDDEN, FIELD_JSON_ALWAYS, VALUE_UNSIGNED, get_mount_namespace },
    { "enginenamespace", "ENGINENAMESPACE", "engineNamespace", "containerd's namespace", 15, 20,
      false, FIELD_HIDDEN, FIELD_JSON_ALWAYS, VALUE_TEXT, get_engine_namespace },
};

const struct field_table container_fields = { fields, ARRAY_SIZE(fields) };
