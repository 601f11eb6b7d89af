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
    struct space *space = event.news == CONTAINERD_NEWS_CHANGED
                              ? containerd_find_space(engine, event.engine_namespace)
                              : NULL;
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
    containerd_spaces_clear(engine);
    free(engine);
}

static int containerd_open(struct runtime *runtime, void **ret_connection, struct error *error)
{
    struct containerd *engine = calloc(1, sizeof(*engine));
    if (!engine)
        return error_set(error, -ENOMEM, "out of memory");
    const struct grpc_listener listener = { on_broken, engine };
    engine->runtime = runtime;
    engine->namespaces_known = containerd_lookups_go_on;
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
    .rank = 3,
    .any_id = true,
    .environment = environment,
    .socket_paths = socket_paths,
    .open = containerd_open,
    .close = containerd_close,
    .lookup = containerd_lookup,
};
