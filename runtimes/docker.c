/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtimes/docker.h"

#include <errno.h>
#include <time.h>

#include "runtimes/docker_parse.h"
#include "runtimes/drivers.h"
#include "runtimes/wire/http.h"

/* A dockerd that is asked while it starts a container answers lists within milliseconds; one that
 * takes longer than this is stuck. */
#define ANSWER_USEC UINT64_C(10000000)

#define TARGET_SIZE 512
#define PREFIX_SIZE 16

struct lookup {
    struct docker *docker;        /* borrowed */
    struct http_request *request; /* owned */
    char *id;                     /* owned */
    struct lookup *next;
};

struct docker {
    struct runtime *runtime;      /* borrowed */
    char prefix[PREFIX_SIZE];     /* "/v1.41"; unversioned paths are deprecated */
    uid_t server_uid;             /* whose engine it is */
    time_t since;                 /* events from here on are asked for */
    struct http_request *request; /* owned: ping, then list */
    struct http_request *events;  /* owned: the stream */
    struct lookup *lookups;       /* owned */
};

static void lookup_free(struct lookup *lookup)
{
    http_free(&lookup->request);
    free(lookup->id);
    free(lookup);
}

void docker_close(void *connection)
{
    struct docker *docker = connection;
    struct lookup *lookup;

    while ((lookup = docker->lookups)) {
        docker->lookups = lookup->next;
        lookup_free(lookup);
    }
    http_free(&docker->request);
    http_free(&docker->events);
    free(docker);
}

static void go_down(struct docker *docker, const char *what, const struct error *error)
{
    struct error reason = *error;

    (void)error_prefix(&reason, "%s: %s", runtime_socket(docker->runtime), what);
    runtime_report_down(docker->runtime, &reason);
}

/* -------- what comes back -------- */

static void report(void *userdata, struct container *container)
{
    struct docker *docker = userdata;

    container->owner_uid = docker->server_uid;
    runtime_report_found(docker->runtime, container);
}

/* 0, or a negative errno with a sentence. */
static int take_list(struct docker *docker, const struct http_response *response,
                     struct error *error)
{
    int r;

    if (response->status != 200)
        return error_set(error, -EPROTO, "answered %u", response->status);
    r = docker_parse_list(runtime_engine(docker->runtime), response->body, response->length, report,
                          docker);
    return r < 0 ? error_set(error, r, "answered with something that is no list of containers") : 0;
}

static void on_list(void *userdata, const struct http_response *response,
                    const struct error *failure)
{
    struct docker *docker = userdata;
    struct error error;

    if (failure)
        error = *failure;
    if (failure || take_list(docker, response, &error) < 0)
        go_down(docker, "list", &error);
    else
        runtime_report_up(docker->runtime);
    http_free(&docker->request);
}

static void on_event(void *userdata, const char *line, size_t length)
{
    struct docker *docker = userdata;
    struct docker_event event;
    struct error error;
    int r = docker_parse_event(runtime_engine(docker->runtime), line, length, &event);

    if (r < 0) {
        (void)error_set(&error, r, "a line that is no event");
        go_down(docker, "events", &error);
    }
    if (r <= 0)
        return;
    if (event.removed)
        runtime_report_removed(
            docker->runtime, &(struct container_origin){ .runtime = runtime_engine(docker->runtime),
                                                         .owner_uid = docker->server_uid,
                                                         .id = event.id });
    else
        report(docker, event.container);
    docker_event_clear(&event);
}

/* The stream runs: nothing that happens from now on can be missed, so the list may be asked for. */
static void on_events_started(void *userdata, UNUSED const struct http_response *response)
{
    struct docker *docker = userdata;
    const struct http_handler handler = { .done = on_list, .userdata = docker };
    char target[TARGET_SIZE];
    struct error error;

    (void)snprintf(target, sizeof(target), "%s/containers/json?all=1", docker->prefix);
    if (http_get(runtime_event(docker->runtime), runtime_socket(docker->runtime), target,
                 ANSWER_USEC, &handler, &docker->request, &error) < 0)
        go_down(docker, "list", &error);
}

static void on_events_ended(void *userdata, const struct http_response *response,
                            const struct error *failure)
{
    struct docker *docker = userdata;
    struct error error;

    if (failure)
        error = *failure;
    else
        (void)error_set(&error, -EPROTO, "the stream ended (status %u)", response->status);
    go_down(docker, "events", &error);
    http_free(&docker->events);
}

