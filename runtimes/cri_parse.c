/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtimes/cri_parse.h"

#include <errno.h>

#include "runtimes/cri.pb-c.h"
#include "runtimes/json.h"
#include "runtimes/json_parse.h"
#include "runtimes/kubernetes.h"
#include "runtimes/wire/grpc.h"

/* -------- what all have in common -------- */

static int add_labels(struct container *container, Cri__Pair *const *pairs, size_t count)
{
    size_t looked_at = MIN(count, (size_t)CRI_LABELS_MAX);
    for (size_t i = 0; i < looked_at; i++) {
        int r =
            pairs[i]->key[0] ? container_add_label(container, pairs[i]->key, pairs[i]->value) : 0;
        if (r < 0)
            return r;
    }
    container->dropped_labels += count - looked_at;
    return kubernetes_apply_labels(container);
}

static const char *annotation(Cri__Pair *const *pairs, size_t count, const char *key)
{
    for (size_t i = 0; i < MIN(count, (size_t)CRI_LABELS_MAX); i++)
        if (strcmp(pairs[i]->key, key) == 0 && pairs[i]->value[0])
            return pairs[i]->value;
    return NULL;
}

/* What the pod's author wrote; a kubelet asks for images by their digest. */
static const char *image_of(const Cri__Image *image, Cri__Pair *const *annotations, size_t count)
{
    static const char *const keys[] = { "io.kubernetes.cri.image-name",
                                        "io.kubernetes.cri-o.ImageName" };
    const char *name = NULL;
    for (size_t i = 0; i < ARRAY_SIZE(keys) && !name; i++)
        name = annotation(annotations, count, keys[i]);
    return name ? name : image && image->image[0] ? image->image : NULL;
}

static int set_unless_known(char **field, const char *value)
{
    return *field || !value || !value[0] ? 0 : container_set_text(field, value);
}

static int new_container(const char *runtime, const char *id, struct container **ret_container)
{
    if (!id[0])
        return -EBADMSG;
    struct container *container = container_new(runtime, id);
    if (!container)
        return -ENOMEM;
    container->named = true;
    *ret_container = container;
    return 0;
}

static enum container_state state_of_container(uint32_t state)
{
    static const enum container_state states[] = {
        CONTAINER_STATE_CREATED,
        CONTAINER_STATE_RUNNING,
        CONTAINER_STATE_EXITED,
    };
    return state < ARRAY_SIZE(states) ? states[state] : CONTAINER_STATE_UNKNOWN;
}

static int fill_sandbox(struct container *container, const Cri__SandboxMetadata *metadata,
                        uint32_t state)
{
    container->sandbox = true;
    container->state = state == 0 ? CONTAINER_STATE_RUNNING : CONTAINER_STATE_EXITED;
    int r = metadata ? set_unless_known(&container->pod, metadata->name) : 0;
    if (r == 0 && metadata)
        r = set_unless_known(&container->pod_namespace, metadata->namespace_);
    if (r == 0 && metadata)
        r = set_unless_known(&container->pod_uid, metadata->uid);
    return r;
}

/* -------- lists -------- */

static int parse_sandbox(const Cri__Sandbox *from, const char *runtime, struct container_list *list)
{
    _cleanup_(container_unref)
    struct container *container = NULL;
    int r = new_container(runtime, from->id, &container);
    if (r == 0)
        r = add_labels(container, from->labels, from->n_labels);
    if (r == 0)
        r = fill_sandbox(container, from->metadata, from->state);
    return r < 0 ? r : container_list_add(list, &container, CRI_CONTAINERS_MAX);
}

int cri_parse_sandboxes(const uint8_t *bytes, size_t length, const char *runtime,
                        struct container_list *list)
{
    _cleanup_(grpc_unpacked_release)
    Cri__Sandboxes *reply = grpc_unpack(&cri__sandboxes__descriptor, bytes, length);
    int r = reply ? 0 : -EBADMSG;
    for (size_t i = 0; r == 0 && i < reply->n_items; i++)
        r = parse_sandbox(reply->items[i], runtime, list);
    container_list_sort(list);
    return r;
}

static int parse_container(const Cri__Container *from, const char *runtime,
                           const struct container_list *sandboxes, struct container_list *list)
{
    _cleanup_(container_unref)
    struct container *container = NULL;
    const struct container *sandbox = container_list_find(sandboxes, from->pod_sandbox_id);
    int r = new_container(runtime, from->id, &container);
    if (r == 0)
        r = add_labels(container, from->labels, from->n_labels);
    if (r == 0 && from->metadata)
        r = set_unless_known(&container->name, from->metadata->name);
    if (r == 0)
        r = set_unless_known(&container->image,
                             image_of(from->image, from->annotations, from->n_annotations));
    if (r == 0)
        r = set_unless_known(&container->sandbox_id, from->pod_sandbox_id);
    if (r == 0 && sandbox)
        r = kubernetes_join_pod(container, sandbox);
    if (r < 0)
        return r;
    container->state = state_of_container(from->state);
    return container_list_add(list, &container, CRI_CONTAINERS_MAX);
}

int cri_parse_containers(const uint8_t *bytes, size_t length, const char *runtime,
                         const struct container_list *sandboxes, struct container_list *list)
{
    _cleanup_(grpc_unpacked_release)
    Cri__Containers *reply = grpc_unpack(&cri__containers__descriptor, bytes, length);
    int r = reply ? 0 : -EBADMSG;
    for (size_t i = 0; r == 0 && i < reply->n_containers; i++)
        r = parse_container(reply->containers[i], runtime, sandboxes, list);
    container_list_sort(list);
    return r;
}

/* -------- one -------- */

