/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * containerd's native API: every namespace, whoever made the containers (ctr, nerdctl, kubelets,
 * Docker). First the events are subscribed to, then all is listed, so that nothing falls between.
 * A container is asked about again for each thing that happens to it: the events say too little.
 */
#include <errno.h>

#include "runtimes/containerd.pb-c.h"
#include "runtimes/containerd_private.h"
#include "runtimes/drivers.h"
#include "runtimes/kubernetes.h"

/* In one list. */
#define CONTAINERS_MAX 100000

#define LIST_USEC      UINT64_C(30000000)

void containerd_go_down(struct containerd *engine, const char *what, const struct error *error)
{
    struct error reason = *error;
    (void)error_prefix(&reason, "%s: %s", runtime_socket(engine->runtime), what);
    runtime_report_down(engine->runtime, &reason);
}

void containerd_go_down_by(struct containerd *engine, const char *what, int r)
{
    struct error error;
    (void)error_set(&error, r, "%s", r == -EBADMSG ? "an unreadable answer" : strerror(-r));
    containerd_go_down(engine, what, &error);
}

int containerd_call(struct containerd *engine, const struct space *space,
                    struct grpc_request *request)
{
    if (space) {
        request->header = "containerd-namespace";
        request->header_value = space->name;
    }
    return grpc_call(engine->grpc, request);
}

void containerd_report(const struct containerd *engine, struct container *container)
{
    container->owner_uid = grpc_peer_uid(engine->grpc);
    runtime_report_found(engine->runtime, container);
}

/* -------- lists -------- */

/* A container may be listed before its pod's sandbox, whose labels are the container's, too. */
static void report_listed(struct space *space)
{
    container_list_sort(&space->listed);
    for (size_t i = 0; i < space->listed.count; i++) {
        struct container *container = space->listed.items[i];
        const struct container *sandbox =
            container->sandbox_id ? container_list_find(&space->listed, container->sandbox_id)
                                  : NULL;
        if (sandbox)
            (void)kubernetes_join_pod(container, sandbox); /* out of memory: its own labels */
        containerd_report(space->engine, container);
    }
    container_list_clear(&space->listed);
}

static void list_end(struct space *space)
{
    struct containerd *engine = space->engine;
    report_listed(space);
    containerd_processes_clear(&space->processes);
    space->listing = false;
    if (--engine->listing == 0)
        runtime_report_up(engine->runtime);
}

static void on_listed(void *userdata, const uint8_t *bytes, size_t length)
{
    struct space *space = userdata;
    _cleanup_(container_unref)
    struct container *container = NULL;
    int r = containerd_parse_container(bytes, length, space->name, &container);
    const struct containerd_process *process =
        r == 0 ? containerd_processes_find(&space->processes, container->id) : NULL;
    if (process)
        containerd_apply_process(container, process);
    if (r == 0)
        r = container_list_add(&space->listed, &container, CONTAINERS_MAX);
    if (r < 0)
        containerd_go_down_by(space->engine, "Containers/ListStream", r);
}

static void on_listed_end(void *userdata, const struct error *error)
{
    struct space *space = userdata;
    if (error->code < 0)
        containerd_go_down(space->engine, "Containers/ListStream", error);
    else
        list_end(space);
}

static void on_processes(void *userdata, const uint8_t *bytes, size_t length)
{
    struct space *space = userdata;
    int r = containerd_parse_processes(bytes, length, &space->processes);
    if (r < 0)
        containerd_go_down_by(space->engine, "Tasks/List", r);
}

/* One message a container: a list of all of them may be larger than any message. */
static void on_processes_end(void *userdata, const struct error *error)
{
    struct space *space = userdata;
    struct grpc_request request = {
        .path = "/containerd.services.containers.v1.Containers/ListStream",
        .stream = true,
        .timeout_usec = LIST_USEC,
        .received = on_listed,
        .ended = on_listed_end,
        .userdata = space,
    };
    int r = error->code < 0 ? error->code : containerd_call(space->engine, space, &request);
    if (error->code < 0)
        containerd_go_down(space->engine, "Tasks/List", error);
    else if (r < 0)
        containerd_go_down_by(space->engine, "Containers/ListStream", r);
}