static void watch(struct docker *docker)
{
    const struct http_handler handler = {
        .line = on_event,
        .started = on_events_started,
        .done = on_events_ended,
        .userdata = docker,
    };
    char target[TARGET_SIZE];
    struct error error;

    (void)snprintf(target, sizeof(target), "%s/events?since=%lld&filters=", docker->prefix,
                   (long long)docker->since);
    (void)http_encode(target, sizeof(target), "{\"type\":[\"container\"]}");
    if (http_get(runtime_event(docker->runtime), runtime_socket(docker->runtime), target,
                 ANSWER_USEC, &handler, &docker->events, &error) < 0)
        go_down(docker, "events", &error);
}

/* "1.41": digits and a dot, so that it may stand in a path. */
static bool is_version(const char *text)
{
    return text && *text && strlen(text) < PREFIX_SIZE - 2 &&
           strspn(text, "0123456789.") == strlen(text);
}

static void on_ping(void *userdata, const struct http_response *response,
                    const struct error *failure)
{
    struct docker *docker = userdata;

    if (failure) {
        go_down(docker, "ping", failure);
    } else {
        docker->server_uid = response->server_uid;
        if (is_version(response->api_version))
            (void)snprintf(docker->prefix, sizeof(docker->prefix), "/v%s", response->api_version);
        watch(docker);
    }
    http_free(&docker->request);
}

/* -------- lookups -------- */

static void lookup_end(struct lookup *lookup)
{
    struct docker *docker = lookup->docker;

    for (struct lookup **link = &docker->lookups; *link; link = &(*link)->next) {
        if (*link != lookup)
            continue;
        *link = lookup->next;
        break;
    }
    runtime_report_looked_up(docker->runtime, lookup->id);
    lookup_free(lookup);
}

static void on_lookup(void *userdata, const struct http_response *response,
                      const struct error *failure)
{
    struct lookup *lookup = userdata;
    struct error error;

    /* A failure here is no answer; the stream tells whether the engine has gone. */
    if (!failure)
        (void)take_list(lookup->docker, response, &error);
    lookup_end(lookup);
}

int docker_lookup(void *connection, const char *id)
{
    struct docker *docker = connection;
    struct lookup *lookup = calloc(1, sizeof(*lookup));
    const struct http_handler handler = { .done = on_lookup, .userdata = lookup };
    char target[TARGET_SIZE], filter[TARGET_SIZE / 3];
    struct error error;
    int r;

    if (!lookup)
        return -ENOMEM;
    lookup->docker = docker;
    lookup->id = strdup(id);
    (void)snprintf(filter, sizeof(filter), "{\"id\":[\"%.*s\"]}", 100, id);
    /* The filtered list: an inspect would block until the container's start is done. */
    (void)snprintf(target, sizeof(target), "%s/containers/json?all=1&filters=", docker->prefix);
    r = !lookup->id           ? -ENOMEM
        : strpbrk(id, "\"\\") ? -EINVAL
        : !http_encode(target, sizeof(target), filter)
            ? -EINVAL
            : http_get(runtime_event(docker->runtime), runtime_socket(docker->runtime), target,
                       ANSWER_USEC, &handler, &lookup->request, &error);
    if (r < 0) {
        lookup_free(lookup);
        return r;
    }
    lookup->next = docker->lookups;
    docker->lookups = lookup;
    return 0;
}

/* -------- opening -------- */

int docker_open(struct runtime *runtime, void **ret_connection, struct error *error)
{
    struct docker *docker = calloc(1, sizeof(*docker));
    const struct http_handler handler = { .done = on_ping, .userdata = docker };
    int r;

    if (!docker)
        return error_set(error, -ENOMEM, "out of memory");
    docker->runtime = runtime;
    docker->since = time(NULL);
    r = http_get(runtime_event(runtime), runtime_socket(runtime), "/_ping", ANSWER_USEC, &handler,
                 &docker->request, error);
    if (r < 0) {
        docker_close(docker);
        return r;
    }
    *ret_connection = docker;
    return 0;
}

static const char *const environment[] = { "DOCKER_HOST", "INSPEKTOR_GADGET_DOCKER_SOCKETPATH",
                                           NULL };
static const char *const sockets[] = { "/run/docker.sock", "/var/run/docker.sock", NULL };

const struct runtime_driver docker_driver = {
    .name = "docker",
    .rank = 4,
    .environment = environment,
    .socket_paths = sockets,
    .open = docker_open,
    .close = docker_close,
    .lookup = docker_lookup,
};
