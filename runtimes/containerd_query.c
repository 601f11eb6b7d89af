/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtimes/containerd_private.h"

#include <errno.h>

#include "runtimes/containerd.pb-c.h"
#include "runtimes/files/process.h"
#include "runtimes/kubernetes.h"

/* Made and not started; a kubelet starts what it makes. */
#define MADE_MAX 1024

static void lookup_continue(struct containerd *engine, struct lookup *lookup);

static void lookup_free(struct containerd *engine, struct lookup *lookup)
{
    TAILQ_REMOVE(&engine->lookups, lookup, entry);
    free(lookup->id);
    free(lookup);
}

static void query_free(struct query *query)
{
    TAILQ_REMOVE(&query->space->engine->queries, query, entry);
    container_unref(&query->container);
    free(query->cgroup);
    free(query->id);
    free(query);
}

/* -------- containers that were not started yet -------- */

static void made_free(struct containerd *engine, struct made *made)
{
    TAILQ_REMOVE(&engine->made, made, entry);
    engine->made_count--;
    container_unref(&made->container);
    free(made->cgroup);
    free(made);
}

static struct made *find_made(const struct space *space, const char *id)
{
    struct made *made;
    TAILQ_FOREACH (made, &space->engine->made, entry)
        if (made->space == space && strcmp(made->container->id, id) == 0)
            break;
    return made;
}

/* Without memory for it, it is asked about when it starts, as are all others. */
static void remember_made(struct query *query)
{
    struct containerd *engine = query->space->engine;
    struct made *made = find_made(query->space, query->id);
    if (made)
        made_free(engine, made);
    if (engine->made_count == MADE_MAX)
        made_free(engine, TAILQ_FIRST(&engine->made));
    made = calloc(1, sizeof(*made));
    if (!made)
        return;
    made->space = query->space;
    made->container = container_ref(query->container);
    made->cgroup = query->cgroup ? strdup(query->cgroup) : NULL;
    TAILQ_INSERT_TAIL(&engine->made, made, entry);
    engine->made_count++;
}

/* The process leads to the cgroup, wherever it is; if it has ended, the configuration does. */
static void report_started(struct containerd *engine, const struct container *from,
                           const char *cgroup, pid_t pid)
{
    _cleanup_(container_unref)
    struct container *container = container_copy(from);
    bool alive = process_alive(pid);
    if (!container || (!alive && container_set_text(&container->cgroup_path, cgroup) < 0))
        return;
    container->pid = alive ? pid : 0;
    container->state = alive ? CONTAINER_STATE_CREATED : CONTAINER_STATE_EXITED;
    containerd_report(engine, container);
}

void containerd_started(struct space *space, const char *id, pid_t pid)
{
    struct made *made = find_made(space, id);
    if (!made)
        return;
    report_started(space->engine, made->container, made->cgroup, pid);
    made_free(space->engine, made);
}

/* -------- one container -------- */

static int query_send(struct query *query);

static void query_finish(struct query *query)
{
    struct containerd *engine = query->space->engine;
    struct lookup *lookup = query->lookup;
    if (query->container && !query->gone) {
        if (query->container->state == CONTAINER_STATE_CREATED && !query->container->pid)
            remember_made(query);
        if (query->container->state == CONTAINER_STATE_EXITED)
            report_started(engine, query->container, query->cgroup, 0);
        else
            containerd_report(engine, query->container);
        if (lookup)
            lookup->found = true;
    }
    container_unref(&query->container);
    free(TAKE_PTR(query->cgroup));
    if (query->again && query_send(query) == 0)
        return;
    query_free(query);
    if (lookup) {
        lookup->pending--;
        lookup_continue(engine, lookup);
    }
    if (engine->stale && TAILQ_EMPTY(&engine->queries))
        containerd_list_again(engine);
}

static void on_process(void *userdata, const uint8_t *bytes, size_t length)
{
    const struct query *query = userdata;
    struct containerd_process process;
    int r = containerd_parse_process(bytes, length, &process);
    if (r == 0)
        containerd_apply_process(query->container, &process);
    else
        containerd_go_down_by(query->space->engine, "Tasks/Get", r);
}

/* Without a process it is one that was not started yet, or has ended. */
static void on_process_end(void *userdata, UNUSED const struct error *error)
{
    query_finish(userdata);
}

static void on_container(void *userdata, const uint8_t *bytes, size_t length)
{
    struct query *query = userdata;
    int r = containerd_parse_container(bytes, length, query->space->name, &query->container);
    if (r == 0)
        r = containerd_parse_cgroup(bytes, length, &query->cgroup);
    if (r < 0)
        containerd_go_down_by(query->space->engine, "Containers/Get", r);
}

static void ask_process(struct query *query)
{
    Containerd__IdRequest id = CONTAINERD__ID_REQUEST__INIT;
    id.id = query->id;
    struct grpc_request request = {
        .path = "/containerd.services.tasks.v1.Tasks/Get",
        .message = &id.base,
        .timeout_usec = CONTAINERD_ANSWER_USEC,
        .received = on_process,
        .ended = on_process_end,
        .userdata = query,
    };
    if (containerd_call(query->space->engine, query->space, &request) < 0)
        query_finish(query);
}

static void on_sandbox(void *userdata, const uint8_t *bytes, size_t length)
{
    const struct query *query = userdata;
    _cleanup_(container_unref)
    struct container *sandbox = NULL;
    int r = containerd_parse_container(bytes, length, query->space->name, &sandbox);
    if (r == 0)
        r = kubernetes_join_pod(query->container, sandbox);
    if (r < 0)
        containerd_go_down_by(query->space->engine, "Containers/Get", r);
}

