/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CRI's drivers against a fake: what only CRI-O does (there is no package of it), and faults. The
 * real CRI of containerd is in tests/integration. */
#include "tests/unit/fixture.h"
#include "tests/unit/grpc_engine.h"

#include "runtimes/cri.pb-c.h"
#include "runtimes/cri_parse.h"

#define IMAGE_ID "7d3e51b000000000000000000000000000000000000000000000000000000009"

static struct {
    const char *version; /* that is served, "v1" or "v1alpha2" */
    size_t containers, lists, statuses;
    const char *refuses; /* method that is not answered */
    const char *breaks;  /* method that is answered with `rubbish` */
    const char *rubbish;
    size_t rubbish_length;
    bool v1_asked;
    const char *name; /* of the engine, in its answer to Version */
} fake;

static char *text(const char *constant)
{
    return (char *)(uintptr_t)constant;
}

/* A kubelet puts the pod's labels on its sandbox alone. */
static void add_label(Cri__Pair *pair, size_t *count, Cri__Pair ***labels)
{
    static Cri__Pair *pointer;
    cri__pair__init(pair);
    pair->key = text("app");
    pair->value = text("shop");
    pointer = pair;
    *count = 1;
    *labels = &pointer;
}

static void answer_sandboxes(struct peer *peer, struct peer_stream *stream)
{
    Cri__Sandboxes reply = CRI__SANDBOXES__INIT;
    Cri__Sandbox sandbox = CRI__SANDBOX__INIT, *pointer = &sandbox;
    Cri__SandboxMetadata metadata = CRI__SANDBOX_METADATA__INIT;
    metadata.name = text("web-0");
    metadata.uid = text("uid-1");
    metadata.namespace_ = text("shop");
    sandbox.id = text("sandbox");
    sandbox.metadata = &metadata;
    Cri__Pair label;
    add_label(&label, &sandbox.n_labels, &sandbox.labels);
    reply.n_items = 1;
    reply.items = &pointer;
    peer_reply_packed(peer, stream, &reply.base, 0);
}

static void answer_containers(struct peer *peer, struct peer_stream *stream)
{
    Cri__Containers reply = CRI__CONTAINERS__INIT;
    Cri__Container containers[2], *pointers[2];
    Cri__ContainerMetadata metadata = CRI__CONTAINER_METADATA__INIT;
    Cri__Image image = CRI__IMAGE__INIT;
    static const char *const ids[] = { "first", "second" };
    metadata.name = text("front");
    image.image = text(IMAGE_ID);
    for (size_t i = 0; i < fake.containers; i++) {
        cri__container__init(&containers[i]);
        containers[i].id = text(ids[i]);
        containers[i].pod_sandbox_id = text("sandbox");
        containers[i].metadata = &metadata;
        containers[i].image = &image;
        containers[i].state = 1;
        pointers[i] = &containers[i];
    }
    reply.n_containers = fake.containers;
    reply.containers = pointers;
    fake.lists++;
    peer_reply_packed(peer, stream, &reply.base, 0);
}

static void answer_status(struct peer *peer, struct peer_stream *stream)
{
    Cri__ContainerStatusReply reply = CRI__CONTAINER_STATUS_REPLY__INIT;
    Cri__ContainerStatus status = CRI__CONTAINER_STATUS__INIT;
    Cri__ContainerMetadata metadata = CRI__CONTAINER_METADATA__INIT;
    Cri__Image image = CRI__IMAGE__INIT;
    Cri__Pair info = CRI__PAIR__INIT, *pointer = &info;
    Cri__ContainerStatusRequest *request =
        grpc_unpack(&cri__container_status_request__descriptor, stream->request + GRPC_PREFIX_SIZE,
                    stream->request_length - GRPC_PREFIX_SIZE);
    assert_non_null(request);
    assert_true(request->verbose);
    fake.statuses++;
    metadata.name = text("front");
    info.key = text("info");
    info.value = text("{\"sandboxID\":\"sandbox\",\"pid\":77}");
    image.image = text("localhost/app:1");
    status.id = request->container_id;
    status.metadata = &metadata;
    status.image = &image;
    status.state = 1;
    reply.status = &status;
    reply.n_info = 1;
    reply.info = &pointer;
    if (strcmp(request->container_id, "first") == 0 || strcmp(request->container_id, "second") == 0)
        peer_reply_packed(peer, stream, &reply.base, 0);
    else
        peer_refuse(peer, stream, "5", "no such container");
    grpc_unpacked_free(request);
}