static void list_space(struct space *space)
{
    struct grpc_request request = {
        .path = "/containerd.services.tasks.v1.Tasks/List",
        .timeout_usec = LIST_USEC,
        .received = on_processes,
        .ended = on_processes_end,
        .userdata = space,
    };
    if (space->listing)
        return;
    int r = containerd_call(space->engine, space, &request);
    if (r < 0) {
        containerd_go_down_by(space->engine, "Tasks/List", r);
        return;
    }
    space->listing = true;
    space->engine->listing++;
}

void containerd_list_again(struct containerd *engine)
{
    engine->stale = false;
    for (size_t i = 0; i < engine->space_count; i++)
        list_space(engine->spaces[i]);
}

/* A namespace that is new is listed. NULL when there are too many, or no memory. */
static struct space *find_space(struct containerd *engine, const char *name)
{
    for (size_t i = 0; i < engine->space_count; i++)
        if (strcmp(engine->spaces[i]->name, name) == 0)
            return engine->spaces[i];
    struct space *space =
        engine->space_count < CONTAINERD_NAMESPACES_MAX ? calloc(1, sizeof(*space)) : NULL;
    if (!space || !(space->name = strdup(name))) {
        containerd_go_down_by(engine, "Namespaces/List", space ? -ENOMEM : -ENOSPC);
        free(space);
        return NULL;
    }
    space->engine = engine;
    engine->spaces[engine->space_count++] = space;
    list_space(space);
    return space;
}

static void on_namespaces(void *userdata, const uint8_t *bytes, size_t length)
{
    struct containerd *engine = userdata;
    _cleanup_(grpc_unpacked_release)
    Containerd__Namespaces *reply = grpc_unpack(&containerd__namespaces__descriptor, bytes, length);
    if (!reply)
        containerd_go_down_by(engine, "Namespaces/List", -EBADMSG);
    for (size_t i = 0; reply && i < reply->n_namespaces; i++)
        if (!find_space(engine, reply->namespaces[i]->name))
            return;
}

static void on_namespaces_end(void *userdata, const struct error *error)
{
    struct containerd *engine = userdata;
    engine->asking_namespaces = false;
    if (error->code < 0) {
        containerd_go_down(engine, "Namespaces/List", error);
        return;
    }
    if (engine->listing == 0)
        runtime_report_up(engine->runtime);
    containerd_lookups_go_on(engine);
}

int containerd_ask_namespaces(struct containerd *engine)
{
    struct grpc_request request = {
        .path = "/containerd.services.namespaces.v1.Namespaces/List",
        .timeout_usec = CONTAINERD_ANSWER_USEC,
        .received = on_namespaces,
        .ended = on_namespaces_end,
        .userdata = engine,
    };
    int r = engine->asking_namespaces ? 0 : containerd_call(engine, NULL, &request);
    if (r == 0)
        engine->asking_namespaces = true;
    return r;
}

/* -------- events -------- */

static void remove_container(struct containerd *engine, const struct containerd_event *event)
{
    const struct container_origin origin = {
        .runtime = runtime_engine(engine->runtime),
        .engine_namespace = event->engine_namespace,
        .owner_uid = grpc_peer_uid(engine->grpc),
        .id = event->id,
    };
    containerd_forget(engine, event->engine_namespace, event->id);
    runtime_report_removed(engine->runtime, &origin);
}

static void on_event(void *userdata, const uint8_t *bytes, size_t length)
{
    struct containerd *engine = userdata;
    struct containerd_event event;
    int r = containerd_parse_event(bytes, length, &event);
    if (r < 0) {
        containerd_go_down_by(engine, "Events/Subscribe", r);
        return;
    }
    if (event.news == CONTAINERD_NEWS_REMOVED)
        remove_container(engine, &event);
    struct space *space =
        event.news == CONTAINERD_NEWS_CHANGED ? find_space(engine, event.engine_namespace) : NULL;
    if (space && event.pid)
        containerd_started(space, event.id, event.pid);
    if (space)
        containerd_refresh(space, event.id);
    containerd_event_clear(&event);
}