/* The engine's own words, in JSON; without them a container has no pid, and no other harm. */
static cJSON *parse_info(Cri__Pair *const *info, size_t count)
{
    const char *text = annotation(info, count, "info");
    size_t length = text ? strnlen(text, CRI_INFO_MAX) : 0;
    return length && length < CRI_INFO_MAX ? json_parse(text, length) : NULL;
}

static void set_pid(struct container *container, const cJSON *info)
{
    if (container->state != CONTAINER_STATE_EXITED)
        container->pid = (pid_t)json_number(info, "pid", INT32_MAX);
}

int cri_parse_container_status(const uint8_t *bytes, size_t length, const char *runtime,
                               struct container **ret_container)
{
    _cleanup_(grpc_unpacked_release)
    Cri__ContainerStatusReply *reply =
        grpc_unpack(&cri__container_status_reply__descriptor, bytes, length);
    const Cri__ContainerStatus *from = reply ? reply->status : NULL;
    _cleanup_(container_unref)
    struct container *container = NULL;
    int r = from ? new_container(runtime, from->id, &container) : -EBADMSG;
    if (r == 0)
        r = add_labels(container, from->labels, from->n_labels);
    if (r == 0 && from->metadata)
        r = set_unless_known(&container->name, from->metadata->name);
    if (r == 0)
        r = set_unless_known(&container->image,
                             image_of(from->image, from->annotations, from->n_annotations));
    if (r < 0)
        return r;
    _cleanup_(json_free)
    cJSON *info = parse_info(reply->info, reply->n_info);
    r = set_unless_known(&container->sandbox_id, json_text(info, "sandboxID"));
    if (r < 0)
        return r;
    container->state = state_of_container(from->state);
    set_pid(container, info);
    *ret_container = TAKE_PTR(container);
    return 0;
}

int cri_parse_sandbox_status(const uint8_t *bytes, size_t length, const char *runtime,
                             struct container **ret_container)
{
    _cleanup_(grpc_unpacked_release)
    Cri__SandboxStatusReply *reply =
        grpc_unpack(&cri__sandbox_status_reply__descriptor, bytes, length);
    const Cri__SandboxStatus *from = reply ? reply->status : NULL;
    _cleanup_(container_unref)
    struct container *container = NULL;
    int r = from ? new_container(runtime, from->id, &container) : -EBADMSG;
    if (r == 0)
        r = add_labels(container, from->labels, from->n_labels);
    if (r == 0)
        r = fill_sandbox(container, from->metadata, from->state);
    if (r < 0)
        return r;
    _cleanup_(json_free)
    cJSON *info = parse_info(reply->info, reply->n_info);
    set_pid(container, info);
    *ret_container = TAKE_PTR(container);
    return 0;
}

/* -------- CRI-O's own -------- */

static const struct json_field own_fields[] = {
    { "name", offsetof(struct container, name) },
};

static const struct json_field sandbox_fields[] = {
    { "name", offsetof(struct container, pod) },
    { "namespace", offsetof(struct container, pod_namespace) },
    { "uid", offsetof(struct container, pod_uid) },
};

static const struct json_field image_fields[] = {
    { "io.kubernetes.cri-o.ImageName", offsetof(struct container, image) },
    { "image", offsetof(struct container, image) },
};

/* As it was asked for by CRI, whose metadata CRI-O keeps, as text. */
static int add_metadata(struct container *container, const cJSON *annotations)
{
    const char *text = json_text(annotations, "io.kubernetes.cri-o.Metadata");
    _cleanup_(json_free)
    cJSON *metadata = text ? json_parse(text, strlen(text)) : NULL;
    return container->sandbox
               ? json_fill(container, metadata, sandbox_fields, ARRAY_SIZE(sandbox_fields))
               : json_fill(container, metadata, own_fields, ARRAY_SIZE(own_fields));
}

/* A sandbox is in itself. If it has no process of its own, its pid is one of its containers'. */
static int fill_crio(struct container *container, const cJSON *answer)
{
    const cJSON *annotations = cJSON_GetObjectItemCaseSensitive(answer, "crio_annotations");
    const char *sandbox = json_text(answer, "sandbox");
    int r = json_each_text(cJSON_GetObjectItemCaseSensitive(answer, "labels"), container_add_label,
                           container);
    if (r == 0)
        r = kubernetes_apply_labels(container);
    if (sandbox && strcmp(sandbox, container->id) == 0)
        container->sandbox = true;
    if (r == 0 && !container->sandbox)
        r = set_unless_known(&container->sandbox_id, sandbox);
    if (r == 0)
        r = add_metadata(container, annotations);
    if (r == 0)
        r = json_fill(container, annotations, image_fields, ARRAY_SIZE(image_fields));
    if (r == 0)
        r = json_fill(container, answer, image_fields, ARRAY_SIZE(image_fields));
    if (r == 0 && !container->sandbox)
        r = json_fill(container, answer, own_fields, ARRAY_SIZE(own_fields));
    container->pid = container->sandbox ? 0 : (pid_t)json_number(answer, "pid", INT32_MAX);
    return r;
}

int cri_parse_crio(const char *text, size_t length, const char *runtime, const char *id,
                   struct container **ret_container)
{
    _cleanup_(json_free)
    cJSON *answer = length <= CRI_INFO_MAX ? json_parse(text, length) : NULL;
    _cleanup_(container_unref)
    struct container *container = NULL;
    int r = cJSON_IsObject(answer) ? new_container(runtime, id, &container) : -EBADMSG;
    if (r == 0)
        r = fill_crio(container, answer);
    if (r < 0)
        return r;
    *ret_container = TAKE_PTR(container);
    return 0;
}
