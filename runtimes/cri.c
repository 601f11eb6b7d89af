/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kubernetes' CRI: CRI-O, and whatever else serves it. Looks up and lists, slowly and again; never
 * reads the stream of events: on most versions each event goes to one reader, and would be stolen
 * from the kubelet.
 *
 * CRI-O answers by HTTP on the same socket, too, and there it knows a container from the moment of
 * its cgroup on, while CRI knows it once it is created.
 */
#include "runtimes/cri_private.h"

#include <errno.h>
#include <time.h>

#include "runtimes/cri.pb-c.h"
#include "runtimes/drivers.h"

#define LIST_USEC UINT64_C(30000000)
/* What comes is looked up, so that the list is for removals, and for what was missed. */
#define RELIST_USEC UINT64_C(60000000)
/* Containers asked about at once. */
#define STATUS_MAX          32

#define CALL(version, name) "/runtime." version ".RuntimeService/" name
#define CALLS(version)                                                                          \
    CALL(version, "Version"), CALL(version, "ListPodSandbox"), CALL(version, "ListContainers"), \
        CALL(version, "PodSandboxStatus"), CALL(version, "ContainerStatus")

static const struct cri_version versions[] = { { CALLS("v1") }, { CALLS("v1alpha2") } };

void cri_go_down(struct cri *cri, const char *what, const struct error *error)
{
    struct error reason = *error;
    (void)error_prefix(&reason, "%s: %s", runtime_socket(cri->runtime), what);
    runtime_report_down(cri->runtime, &reason);
}

void cri_go_down_by(struct cri *cri, const char *what, int r)
{
    struct error error;
    (void)error_set(&error, r, "%s", r == -EBADMSG ? "an unreadable answer" : strerror(-r));
    cri_go_down(cri, what, &error);
}

void cri_report(const struct cri *cri, struct container *container)
{
    container->owner_uid = grpc_peer_uid(cri->grpc);
    runtime_report_found(cri->runtime, container);
}

bool cri_is_crio(const struct cri *cri)
{
    return strcmp(runtime_name(cri->runtime), cri_o_driver.name) == 0;
}

/* -------- lists -------- */

static void finish_list(struct cri *cri)
{
    cri->listing = false;
    runtime_report_up(cri->runtime);
    (void)sd_event_source_set_time_relative(cri->timer, RELIST_USEC);
    (void)sd_event_source_set_enabled(cri->timer, SD_EVENT_ONESHOT);
}

/* What a list leaves out stays the same while the container runs: its pid, and, with CRI-O, the
 * name of an image that was asked for by its id. */
static bool is_asked_about(const struct cri *cri, const struct container *container)
{
    const struct container *old = container_list_find(&cri->previous, container->id);
    return container->state == CONTAINER_STATE_RUNNING && !(old && old->state == container->state);
}

/* Some at once, so that lookups come through. */
static void ask_about_listed(struct cri *cri)
{
    for (; cri->asking < STATUS_MAX && cri->next < cri->known.count; cri->next++) {
        struct container *container = cri->known.items[cri->next];
        if (!is_asked_about(cri, container))
            continue;
        if (cri_query(cri, container) == 0)
            cri->asking++;
        else
            cri_report(cri, container);
    }
    if (cri->listing && cri->asking == 0)
        finish_list(cri);
}

void cri_answered(struct cri *cri)
{
    cri->asking--;
    ask_about_listed(cri);
}

static int merge(struct cri *cri, struct container_list *containers)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < cri->sandboxes.count; i++) {
        struct container *sandbox = container_ref(cri->sandboxes.items[i]);
        r = container_list_add(containers, &sandbox, (size_t)2 * CRI_CONTAINERS_MAX);
    }
    container_list_sort(containers);
    return r;
}

/* Tells what is new, has changed, or has gone since the last list; of those that are asked about,
 * the answer tells: names are right from the first. */
static void compare(struct cri *cri, struct container_list *containers)
{
    container_list_clear(&cri->previous);
    cri->previous = cri->known;
    cri->known = *containers;
    *containers = (struct container_list){ 0 };
    for (size_t i = 0; i < cri->previous.count; i++) {
        struct container_origin origin = container_origin(cri->previous.items[i]);
        if (!container_list_find(&cri->known, origin.id))
            runtime_report_removed(cri->runtime, &origin);
    }
    for (size_t i = 0; i < cri->known.count; i++) {
        struct container *container = cri->known.items[i];
        const struct container *old = container_list_find(&cri->previous, container->id);
        container->owner_uid = grpc_peer_uid(cri->grpc);
        if (!is_asked_about(cri, container) && (!old || !container_same(old, container)))
            cri_report(cri, container);
    }
}

static void on_containers(void *userdata, const uint8_t *bytes, size_t length)
{
    struct cri *cri = userdata;
    _cleanup_(container_list_clear)
    struct container_list containers = { 0 };
    int r = cri_parse_containers(bytes, length, runtime_name(cri->runtime), &cri->sandboxes,
                                 &containers);
    if (r == 0)
        r = merge(cri, &containers);
    if (r < 0)
        cri_go_down_by(cri, "ListContainers", r);
    else
        compare(cri, &containers);
}

static void on_containers_end(void *userdata, const struct error *error)
{
    struct cri *cri = userdata;
    if (error->code < 0) {
        cri_go_down(cri, "ListContainers", error);
        return;
    }
    container_list_clear(&cri->sandboxes);
    cri->next = 0;
    ask_about_listed(cri);
}

static void on_sandboxes(void *userdata, const uint8_t *bytes, size_t length)
{
    struct cri *cri = userdata;
    container_list_clear(&cri->sandboxes);
    int r = cri_parse_sandboxes(bytes, length, runtime_name(cri->runtime), &cri->sandboxes);
    if (r < 0)
        cri_go_down_by(cri, "ListPodSandbox", r);
}