static void answer_sandbox_status(struct peer *peer, struct peer_stream *stream)
{
    Cri__SandboxStatusReply reply = CRI__SANDBOX_STATUS_REPLY__INIT;
    Cri__SandboxStatus status = CRI__SANDBOX_STATUS__INIT;
    Cri__SandboxMetadata metadata = CRI__SANDBOX_METADATA__INIT;
    Cri__Pair info = CRI__PAIR__INIT, *pointer = &info;
    metadata.name = text("web-0");
    metadata.uid = text("uid-1");
    metadata.namespace_ = text("shop");
    info.key = text("info");
    info.value = text("{\"pid\":76}");
    status.id = text("sandbox");
    status.metadata = &metadata;
    Cri__Pair label;
    add_label(&label, &status.n_labels, &status.labels);
    reply.status = &status;
    reply.n_info = 1;
    reply.info = &pointer;
    if (stream->request_length > 9 && memmem(stream->request, stream->request_length, "sandbox", 7))
        peer_reply_packed(peer, stream, &reply.base, 0);
    else
        peer_refuse(peer, stream, "5", "no such sandbox");
}

static const struct {
    const char *method;
    void (*answer)(struct peer *peer, struct peer_stream *stream);
} methods[] = {
    { "ListPodSandbox", answer_sandboxes },
    { "ListContainers", answer_containers },
    { "ContainerStatus", answer_status },
    { "PodSandboxStatus", answer_sandbox_status },
};

static void answer(struct peer *peer, struct peer_stream *stream)
{
    const char *method = strrchr(stream->path, '/') + 1;
    char prefix[64];
    (void)snprintf(prefix, sizeof(prefix), "/runtime.%s.RuntimeService/", fake.version);
    if (strcmp(method, "GetContainerEvents") == 0)
        fail_msg("a kubelet's events are stolen");
    if (strncmp(stream->path, prefix, strlen(prefix)) != 0) {
        fake.v1_asked = true;
        peer_refuse(peer, stream, "12", "unknown service runtime.v1.RuntimeService");
        return;
    }
    if (fake.refuses && strcmp(method, fake.refuses) == 0) {
        peer_refuse(peer, stream, "5", "no such container");
        return;
    }
    if (fake.breaks && strcmp(method, fake.breaks) == 0) {
        peer_reply_message(peer, stream, fake.rubbish, fake.rubbish_length, 0);
        return;
    }
    for (size_t i = 0; i < ARRAY_SIZE(methods); i++)
        if (strcmp(methods[i].method, method) == 0)
            methods[i].answer(peer, stream);
    if (strcmp(method, "Version") == 0) {
        Cri__VersionReply reply = CRI__VERSION_REPLY__INIT;
        if (fake.name)
            reply.runtime_name = text(fake.name);
        peer_reply_packed(peer, stream, &reply.base, 0);
    }
}

static int set_up(UNUSED void **state)
{
    memset(&fake, 0, sizeof(fake));
    fake.version = "v1";
    fake.containers = 2;
    engine_open(&cri_driver, answer);
    return 0;
}

static void all_is_listed(UNUSED void **state)
{
    ENGINE_UNTIL(engine.state == RUNTIME_UP);
    const struct container *container = found("first"), *sandbox = found("sandbox");
    assert_string_equal(container->runtime, "cri");
    assert_string_equal(container->name, "front");
    assert_string_equal(container->pod, "web-0");
    assert_string_equal(container->pod_namespace, "shop");
    assert_string_equal(container->pod_uid, "uid-1");
    assert_int_equal(container->state, CONTAINER_STATE_RUNNING);
    assert_false(container->sandbox);
    assert_true(sandbox->sandbox);
    assert_string_equal(sandbox->pod, "web-0");
    assert_non_null(found("second"));
    assert_int_equal(fake.statuses, 2);  /* their pids */
    assert_int_equal(engine.reports, 3); /* once each, as soon as all is known */
    assert_int_equal(container->pid, 77);
    assert_string_equal(container->image, "localhost/app:1");
    assert_string_equal(container_label(container, "app"), "shop");
}