static void on_events_end(void *userdata, const struct error *error)
{
    struct error ended;
    (void)error_set(&ended, -ECONNRESET, "ended");
    containerd_go_down(userdata, "Events/Subscribe", error->code < 0 ? error : &ended);
}

/* The stream does not say that it has begun; whoever answers this has read it before. */
static void on_version_end(void *userdata, const struct error *error)
{
    struct containerd *engine = userdata;
    int r = error->code < 0 ? 0 : containerd_ask_namespaces(engine);
    if (error->code < 0)
        containerd_go_down(engine, "Version", error);
    else if (r < 0)
        containerd_go_down_by(engine, "Namespaces/List", r);
}

static int subscribe(struct containerd *engine)
{
    Containerd__SubscribeRequest filters = CONTAINERD__SUBSCRIBE_REQUEST__INIT;
    filters.filters = (char **)(uintptr_t)containerd_event_filters;
    while (containerd_event_filters[filters.n_filters])
        filters.n_filters++;
    struct grpc_request events = {
        .path = "/containerd.services.events.v1.Events/Subscribe",
        .message = &filters.base,
        .stream = true,
        .received = on_event,
        .ended = on_events_end,
        .userdata = engine,
    };
    struct grpc_request version = {
        .path = "/containerd.services.version.v1.Version/Version",
        .timeout_usec = CONTAINERD_ANSWER_USEC,
        .ended = on_version_end,
        .userdata = engine,
    };
    int r = containerd_call(engine, NULL, &events);
    return r < 0 ? r : containerd_call(engine, NULL, &version);
}

/* -------- the driver -------- */

static void on_broken(void *userdata, const struct error *reason)
{
    struct containerd *engine = userdata;
    struct error error = *reason;
    (void)error_prefix(&error, "%s", runtime_socket(engine->runtime));
    runtime_report_down(engine->runtime, &error);
}

static void containerd_close(void *connection)
{
    struct containerd *engine = connection;
    grpc_free(&engine->grpc);
    containerd_queries_clear(engine);
    for (size_t i = 0; i < engine->space_count; i++) {
        containerd_processes_clear(&engine->spaces[i]->processes);
        container_list_clear(&engine->spaces[i]->listed);
        free(engine->spaces[i]->name);
        free(engine->spaces[i]);
    }
    free(engine);
}

static int containerd_open(struct runtime *runtime, void **ret_connection, struct error *error)
{
    struct containerd *engine = calloc(1, sizeof(*engine));
    if (!engine)
        return error_set(error, -ENOMEM, "out of memory");
    const struct grpc_listener listener = { on_broken, engine };
    engine->runtime = runtime;
    TAILQ_INIT(&engine->queries);
    TAILQ_INIT(&engine->made);
    TAILQ_INIT(&engine->lookups);
    int r =
        grpc_new(runtime_event(runtime), runtime_socket(runtime), &listener, &engine->grpc, error);
    if (r == 0 && (r = subscribe(engine)) < 0)
        (void)error_set(error, r, "cannot subscribe to events: %s", strerror(-r));
    if (r < 0) {
        containerd_close(engine);
        return r;
    }
    *ret_connection = engine;
    return 0;
}

static const char *const environment[] = { "CONTAINERD_ADDRESS",
                                           "INSPEKTOR_GADGET_CONTAINERD_SOCKETPATH", NULL };
static const char *const socket_paths[] = {
    "/run/containerd/containerd.sock",
    "/run/k3s/containerd/containerd.sock",
    "/var/snap/microk8s/common/run/containerd.sock",
    NULL,
};

const struct runtime_driver containerd_driver = {
    .name = "containerd",
    .environment = environment,
    .socket_paths = socket_paths,
    .open = containerd_open,
    .close = containerd_close,
    .lookup = containerd_lookup,
};
