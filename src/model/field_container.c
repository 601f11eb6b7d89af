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

    return value_characters(container->id, container_short_id_length(container));
}

TEXT_GETTER(name, container->name)
TEXT_GETTER(image, container->image)
TEXT_GETTER(namespace, container->pod_namespace)
TEXT_GETTER(pod, container->pod)
TEXT_GETTER(pod_uid, container->pod_uid)
TEXT_GETTER(engine_namespace, container->engine_namespace)
TEXT_GETTER(cgroup_path, container->cgroup_path)
TEXT_GETTER(state, container_state_name(container->state))
TEXT_GETTER(bundle, container->bundle)
TEXT_GETTER(cgroup_v1,
            container->cgroup_id && !container->cgroup_v2 ? container->cgroup_path : NULL)
TEXT_GETTER(cgroup_v2, container->cgroup_id && container->cgroup_v2 ? container->cgroup_path : NULL)

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
NUMBER_GETTER(network_namespace, network_namespace)

static struct value get_labels(const void *object)
{
    const struct container *container = object;

    return value_labels(container->labels, container->label_count);
}

static struct value get_host_network(const void *object)
{
    const struct container *container = object;

    return container->network_namespace ? value_bool(container->host_network) : value_none();
}

/* Left out where none was dropped. */
static struct value get_dropped_labels(const void *object)
{
    size_t dropped = ((const struct container *)object)->dropped_labels;

    return dropped ? value_unsigned(dropped) : value_none();
}

static struct value get_sandbox(const void *object)
{
    return value_bool(((const struct container *)object)->sandbox);
}