static void on_sandboxes_end(void *userdata, const struct error *error)
{
    struct cri *cri = userdata;
    const struct grpc_request request = {
        .path = cri->version->containers,
        .timeout_usec = LIST_USEC,
        .received = on_containers,
        .ended = on_containers_end,
        .userdata = cri,
    };
    int r = error->code < 0 ? 0 : grpc_call(cri->grpc, &request);
    if (error->code < 0)
        cri_go_down(cri, "ListPodSandbox", error);
    else if (r < 0)
        cri_go_down_by(cri, "ListContainers", r);
}

static void list(struct cri *cri)
{
    const struct grpc_request request = {
        .path = cri->version->sandboxes,
        .timeout_usec = LIST_USEC,
        .received = on_sandboxes,
        .ended = on_sandboxes_end,
        .userdata = cri,
    };
    int r = grpc_call(cri->grpc, &request);
    cri->listing = true;
    if (r < 0)
        cri_go_down_by(cri, "ListPodSandbox", r);
}

static int on_timer(UNUSED sd_event_source *source, UNUSED uint64_t usec, void *userdata)
{
    list(userdata);
    return 0;
}

/* -------- the driver -------- */

static int ask_version(struct cri *cri);

/* CONTAINER_RUNTIME_ENDPOINT may name any engine. */
static void on_version(void *userdata, const uint8_t *bytes, size_t length)
{
    struct cri *cri = userdata;
    _cleanup_(grpc_unpacked_release)
    Cri__VersionReply *reply = grpc_unpack(&cri__version_reply__descriptor, bytes, length);
    const char *name = reply ? reply->runtime_name : "";
    cri->foreign = cri_is_crio(cri) && name[0] && strcmp(name, cri_o_driver.name) != 0;
    if (cri->foreign)
        runtime_report_foreign(cri->runtime, name);
}

static void on_version_end(void *userdata, const struct error *error)
{
    struct cri *cri = userdata;
    bool older = error->code == -EOPNOTSUPP && cri->version == &versions[0];
    if (error->code == 0 && !cri->foreign)
        list(cri);
    if (error->code == 0)
        return;
    if (older)
        cri->version++;
    if (!older || ask_version(cri) < 0)
        cri_go_down(cri, "Version", error);
}

static int ask_version(struct cri *cri)
{
    const struct grpc_request request = {
        .path = cri->version->version,
        .timeout_usec = CRI_ANSWER_USEC,
        .received = on_version,
        .ended = on_version_end,
        .userdata = cri,
    };
    return grpc_call(cri->grpc, &request);
}

static void on_broken(void *userdata, const struct error *reason)
{
    struct cri *cri = userdata;
    struct error error = *reason;
    (void)error_prefix(&error, "%s", runtime_socket(cri->runtime));
    runtime_report_down(cri->runtime, &error);
}

static void cri_close(void *connection)
{
    struct cri *cri = connection;
    grpc_free(&cri->grpc);
    cri_queries_clear(cri);
    (void)sd_event_source_disable_unref(cri->timer);
    container_list_clear(&cri->sandboxes);
    container_list_clear(&cri->known);
    container_list_clear(&cri->previous);
    free(cri);
}

static int start(struct cri *cri, struct error *error)
{
    const struct grpc_listener listener = { on_broken, cri };
    sd_event *event = runtime_event(cri->runtime);
    int r = grpc_new(event, runtime_socket(cri->runtime), &listener, &cri->grpc, error);
    if (r < 0)
        return r;
    r = sd_event_add_time(event, &cri->timer, CLOCK_MONOTONIC, 0, 0, on_timer, cri);
    if (r >= 0)
        r = sd_event_source_set_enabled(cri->timer, SD_EVENT_OFF);
    if (r >= 0)
        r = ask_version(cri);
    return r < 0 ? error_set(error, r, "cannot ask for the version: %s", strerror(-r)) : 0;
}

static int cri_open(struct runtime *runtime, void **ret_connection, struct error *error)
{
    struct cri *cri = calloc(1, sizeof(*cri));
    if (!cri)
        return error_set(error, -ENOMEM, "out of memory");
    cri->runtime = runtime;
    cri->version = &versions[0];
    TAILQ_INIT(&cri->queries);
    int r = start(cri, error);
    if (r < 0) {
        cri_close(cri);
        return r;
    }
    *ret_connection = cri;
    return 0;
}

static const char *const crio_environment[] = { "CONTAINER_RUNTIME_ENDPOINT",
                                                "INSPEKTOR_GADGET_CRIO_SOCKETPATH", NULL };
static const char *const crio_socket_paths[] = { "/run/crio/crio.sock", NULL };
static const char *const cri_environment[] = { "CONTAINER_RUNTIME_ENDPOINT", NULL };
static const char *const cri_socket_paths[] = { "/run/cri-dockerd.sock", NULL };

const struct runtime_driver cri_o_driver = {
    .name = "cri-o",
    .rank = 4,
    .environment = crio_environment,
    .socket_paths = crio_socket_paths,
    .open = cri_open,
    .close = cri_close,
    .lookup = cri_lookup,
};

/* Whatever CONTAINER_RUNTIME_ENDPOINT names. Engines that have a driver of their own know more of
 * their containers, and win. */
const struct runtime_driver cri_driver = {
    .name = "cri",
    .rank = 2,
    .environment = cri_environment,
    .socket_paths = cri_socket_paths,
    .open = cri_open,
    .close = cri_close,
    .lookup = cri_lookup,
};
