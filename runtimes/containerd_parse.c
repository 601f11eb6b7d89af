/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtimes/containerd_parse.h"

#include <errno.h>

#include "runtimes/containerd.pb-c.h"
#include "runtimes/json.h"
#include "runtimes/json_parse.h"
#include "runtimes/kubernetes.h"
#include "runtimes/wire/grpc.h"

static const char docker_namespace[] = "moby";

static int add_labels(struct container *container, const Containerd__Container *from)
{
    size_t count = MIN(from->n_labels, (size_t)CONTAINERD_LABELS_MAX);
    for (size_t i = 0; i < count; i++) {
        const Containerd__Pair *pair = from->labels[i];
        int r = pair->key[0] ? container_add_label(container, pair->key, pair->value) : 0;
        if (r < 0)
            return r;
    }
    container->dropped_labels += from->n_labels - count;
    return kubernetes_apply_labels(container);
}

/* What containerd's CRI writes into the configuration of each container. */
static const struct json_field pod_fields[] = {
    { "io.kubernetes.cri.container-name", offsetof(struct container, name) },
    { "io.kubernetes.cri.image-name", offsetof(struct container, image) },
    { "io.kubernetes.cri.sandbox-name", offsetof(struct container, pod) },
    { "io.kubernetes.cri.sandbox-namespace", offsetof(struct container, pod_namespace) },
    { "io.kubernetes.cri.sandbox-uid", offsetof(struct container, pod_uid) },
    { "io.kubernetes.cri.sandbox-id", offsetof(struct container, sandbox_id) },
};

/* Labels name the pod where there is a kubelet; CRI is spoken by others too, and a kubelet names
 * images by their digest. Which sandbox it is, the configuration alone tells. */
static int add_pod(struct container *container, const Containerd__Container *from)
{
    const char *kind = container_label(container, "io.cri-containerd.kind");
    const ProtobufCBinaryData *spec = kind && from->spec ? &from->spec->value : NULL;
    if (kind)
        container->sandbox = strcmp(kind, "sandbox") == 0;
    if (!spec || spec->len > CONTAINERD_SPEC_MAX)
        return 0;
    _cleanup_(json_free)
    cJSON *root = json_parse((const char *)spec->data, spec->len);
    const cJSON *annotations = cJSON_GetObjectItemCaseSensitive(root, "annotations");
    int r = json_fill(container, annotations, pod_fields, ARRAY_SIZE(pod_fields));
    if (r == 0 && container->sandbox)
        r = container_set_text(&container->sandbox_id, NULL); /* it is in itself */
    return r;
}

/* A container that nobody gave a name is called by its id, as its own tool does. */
static int name_container(struct container *container)
{
    const char *name = container_label(container, "nerdctl/name");
    if (!container->name && !container->pod)
        return container_set_text(&container->name, name && name[0] ? name : container->id);
    return 0;
}

static int fill(struct container *container, const Containerd__Container *from, bool docker,
                const char *engine_namespace)
{
    int r = add_labels(container, from);
    if (r == 0 && from->image[0] && strncmp(from->image, "sha256:", 7) != 0)
        r = container_set_text(&container->image, from->image);
    if (r == 0)
        r = add_pod(container, from);
    if (r == 0 && !container->image && from->image[0])
        r = container_set_text(&container->image, from->image);
    if (r == 0)
        r = container_set_text(&container->engine_namespace, engine_namespace);
    if (r == 0 && !docker)
        r = name_container(container);
    container->state = CONTAINER_STATE_CREATED;
    container->named = !docker;
    return r;
}