static void on_sandbox_end(void *userdata, UNUSED const struct error *error)
{
    ask_process(userdata);
}

static int ask_container(struct query *query, char *id,
                         void (*received)(void *, const uint8_t *, size_t),
                         void (*ended)(void *, const struct error *))
{
    Containerd__IdRequest message = CONTAINERD__ID_REQUEST__INIT;
    message.id = id;
    struct grpc_request request = {
        .path = "/containerd.services.containers.v1.Containers/Get",
        .message = &message.base,
        .timeout_usec = CONTAINERD_ANSWER_USEC,
        .received = received,
        .ended = ended,
        .userdata = query,
    };
    return containerd_call(query->space->engine, query->space, &request);
}

/* A pod's labels are its sandbox's alone. */
static void on_container_end(void *userdata, UNUSED const struct error *error)
{
    struct query *query = userdata;
    char *sandbox_id = query->container ? query->container->sandbox_id : NULL;
    if (sandbox_id && ask_container(query, sandbox_id, on_sandbox, on_sandbox_end) == 0)
        return;
    if (query->container)
        ask_process(query);
    else
        query_finish(query);
}

static int query_send(struct query *query)
{
    query->again = query->gone = false;
    return ask_container(query, query->id, on_container, on_container_end);
}

static int query_start(struct space *space, const char *id, struct lookup *lookup)
{
    struct query *query = calloc(1, sizeof(*query));
    if (!query)
        return -ENOMEM;
    query->space = space;
    query->lookup = lookup;
    query->id = strdup(id);
    TAILQ_INSERT_TAIL(&space->engine->queries, query, entry);
    int r = query->id ? query_send(query) : -ENOMEM;
    if (r < 0)
        query_free(query);
    return r;
}

/* -------- lookups -------- */

/* Asks the namespaces that were not asked yet, the last time those that have come meanwhile. */
static void lookup_continue(struct containerd *engine, struct lookup *lookup)
{
    if (lookup->pending || lookup->waiting)
        return;
    for (; !lookup->found && lookup->asked < engine->space_count; lookup->asked++)
        if (query_start(engine->spaces[lookup->asked], lookup->id, lookup) == 0)
            lookup->pending++;
        else
            engine->stale = true;
    if (lookup->pending)
        return;
    if (!lookup->found && !lookup->relisted && containerd_ask_namespaces(engine) == 0) {
        lookup->relisted = lookup->waiting = true;
        return;
    }
    _cleanup_(free_string)
    char *id = TAKE_PTR(lookup->id);
    lookup_free(engine, lookup);
    runtime_report_looked_up(engine->runtime, id);
}

int containerd_lookup(void *connection, const char *id)
{
    struct containerd *engine = connection;
    struct lookup *lookup = calloc(1, sizeof(*lookup));
    if (!lookup)
        return -ENOMEM;
    TAILQ_INSERT_TAIL(&engine->lookups, lookup, entry);
    lookup->id = strdup(id);
    int r = lookup->id ? 0 : -ENOMEM;
    for (; r == 0 && lookup->asked < engine->space_count; lookup->asked++) {
        r = query_start(engine->spaces[lookup->asked], id, lookup);
        if (r == 0)
            lookup->pending++;
    }
    if (lookup->pending) /* at least some will tell */
        return 0;
    if (r == 0)
        r = containerd_ask_namespaces(engine);
    if (r < 0)
        lookup_free(engine, lookup);
    else
        lookup->relisted = lookup->waiting = true;
    return r;
}

void containerd_lookups_go_on(struct containerd *engine)
{
    struct lookup *lookup, *next;
    for (lookup = TAILQ_FIRST(&engine->lookups); lookup; lookup = next) {
        next = TAILQ_NEXT(lookup, entry);
        if (lookup->waiting) {
            lookup->waiting = false;
            lookup_continue(engine, lookup);
        }
    }
}

/* -------- what happened -------- */

void containerd_refresh(struct space *space, const char *id)
{
    struct query *query;
    TAILQ_FOREACH (query, &space->engine->queries, entry) {
        if (query->space == space && !query->lookup && strcmp(query->id, id) == 0) {
            query->again = true;
            return;
        }
    }
    if (query_start(space, id, NULL) < 0)
        space->engine->stale = true;
}

void containerd_forget(struct containerd *engine, const char *engine_namespace, const char *id)
{
    struct query *query;
    TAILQ_FOREACH (query, &engine->queries, entry)
        if (strcmp(query->space->name, engine_namespace) == 0 && strcmp(query->id, id) == 0)
            query->gone = true;
    for (struct made *made = TAILQ_FIRST(&engine->made), *next; made; made = next) {
        next = TAILQ_NEXT(made, entry);
        if (strcmp(made->space->name, engine_namespace) == 0 &&
            strcmp(made->container->id, id) == 0)
            made_free(engine, made);
    }
}

void containerd_queries_clear(struct containerd *engine)
{
    for (struct query *query; (query = TAILQ_FIRST(&engine->queries));)
        query_free(query);
    for (struct lookup *lookup; (lookup = TAILQ_FIRST(&engine->lookups));)
        lookup_free(engine, lookup);
    for (struct made *made; (made = TAILQ_FIRST(&engine->made));)
        made_free(engine, made);
}
