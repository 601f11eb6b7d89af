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