static void the_list_has_to_do(UNUSED void **state)
{
    fake.refuses = "ContainerStatus";
    ENGINE_UNTIL(engine.state == RUNTIME_UP);
    assert_string_equal(found("first")->name, "front");
    assert_string_equal(found("first")->pod, "web-0");
    assert_string_equal(found("first")->image, IMAGE_ID);
    assert_string_equal(container_label(found("first"), "app"), "shop");
    assert_int_equal(engine.reports, 3);
}

static void the_older_version(UNUSED void **state)
{
    fake.version = "v1alpha2";
    ENGINE_UNTIL(engine.state == RUNTIME_UP);
    assert_true(fake.v1_asked);
    assert_non_null(found("first"));
    assert_int_equal(engine.downs, 0);
}

static void neither_version(UNUSED void **state)
{
    fake.version = "v2";
    ENGINE_UNTIL(engine.downs);
    assert_non_null(strstr(engine.reason, "not implemented there"));
}

/* Not where CRI-O is looked for: its containers would be called CRI-O's. */
static void another_engine(UNUSED void **state)
{
    (void)engine_tear_down(NULL);
    engine_open(&cri_o_driver, answer);
    fake.name = "containerd";
    ENGINE_UNTIL(engine.downs);
    assert_non_null(strstr(engine.reason, "containerd"));
    assert_int_equal(fake.lists, 0);
    assert_int_equal(engine.reports, 0);
    fake.name = "cri-o";
    ENGINE_UNTIL(engine.state == RUNTIME_UP);
    assert_string_equal(found("first")->runtime, "cri-o");
}

static void lookups(UNUSED void **state)
{
    ENGINE_UNTIL(engine.state == RUNTIME_UP);
    container_list_clear(&engine.found);
    assert_int_equal(runtime_lookup(engine.runtime, "first"), 0);
    ENGINE_UNTIL(engine.looked_up == 1);
    assert_int_equal(found("first")->pid, 77);
    assert_string_equal(found("first")->pod, "web-0"); /* its sandbox is known */
    assert_string_equal(container_label(found("first"), "app"), "shop");
    assert_int_equal(runtime_lookup(engine.runtime, "sandbox"), 0);
    ENGINE_UNTIL(engine.looked_up == 2);
    assert_true(found("sandbox")->sandbox);
    assert_int_equal(found("sandbox")->pid, 76);
    assert_int_equal(runtime_lookup(engine.runtime, "nobody"), 0);
    ENGINE_UNTIL(engine.looked_up == 3);
    assert_null(found("nobody"));
}