int containerd_parse_container(const uint8_t *bytes, size_t length, const char *engine_namespace,
                               struct container **ret_container)
{
    bool docker = strcmp(engine_namespace, docker_namespace) == 0;
    _cleanup_(grpc_unpacked_release)
    Containerd__ContainerReply *reply =
        grpc_unpack(&containerd__container_reply__descriptor, bytes, length);
    if (!reply || !reply->container || !reply->container->id[0])
        return -EBADMSG;
    _cleanup_(container_unref)
    struct container *container =
        container_new(docker ? "docker" : "containerd", reply->container->id);
    if (!container)
        return -ENOMEM;
    int r = fill(container, reply->container, docker, engine_namespace);
    if (r < 0)
        return r;
    *ret_container = TAKE_PTR(container);
    return 0;
}

int containerd_parse_cgroup(const uint8_t *bytes, size_t length, char **ret_path)
{
    _cleanup_(grpc_unpacked_release)
    Containerd__ContainerReply *reply =
        grpc_unpack(&containerd__container_reply__descriptor, bytes, length);
    if (!reply || !reply->container)
        return -EBADMSG;
    const Containerd__Any *spec = reply->container->spec;
    _cleanup_(json_free)
    cJSON *root = spec && spec->value.len <= CONTAINERD_SPEC_MAX
                      ? json_parse((const char *)spec->value.data, spec->value.len)
                      : NULL;
    const cJSON *linux_part = cJSON_GetObjectItemCaseSensitive(root, "linux");
    const char *path = json_text(linux_part, "cgroupsPath");
    bool is_path = path && path[0] == '/'; /* else it is for systemd: SLICE:PREFIX:NAME */
    char *copy = is_path ? strndup(path, CONTAINER_TEXT_MAX) : NULL;
    if (is_path && !copy)
        return -ENOMEM;
    *ret_path = copy;
    return 0;
}

static struct containerd_process process_of(const Containerd__Process *from)
{
    static const enum container_state states[] = {
        [1] = CONTAINER_STATE_CREATED, [2] = CONTAINER_STATE_RUNNING, [3] = CONTAINER_STATE_EXITED,
        [4] = CONTAINER_STATE_PAUSED,  [5] = CONTAINER_STATE_PAUSED,
    };
    struct containerd_process process = { 0 };
    if (from->status < ARRAY_SIZE(states))
        process.state = states[from->status];
    /* The number of a process that has ended may be another's by now. */
    if (from->pid <= INT32_MAX && process.state != CONTAINER_STATE_EXITED)
        process.pid = (pid_t)from->pid;
    return process;
}

void containerd_apply_process(struct container *container, const struct containerd_process *process)
{
    container->pid = process->pid;
    container->state = process->state;
}

int containerd_parse_process(const uint8_t *bytes, size_t length,
                             struct containerd_process *ret_process)
{
    _cleanup_(grpc_unpacked_release)
    Containerd__ProcessReply *reply =
        grpc_unpack(&containerd__process_reply__descriptor, bytes, length);
    if (!reply || !reply->process)
        return -EBADMSG;
    *ret_process = process_of(reply->process);
    return 0;
}

static int compare_processes(const void *a, const void *b)
{
    const struct containerd_process *left = a, *right = b;
    return strcmp(left->id, right->id);
}

int containerd_parse_processes(const uint8_t *bytes, size_t length,
                               struct containerd_processes *ret_processes)
{
    _cleanup_(grpc_unpacked_release)
    Containerd__Processes *reply = grpc_unpack(&containerd__processes__descriptor, bytes, length);
    if (!reply)
        return -EBADMSG;
    _cleanup_(containerd_processes_clear)
    struct containerd_processes processes = { 0 };
    processes.items = calloc(MAX(reply->n_tasks, (size_t)1), sizeof(*processes.items));
    if (!processes.items)
        return -ENOMEM;
    for (size_t i = 0; i < reply->n_tasks; i++) {
        struct containerd_process process = process_of(reply->tasks[i]);
        process.id = strdup(reply->tasks[i]->id);
        if (!process.id)
            return -ENOMEM;
        processes.items[processes.count++] = process;
    }
    qsort(processes.items, processes.count, sizeof(*processes.items), compare_processes);
    *ret_processes = processes;
    processes = (struct containerd_processes){ 0 };
    return 0;
}

