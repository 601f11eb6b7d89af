/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtimes/kubernetes.h"

#include <errno.h>

static bool label_is(const struct container *container, const char *key, const char *value)
{
    const char *found = container_label(container, key);

    return found && strcmp(found, value) == 0;
}

int kubernetes_apply_labels(struct container *container)
{
    const char *name = container_label(container, "io.kubernetes.container.name");
    const char *pod = container_label(container, "io.kubernetes.pod.name");

    if (!pod)
        return 0;
    container->sandbox = label_is(container, "io.kubernetes.docker.type", "podsandbox") ||
                         label_is(container, "io.cri-containerd.kind", "sandbox") ||
                         label_is(container, "io.kubernetes.container.name", "POD");
    if (name && !container->sandbox && container_set_text(&container->name, name) < 0)
        return -ENOMEM;
    if (container_set_text(&container->pod, pod) < 0 ||
        container_set_text(&container->pod_namespace,
                           container_label(container, "io.kubernetes.pod.namespace")) < 0 ||
        container_set_text(&container->pod_uid,
                           container_label(container, "io.kubernetes.pod.uid")) < 0)
        return -ENOMEM;
    return 0;
}

/* What the sandbox is itself, and no container of the pod. */
static bool is_of_sandbox_alone(const char *key)
{
    static const char *const keys[] = { "io.kubernetes.container.name", "io.kubernetes.docker.type",
                                        "io.cri-containerd.kind" };
    for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
        if (strcmp(keys[i], key) == 0)
            return true;
    return false;
}

int kubernetes_join_pod(struct container *container, const struct container *sandbox)
{
    if (!container->pod && container_set_text(&container->pod, sandbox->pod) < 0)
        return -ENOMEM;
    if (!container->pod_namespace &&
        container_set_text(&container->pod_namespace, sandbox->pod_namespace) < 0)
        return -ENOMEM;
    if (!container->pod_uid && container_set_text(&container->pod_uid, sandbox->pod_uid) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < sandbox->label_count; i++) {
        const struct label *label = &sandbox->labels[i];
        if (!is_of_sandbox_alone(label->key) && !container_label(container, label->key) &&
            container_add_label(container, label->key, label->value) < 0)
            return -ENOMEM;
    }
    return 0;
}
