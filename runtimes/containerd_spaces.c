/* SPDX-License-Identifier: GPL-2.0-or-later */
/* containerd's namespaces, and the lists of what is in each. */
#include <errno.h>

#include "runtimes/containerd.pb-c.h"
#include "runtimes/containerd_private.h"
#include "runtimes/kubernetes.h"

/* In one list. */
#define CONTAINERS_MAX 100000

#define LIST_USEC      UINT64_C(30000000)

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

struct space *containerd_find_space(struct containerd *engine, const char *name)
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
        if (!containerd_find_space(engine, reply->namespaces[i]->name))
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
    engine->namespaces_known(engine);
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

void containerd_spaces_clear(struct containerd *engine)
{
    for (size_t i = 0; i < engine->space_count; i++) {
        containerd_processes_clear(&engine->spaces[i]->processes);
        container_list_clear(&engine->spaces[i]->listed);
        free(engine->spaces[i]->name);
        free(engine->spaces[i]);
    }
}
