/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtimes/cri_private.h"

#include <errno.h>

#include "runtimes/cri.pb-c.h"
#include "runtimes/drivers.h"
#include "runtimes/kubernetes.h"

static void query_free(struct query *query)
{
    TAILQ_REMOVE(&query->cri->queries, query, entry);
    http_free(&query->request);
    container_unref(&query->container);
    container_unref(&query->listed);
    free(query->id);
    free(query);
}

static void query_finish(struct query *query)
{
    struct cri *cri = query->cri;
    bool lookup = !query->listed;
    _cleanup_(free_string)
    char *id = TAKE_PTR(query->id);
    if (query->container || query->listed)
        cri_report(cri, query->container ? query->container : query->listed);
    query_free(query);
    if (lookup) {
        runtime_report_looked_up(cri->runtime, id);
        return;
    }
    cri_answered(cri);
}

/* Of what the answer says, the pod's part is the container's, too. */
static int take_sandbox(struct query *query, struct container **sandbox)
{
    if (query->container)
        return kubernetes_join_pod(query->container, *sandbox);
    query->container = TAKE_PTR(*sandbox);
    return 0;
}

static void on_sandbox(void *userdata, const uint8_t *bytes, size_t length)
{
    struct query *query = userdata;
    _cleanup_(container_unref)
    struct container *sandbox = NULL;
    int r = cri_parse_sandbox_status(bytes, length, runtime_name(query->cri->runtime), &sandbox);
    if (r == 0)
        r = take_sandbox(query, &sandbox);
    if (r < 0)
        cri_go_down_by(query->cri, "PodSandboxStatus", r);
}

static void on_sandbox_end(void *userdata, UNUSED const struct error *error)
{
    query_finish(userdata);
}

static int ask_sandbox(struct query *query, const char *id)
{
    Cri__SandboxStatusRequest message = CRI__SANDBOX_STATUS_REQUEST__INIT;
    message.pod_sandbox_id = (char *)(uintptr_t)id;
    message.verbose = true;
    const struct grpc_request request = {
        .path = query->cri->version->sandbox_status,
        .message = &message.base,
        .timeout_usec = CRI_ANSWER_USEC,
        .received = on_sandbox,
        .ended = on_sandbox_end,
        .userdata = query,
    };
    return grpc_call(query->cri->grpc, &request);
}

/* A pod's names and labels may be its sandbox's alone: of those that were there at the last list,
 * nothing has changed. Whether the sandbox is to be asked for. */
static bool wants_sandbox(struct query *query)
{
    struct container *container = query->container;
    const struct container *known =
        container->sandbox_id ? container_list_find(&query->cri->known, container->sandbox_id)
                              : NULL;
    return container->sandbox_id && (!known || kubernetes_join_pod(container, known) < 0);
}

static void on_container(void *userdata, const uint8_t *bytes, size_t length)
{
    struct query *query = userdata;
    int r = cri_parse_container_status(bytes, length, runtime_name(query->cri->runtime),
                                       &query->container);
    if (r < 0)
        cri_go_down_by(query->cri, "ContainerStatus", r);
}

/* An id that is no container's may be a sandbox's. */
static void on_container_end(void *userdata, UNUSED const struct error *error)
{
    struct query *query = userdata;
    bool wanted = !query->container || wants_sandbox(query);
    const char *id = query->container ? query->container->sandbox_id : query->id;
    if (!wanted || ask_sandbox(query, id) < 0)
        query_finish(query);
}

static int ask_container(struct query *query)
{
    Cri__ContainerStatusRequest message = CRI__CONTAINER_STATUS_REQUEST__INIT;
    message.container_id = query->id;
    message.verbose = true;
    const struct grpc_request request = {
        .path = query->cri->version->container_status,
        .message = &message.base,
        .timeout_usec = CRI_ANSWER_USEC,
        .received = on_container,
        .ended = on_container_end,
        .userdata = query,
    };
    return grpc_call(query->cri->grpc, &request);
}

/* By HTTP, which CRI-O answers sooner. */
static int ask_crio(struct query *query, const char *id,
                    void (*done)(void *, const struct http_response *, const struct error *))
{
    const struct http_handler handler = { .done = done, .userdata = query };
    char target[512] = "/containers/";
    if (!http_encode(target, sizeof(target), id))
        return -ENAMETOOLONG;
    return http_get(runtime_event(query->cri->runtime), runtime_socket(query->cri->runtime), target,
                    CRI_ANSWER_USEC, &handler, &query->request, NULL);
}

static int take_crio(struct query *query, const struct http_response *response, const char *id,
                     struct container **ret_container)
{
    int r = -ENOENT;
    if (response && response->status == 200)
        r = cri_parse_crio(response->body, response->length, runtime_name(query->cri->runtime), id,
                           ret_container);
    http_free(&query->request);
    return r;
}

static void on_crio_sandbox(void *userdata, const struct http_response *response,
                            UNUSED const struct error *error)
{
    struct query *query = userdata;
    _cleanup_(container_unref)
    struct container *sandbox = NULL;
    if (take_crio(query, response, query->container->sandbox_id, &sandbox) == 0)
        (void)take_sandbox(query, &sandbox); /* out of memory: its own names have to do */
    query_finish(query);
}

static void on_crio(void *userdata, const struct http_response *response,
                    UNUSED const struct error *error)
{
    struct query *query = userdata;
    int r = take_crio(query, response, query->id, &query->container);
    bool complete = r == 0 && !wants_sandbox(query);
    if (!complete)
        r = query->container ? ask_crio(query, query->container->sandbox_id, on_crio_sandbox)
                             : ask_container(query);
    if (complete || r < 0)
        query_finish(query);
}

static int query_new(struct cri *cri, const char *id, struct query **ret_query)
{
    struct query *query = calloc(1, sizeof(*query));
    if (!query)
        return -ENOMEM;
    query->cri = cri;
    query->id = strdup(id);
    TAILQ_INSERT_TAIL(&cri->queries, query, entry);
    if (!query->id) {
        query_free(query);
        return -ENOMEM;
    }
    *ret_query = query;
    return 0;
}

int cri_query(struct cri *cri, struct container *listed)
{
    struct query *query;
    int r = query_new(cri, listed->id, &query);
    if (r < 0)
        return r;
    query->listed = container_ref(listed);
    r = listed->sandbox ? ask_sandbox(query, query->id) : ask_container(query);
    if (r < 0)
        query_free(query);
    return r;
}

int cri_lookup(void *connection, const char *id)
{
    struct cri *cri = connection;
    struct query *query;
    int r = query_new(cri, id, &query);
    if (r < 0)
        return r;
    r = cri_is_crio(cri) ? ask_crio(query, id, on_crio) : -ENOENT;
    if (r < 0)
        r = ask_container(query);
    if (r < 0)
        query_free(query);
    return r;
}

void cri_queries_clear(struct cri *cri)
{
    for (struct query *query; (query = TAILQ_FIRST(&cri->queries));)
        query_free(query);
}
