/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The labels by which every kubelet marks its containers, whatever the engine. */
#pragma once

#include "src/model/container.h"

/*
 * Fills pod, namespace and uid from the container's labels, recognises sandboxes, and takes the
 * name that the pod's author gave the container. A no-op without such labels. 0 or -ENOMEM.
 */
int kubernetes_apply_labels(struct container *container);

/*
 * Fills in what the container does not know of its pod: name, namespace, uid, and the pod's own
 * labels, which a kubelet puts on the sandbox alone. What both have is the container's. 0 or
 * -ENOMEM.
 */
int kubernetes_join_pod(struct container *container, const struct container *sandbox);