/* CRI-O's other tongue, on the same socket: from now on it is HTTP that is answered there. */
static void speak_http(void)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    close_fd(&engine.listener);
    assert_int_equal(unlink(engine.path), 0);
    (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", engine.path);
    engine.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(engine.listener, (const struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(engine.listener, 8), 0);
}

/* One request, if there is one. "": not found. */
static void answer_http(const char *target, const char *body)
{
    int fd = accept4(engine.listener, NULL, NULL, SOCK_CLOEXEC);
    char request[1024], wanted[256];
    if (fd < 0)
        return;
    ssize_t length;
    for (int turns = 0; (length = recv(fd, request, sizeof(request) - 1, MSG_DONTWAIT)) < 0;) {
        assert_in_range(turns++, 0, 20000);
        assert_true(sd_event_run(engine.event, 1000) >= 0);
    }
    request[length] = '\0';
    (void)snprintf(wanted, sizeof(wanted), "GET %s HTTP/1.1\r\n", target);
    if (strncmp(request, wanted, strlen(wanted)) != 0)
        body = "";
    assert_true(dprintf(fd, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n%s",
                        *body ? "200 OK" : "404 Not Found", strlen(body), body) > 0);
    close_fd(&fd);
}

#define HTTP_UNTIL(condition, target, body)                     \
    do {                                                        \
        for (int turns_ = 0; !(condition); turns_++) {          \
            assert_in_range(turns_, 0, 20000);                  \
            answer_http(target, body);                          \
            (void)peer_turn(&engine.peer);                      \
            assert_true(sd_event_run(engine.event, 1000) >= 0); \
        }                                                       \
    } while (0)

#define WEB_0 "e881245800000000000000000000000000000000000000000000000000000001"
#define FRONT "a17f0c2e00000000000000000000000000000000000000000000000000000002"
#define BARE  "5b3d9c4100000000000000000000000000000000000000000000000000000003"
#define BACK  "c04417aa00000000000000000000000000000000000000000000000000000004"

/* What HTTP knows is enough; of what it does not know, gRPC is asked. */
static void crio_lookups(UNUSED void **state)
{
    _cleanup_(free_string)
    char *front = read_fixture("crio/container.json");
    (void)engine_tear_down(NULL);
    engine_open(&cri_o_driver, answer);
    fake.name = "cri-o";
    ENGINE_UNTIL(engine.state == RUNTIME_UP);
    speak_http();
    size_t statuses = fake.statuses;
    assert_int_equal(runtime_lookup(engine.runtime, FRONT), 0);
    HTTP_UNTIL(engine.looked_up == 1, "/containers/" FRONT, front);
    assert_string_equal(found(FRONT)->name, "front");
    assert_string_equal(found(FRONT)->pod, "web-0");
    assert_int_equal(fake.statuses, statuses);
    assert_int_equal(runtime_lookup(engine.runtime, "second"), 0);
    HTTP_UNTIL(engine.looked_up == 2, "/nothing", "");
    assert_int_equal(fake.statuses, statuses + 1);
    assert_int_equal(runtime_lookup(engine.runtime, "nobody"), 0);
    HTTP_UNTIL(engine.looked_up == 3, "/nothing", "");
    assert_null(found("nobody"));
    assert_int_equal(engine.downs, 0);
}

static void rubbish(UNUSED void **state)
{
    static const char *const names[] = { "ListPodSandbox", "ListContainers", "ContainerStatus" };
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        (void)engine_tear_down(NULL);
        (void)set_up(NULL);
        fake.breaks = names[i];
        fake.rubbish = "\x0a\x7f\xff";
        fake.rubbish_length = 3;
        ENGINE_UNTIL(engine.downs);
        assert_non_null(strstr(engine.reason, engine.path));
        fake.breaks = NULL;
        ENGINE_UNTIL(engine.state == RUNTIME_UP);
    }
}

static struct container *parse_crio(const char *name, const char *id)
{
    _cleanup_(free_string)
    char *text = read_fixture(name);
    struct container *container = NULL;
    assert_int_equal(cri_parse_crio(text, strlen(text), "cri-o", id, &container), 0);
    assert_true(container->named);
    for (size_t length = 0; length < strlen(text) - 1; length++) {
        struct container *none = NULL;
        assert_int_equal(cri_parse_crio(text, length, "cri-o", id, &none), -EBADMSG);
    }
    return container;
}

static void crio_recordings(UNUSED void **state)
{
    struct container *container = parse_crio("crio/container.json", FRONT);
    assert_string_equal(container->name, "front");
    assert_string_equal(container->image, "localhost/app:1");
    assert_string_equal(container->pod, "web-0");
    assert_string_equal(container->pod_namespace, "shop");
    assert_string_equal(container->pod_uid, "uid-of-web-0");
    assert_string_equal(container->sandbox_id, WEB_0);
    assert_int_equal(container->pid, 4711);
    assert_false(container->sandbox);
    container_unref(&container);

    /* Neither its labels nor its image tell. */
    container = parse_crio("crio/container-bare.json", BACK);
    assert_string_equal(container->name, "back");
    assert_string_equal(container->image, "localhost/app:1");
    assert_null(container->pod);
    assert_string_equal(container->sandbox_id, BARE);
    assert_int_equal(container->pid, 0);
    container_unref(&container);
}