const struct containerd_process *
containerd_processes_find(const struct containerd_processes *processes, const char *id)
{
    const struct containerd_process key = { .id = (char *)(uintptr_t)id };
    return processes->count
               ? bsearch(&key, processes->items, processes->count, sizeof(key), compare_processes)
               : NULL;
}

void containerd_processes_clear(struct containerd_processes *processes)
{
    for (size_t i = 0; i < processes->count; i++)
        free(processes->items[i].id);
    free(processes->items);
    *processes = (struct containerd_processes){ 0 };
}

#define TOPICS(topic)                                                         \
    topic("/containers/create", CHANGED) topic("/containers/update", CHANGED) \
        topic("/containers/delete", REMOVED) topic("/tasks/create", CHANGED)  \
            topic("/tasks/start", CHANGED) topic("/tasks/exit", CHANGED)      \
                topic("/tasks/paused", CHANGED) topic("/tasks/resumed", CHANGED)

static const struct {
    const char *topic;
    enum containerd_news news;
} topics[] = {
#define ROW(topic, what) { topic, CONTAINERD_NEWS_##what },
    TOPICS(ROW)
};

const char *const containerd_event_filters[] = {
#define FILTER(topic, what) "topic==\"" topic "\"",
    TOPICS(FILTER) NULL,
};

static enum containerd_news news_of(const char *topic)
{
    for (size_t i = 0; i < ARRAY_SIZE(topics); i++)
        if (strcmp(topics[i].topic, topic) == 0)
            return topics[i].news;
    return CONTAINERD_NEWS_NONE;
}

/* The exit of what was only executed in the container is not its own. */
static bool is_of_init(const char *topic, const Containerd__Any *event)
{
    if (strcmp(topic, "/tasks/exit") != 0)
        return true;
    _cleanup_(grpc_unpacked_release)
    Containerd__TaskExit *task_exit =
        grpc_unpack(&containerd__task_exit__descriptor, event->value.data, event->value.len);
    return task_exit && strcmp(task_exit->id, task_exit->container_id) == 0;
}

static pid_t new_process(const char *topic, const Containerd__Any *event)
{
    if (strcmp(topic, "/tasks/create") != 0)
        return 0;
    _cleanup_(grpc_unpacked_release)
    Containerd__TaskCreate *create =
        grpc_unpack(&containerd__task_create__descriptor, event->value.data, event->value.len);
    return create && create->pid <= INT32_MAX ? (pid_t)create->pid : 0;
}

int containerd_parse_event(const uint8_t *bytes, size_t length, struct containerd_event *ret_event)
{
    _cleanup_(grpc_unpacked_release)
    Containerd__Envelope *envelope = grpc_unpack(&containerd__envelope__descriptor, bytes, length);
    if (!envelope)
        return -EBADMSG;
    enum containerd_news news = news_of(envelope->topic);
    *ret_event = (struct containerd_event){ 0 };
    if (news == CONTAINERD_NEWS_NONE || !envelope->event ||
        strcmp(envelope->namespace_, docker_namespace) == 0 ||
        !is_of_init(envelope->topic, envelope->event))
        return 0;
    _cleanup_(grpc_unpacked_release)
    Containerd__Subject *subject = grpc_unpack(
        &containerd__subject__descriptor, envelope->event->value.data, envelope->event->value.len);
    if (!subject || !subject->id[0])
        return -EBADMSG;
    struct containerd_event event = { news, strdup(envelope->namespace_), strdup(subject->id),
                                      new_process(envelope->topic, envelope->event) };
    if (!event.engine_namespace || !event.id) {
        containerd_event_clear(&event);
        return -ENOMEM;
    }
    *ret_event = event;
    return 0;
}

void containerd_event_clear(struct containerd_event *event)
{
    free(event->engine_namespace);
    free(event->id);
    *event = (struct containerd_event){ 0 };
}