static const struct field fields[] = {
    { .name = "runtime",
      .header = "RUNTIME",
      .json = "runtime",
      .help = "engine that runs the container",
      .min_width = 8,
      .max_width = 14,
      .kind = VALUE_TEXT,
      .get = get_runtime },
    { .name = "shortid",
      .header = "ID",
      .json = "shortId",
      .help = "id, cut as engines cut it",
      .min_width = 13,
      .max_width = 30,
      .in_json = FIELD_JSON_NAMED,
      .kind = VALUE_TEXT,
      .get = get_short_id },
    { .name = "id",
      .header = "ID",
      .json = "id",
      .help = "full id",
      .min_width = 13,
      .max_width = 64,
      .visibility = FIELD_HIDDEN,
      .kind = VALUE_TEXT,
      .get = get_id },
    { .name = "name",
      .header = "NAME",
      .json = "name",
      .help = "name",
      .min_width = 12,
      .max_width = 40,
      .cut_in_middle = true,
      .kind = VALUE_TEXT,
      .get = get_name },
    { .name = "image",
      .header = "IMAGE",
      .json = "image",
      .help = "image, as it was named at the start of the container",
      .min_width = 12,
      .max_width = 50,
      .cut_in_middle = true,
      .kind = VALUE_TEXT,
      .get = get_image },
    { .name = "pid",
      .header = "PID",
      .json = "pid",
      .help = "its first process, by its number on the host",
      .min_width = 7,
      .max_width = 7,
      .kind = VALUE_UNSIGNED,
      .get = get_pid },
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
      .json = "podname",
      .help = "Kubernetes pod",
      .min_width = 8,
      .max_width = 40,
      .cut_in_middle = true,
      .visibility = FIELD_IF_SEEN,
      .kind = VALUE_TEXT,
      .get = get_pod },
    { .name = "poduid",
      .header = "PODUID",
      .json = "podUID",
      .help = "Kubernetes' id of the pod",
      .min_width = 36,
      .max_width = 36,
      .visibility = FIELD_HIDDEN,
      .kind = VALUE_TEXT,
      .get = get_pod_uid },
    { .name = "labels",
      .header = "LABELS",
      .json = "labels",
      .help = "labels",
      .min_width = 12,
      .max_width = 60,
      .visibility = FIELD_HIDDEN,
      .kind = VALUE_LABELS,
      .get = get_labels },
    { .name = "droppedlabels",
      .header = "DROPPEDLABELS",
      .json = "droppedLabels",
      .help = "how many labels there was no room for",
      .min_width = 13,
      .max_width = 13,
      .visibility = FIELD_HIDDEN,
      .in_json = FIELD_JSON_IF_SEEN,
      .kind = VALUE_UNSIGNED,
      .get = get_dropped_labels },
    { .name = "state",
      .header = "STATE",
      .json = "state",
      .help = "created, running, paused or exited",
      .min_width = 7,
      .max_width = 8,
      .visibility = FIELD_HIDDEN,
      .kind = VALUE_TEXT,
      .get = get_state },
    { .name = "sandbox",
      .header = "SANDBOX",
      .json = "sandbox",
      .help = "whether it only holds a pod's namespaces",
      .min_width = 7,
      .max_width = 7,
      .visibility = FIELD_HIDDEN,
      .kind = VALUE_BOOL,
      .get = get_sandbox },
    { .name = "cgroup",
      .header = "CGROUP",
      .json = "cgroupPath",
      .help = "path of its cgroup",
      .min_width = 12,
      .max_width = 80,
      .cut_in_middle = true,
      .visibility = FIELD_HIDDEN,
      .kind = VALUE_TEXT,
      .get = get_cgroup_path },
    { .name = "cgroupv1",
      .header = "CGROUPV1",
      .json = "cgroupV1",
      .help = "the same where cgroups of version 1 are looked at: on v1 and hybrid hosts",
      .min_width = 12,
      .max_width = 80,
      .cut_in_middle = true,
      .visibility = FIELD_HIDDEN,
      .kind = VALUE_TEXT,
      .get = get_cgroup_v1 },
    { .name = "cgroupv2",
      .header = "CGROUPV2",
      .json = "cgroupV2",
      .help = "the same where those of version 2 are",
      .min_width = 12,
      .max_width = 80,
      .cut_in_middle = true,
      .visibility = FIELD_HIDDEN,
      .kind = VALUE_TEXT,
      .get = get_cgroup_v2 },
    { .name = "cgroupid",
      .header = "CGROUPID",
      .json = "cgroupID",
      .help = "number of its cgroup",
      .min_width = 8,
      .max_width = 20,
      .visibility = FIELD_HIDDEN,
      .kind = VALUE_UNSIGNED,
      .get = get_cgroup_id },
    { .name = "mntns",
      .header = "MNTNS",
      .json = "mntns",
      .help = "its mount namespace, by inode number",
      .min_width = 10,
      .max_width = 12,
      .visibility = FIELD_HIDDEN,
      .kind = VALUE_UNSIGNED,
      .get = get_mount_namespace },
    { .name = "netns",
      .header = "NETNS",
      .json = "netns",
      .help = "its network namespace, by inode number",
      .min_width = 10,
      .max_width = 12,
      .visibility = FIELD_HIDDEN,
      .kind = VALUE_UNSIGNED,
      .get = get_network_namespace },
    { .name = "hostnetwork",
      .header = "HOSTNETWORK",
      .json = "hostNetwork",
      .help = "whether that is the host's",
      .min_width = 11,
      .max_width = 11,
      .visibility = FIELD_HIDDEN,
      .kind = VALUE_BOOL,
      .get = get_host_network },
    { .name = "enginenamespace",
      .header = "ENGINENAMESPACE",
      .json = "engineNamespace",
      .help = "containerd's namespace",
      .min_width = 15,
      .max_width = 20,
      .visibility = FIELD_HIDDEN,
      .kind = VALUE_TEXT,
      .get = get_engine_namespace },
    { .name = "bundle",
      .header = "BUNDLE",
      .json = "bundle",
      .help = "directory of its config.json, of containers of plain runc and crun",
      .min_width = 12,
      .max_width = 80,
      .cut_in_middle = true,
      .visibility = FIELD_HIDDEN,
      .kind = VALUE_TEXT,
      .get = get_bundle },
};

const struct field_table container_fields = { fields, ARRAY_SIZE(fields), NULL, NULL };