static void crio_recordings_of_sandboxes(UNUSED void **state)
{
    static const struct {
        const char *name, *id, *pod;
    } recordings[] = {
        { "crio/sandbox.json", WEB_0, "web-0" },
        { "crio/sandbox-bare.json", BARE, "bare" },
        { "crio/sandbox-dropped.json", WEB_0, "web-0" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(recordings); i++) {
        struct container *container = parse_crio(recordings[i].name, recordings[i].id);
        assert_true(container->sandbox);
        assert_null(container->sandbox_id);
        assert_null(container->name);
        assert_string_equal(container->pod, recordings[i].pod);
        assert_string_equal(container->pod_namespace, "shop");
        assert_int_equal(container->pid, 0); /* a container's, if it has no process itself */
        container_unref(&container);
    }
}

static void crio_odd_answers(UNUSED void **state)
{
    static const char *const answers[] = {
        "{}",
        "{\"labels\":[\"x\"],\"crio_annotations\":[\"y\"],\"sandbox\":[],\"pid\":-5}",
        "{\"crio_annotations\":{\"io.kubernetes.cri-o.Metadata\":\"[{\"},\"name\":7,\"pid\":1e99}",
        "{\"crio_annotations\":{\"io.kubernetes.cri-o.Metadata\":\"[\\\"x\\\"]\"},\"name\":\"\"}",
        "{\"crio_annotations\":{\"io.kubernetes.cri-o.Metadata\":7},\"sandbox\":\"\"}",
    };
    for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
        struct container *container = NULL;
        assert_int_equal(cri_parse_crio(answers[i], strlen(answers[i]), "cri-o", "id", &container),
                         0);
        assert_int_equal(container->label_count, 0);
        assert_int_equal(container->pid, 0);
        assert_null(container->name);
        assert_null(container->sandbox_id);
        assert_false(container->sandbox);
        container_unref(&container);
    }
    struct container *container = NULL;
    assert_int_equal(cri_parse_crio("[]", 2, "cri-o", "id", &container), -EBADMSG);
    static const char named[] = "{\"name\":\"k8s_front\",\"image\":\"app:1\"}";
    assert_int_equal(cri_parse_crio(named, sizeof(named) - 1, "cri-o", "id", &container), 0);
    assert_string_equal(container->name, "k8s_front"); /* better than none */
    assert_string_equal(container->image, "app:1");
    container_unref(&container);
}

static void fuzzed_messages(UNUSED void **state)
{
    uint32_t seed = 7;
    for (int round = 0; round < 20000; round++) {
        uint8_t bytes[64];
        for (size_t i = 0; i < sizeof(bytes); i++) {
            seed = seed * 1664525 + 1013904223;
            bytes[i] = (seed >> 16) % 4 ? (uint8_t)(seed >> 24) & 0x1f : (uint8_t)(seed >> 24);
        }
        size_t length = (seed >> 8) % sizeof(bytes);
        struct container *container = NULL;
        _cleanup_(container_list_clear)
        struct container_list sandboxes = { 0 }, containers = { 0 };
        (void)cri_parse_sandboxes(bytes, length, "cri", &sandboxes);
        (void)cri_parse_containers(bytes, length, "cri", &sandboxes, &containers);
        if (cri_parse_container_status(bytes, length, "cri", &container) == 0)
            container_unref(&container);
        if (cri_parse_sandbox_status(bytes, length, "cri", &container) == 0)
            container_unref(&container);
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, engine_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_is_listed),
        TEST(the_list_has_to_do),
        TEST(the_older_version),
        TEST(neither_version),
        TEST(another_engine),
        TEST(lookups),
        TEST(crio_lookups),
        TEST(rubbish),
        cmocka_unit_test(crio_recordings),
        cmocka_unit_test(crio_recordings_of_sandboxes),
        cmocka_unit_test(crio_odd_answers),
        cmocka_unit_test(fuzzed_messages),
    };
    return cmocka_run_group_tests_name("cri", tests, NULL, NULL);
}
