/* SPDX-License-Identifier: GPL-2.0-or-later */
/* containerd's driver against a fake containerd: faults and orders of events that the real one
 * shows only by chance. The real one is in tests/integration. */
#include "tests/unit/grpc_engine.h"

#include "runtimes/containerd.pb-c.h"

#define ID              "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define PATH_SUBSCRIBE  "/containerd.services.events.v1.Events/Subscribe"
#define PATH_VERSION    "/containerd.services.version.v1.Version/Version"
#define PATH_NAMESPACES "/containerd.services.namespaces.v1.Namespaces/List"
#define PATH_TASKS      "/containerd.services.tasks.v1.Tasks/List"
#define PATH_TASK       "/containerd.services.tasks.v1.Tasks/Get"
#define PATH_CONTAINERS "/containerd.services.containers.v1.Containers/ListStream"
#define PATH_CONTAINER  "/containerd.services.containers.v1.Containers/Get"

/* What the fake has: one container in each namespace. */
struct fake_container {
    const char *space, *id, *image;
    Containerd__Pair *labels;
    size_t label_count;
    const char *spec;
    uint32_t pid, status;
};

static Containerd__Pair kubelet_labels[5];

static struct fake_container fakes[] = {
    { .space = "default",
      .id = "web",
      .image = "docker.io/library/nginx:1",
      .pid = 7,
      .status = 2 },
    { .space = "moby", .id = ID, .pid = 8, .status = 2 },
    { .space = "k8s.io", .id = "in-pod", .image = "sha256:123", .pid = 9, .status = 3 },
    { .space = "hidden", .id = "late", .pid = 10, .status = 4 },
};

static struct {
    size_t namespaces; /* shown */
    size_t namespace_lists;
    struct peer_stream *subscription;
    const char *breaks; /* path that is answered with `rubbish` */
    const void *rubbish;
    size_t rubbish_length;
    bool removed; /* container 0 */
    bool silent;
} fake;

static char *text(const char *constant)
{
    return (char *)(uintptr_t)constant;
}

static void set_label(Containerd__Pair *pair, const char *key, const char *value)
{
    containerd__pair__init(pair);
    pair->key = text(key);
    pair->value = text(value);
}

static void pack_container(const struct fake_container *from, struct peer *peer,
                           struct peer_stream *stream, int status)
{
    Containerd__ContainerReply reply = CONTAINERD__CONTAINER_REPLY__INIT;
    Containerd__Container container = CONTAINERD__CONTAINER__INIT;
    Containerd__Any spec = CONTAINERD__ANY__INIT;
    Containerd__Pair *labels[8];
    for (size_t i = 0; i < from->label_count; i++)
        labels[i] = &from->labels[i];
    reply.container = &container;
    container.id = text(from->id);
    if (from->image)
        container.image = text(from->image);
    container.labels = labels;
    container.n_labels = from->label_count;
    if (from->spec) {
        spec.value = (ProtobufCBinaryData){ strlen(from->spec), (uint8_t *)text(from->spec) };
        container.spec = &spec;
    }
    peer_reply_packed(peer, stream, &reply.base, status);
}

static void answer_namespaces(struct peer *peer, struct peer_stream *stream)
{
    Containerd__Namespaces reply = CONTAINERD__NAMESPACES__INIT;
    Containerd__Namespace spaces[ARRAY_SIZE(fakes)], *pointers[ARRAY_SIZE(fakes)];
    for (size_t i = 0; i < fake.namespaces; i++) {
        containerd__namespace__init(&spaces[i]);
        spaces[i].name = text(fakes[i].space);
        pointers[i] = &spaces[i];
    }
    reply.n_namespaces = fake.namespaces;
    reply.namespaces = pointers;
    fake.namespace_lists++;
    peer_reply_packed(peer, stream, &reply.base, 0);
}

static void answer_task(const struct fake_container *from, struct peer *peer,
                        struct peer_stream *stream, bool list)
{
    Containerd__Process process = CONTAINERD__PROCESS__INIT, *pointer = &process;
    Containerd__Processes processes = CONTAINERD__PROCESSES__INIT;
    Containerd__ProcessReply reply = CONTAINERD__PROCESS_REPLY__INIT;
    process.id = text(from->id);
    process.pid = from->pid;
    process.status = from->status;
    processes.n_tasks = 1;
    processes.tasks = &pointer;
    reply.process = &process;
    peer_reply_packed(peer, stream, list ? &processes.base : &reply.base, 0);
}

static void answer_in_space(struct peer *peer, struct peer_stream *stream)
{
    const struct fake_container *from = NULL;
    for (size_t i = 0; i < ARRAY_SIZE(fakes); i++)
        if (strcmp(fakes[i].space, stream->space) == 0)
            from = &fakes[i];
    bool asked = from && stream->request_length == GRPC_PREFIX_SIZE + 2 + strlen(from->id) &&
                 memcmp(stream->request + GRPC_PREFIX_SIZE + 2, from->id, strlen(from->id)) == 0;
    if (!from)
        peer_refuse(peer, stream, "9", "namespace is required");
    else if (strcmp(stream->path, PATH_TASKS) == 0)
        answer_task(from, peer, stream, true);
    else if (strcmp(stream->path, PATH_CONTAINERS) == 0)
        pack_container(from, peer, stream, 0);
    else if (!asked || (fake.removed && from == &fakes[0]))
        peer_refuse(peer, stream, "5", "not found");
    else if (strcmp(stream->path, PATH_CONTAINER) == 0)
        pack_container(from, peer, stream, 0);
    else if (from->status)
        answer_task(from, peer, stream, false);
    else
        peer_refuse(peer, stream, "5", "no process");
}

static void answer(struct peer *peer, struct peer_stream *stream)
{
    if (fake.silent)
        return;
    if (fake.breaks && strcmp(stream->path, fake.breaks) == 0) {
        peer_reply_message(peer, stream, fake.rubbish, fake.rubbish_length, 0);
    } else if (strcmp(stream->path, PATH_SUBSCRIBE) == 0) {
        fake.subscription = stream;
        peer_reply(peer, stream, "", 0, -1);
    } else if (strcmp(stream->path, PATH_VERSION) == 0) {
        /* Nothing may fall between the list and the events. */
        assert_true(fake.breaks || fake.subscription);
        peer_reply_message(peer, stream, "", 0, 0);
    } else if (strcmp(stream->path, PATH_NAMESPACES) == 0) {
        answer_namespaces(peer, stream);
    } else {
        answer_in_space(peer, stream);
    }
}

static int set_up(UNUSED void **state)
{
    memset(&fake, 0, sizeof(fake));
    fake.namespaces = 3;
    set_label(&kubelet_labels[0], "io.kubernetes.pod.name", "web-0");
    set_label(&kubelet_labels[1], "io.kubernetes.pod.namespace", "shop");
    set_label(&kubelet_labels[2], "io.kubernetes.pod.uid", "uid-1");
    set_label(&kubelet_labels[3], "io.kubernetes.container.name", "front");
    set_label(&kubelet_labels[4], "io.cri-containerd.kind", "container");
    fakes[2].labels = kubelet_labels;
    fakes[2].label_count = ARRAY_SIZE(kubelet_labels);
    fakes[2].spec = "{\"annotations\":{\"io.kubernetes.cri.image-name\":\"app:2\"}}";
    engine_open(&containerd_driver, answer);
    return 0;
}

static void publish_any(const char *space, const char *topic, Containerd__Any *any)
{
    Containerd__Envelope envelope = CONTAINERD__ENVELOPE__INIT;
    envelope.namespace_ = text(space);
    envelope.topic = text(topic);
    envelope.event = any;
    peer_reply_packed(&engine.peer, fake.subscription, &envelope.base, -1);
}

static void publish_create(const char *space, const char *id, pid_t pid)
{
    Containerd__TaskCreate event = CONTAINERD__TASK_CREATE__INIT;
    Containerd__Any any = CONTAINERD__ANY__INIT;
    uint8_t bytes[512];
    event.container_id = text(id);
    event.pid = (uint32_t)pid;
    any.value.len = containerd__task_create__pack(&event, bytes);
    any.value.data = bytes;
    publish_any(space, "/tasks/create", &any);
}

static void publish(const char *space, const char *topic, const char *id, const char *exec_id)
{
    Containerd__TaskExit event = CONTAINERD__TASK_EXIT__INIT;
    Containerd__Any any = CONTAINERD__ANY__INIT;
    uint8_t bytes[512];
    event.container_id = text(id);
    if (exec_id)
        event.id = text(exec_id);
    any.value.len = containerd__task_exit__pack(&event, bytes);
    any.value.data = bytes;
    publish_any(space, topic, &any);
}

static void every_namespace_is_listed(UNUSED void **state)
{
    ENGINE_UNTIL(engine.state == RUNTIME_UP);
    assert_int_equal(engine.found.count, 3);
    const struct container *plain = found("web");
    assert_string_equal(plain->runtime, "containerd");
    assert_string_equal(plain->name, "web");
    assert_string_equal(plain->image, "docker.io/library/nginx:1");
    assert_string_equal(plain->engine_namespace, "default");
    assert_int_equal(plain->pid, 7);
    assert_int_equal(plain->state, CONTAINER_STATE_RUNNING);
    assert_true(plain->named);
    assert_int_equal(plain->owner_uid, geteuid());

    const struct container *docker = found(ID);
    assert_string_equal(docker->runtime, "docker");
    assert_null(docker->name);
    assert_false(docker->named);

    const struct container *in_pod = found("in-pod");
    assert_string_equal(in_pod->name, "front");
    assert_string_equal(in_pod->pod, "web-0");
    assert_string_equal(in_pod->pod_namespace, "shop");
    assert_string_equal(in_pod->pod_uid, "uid-1");
    assert_string_equal(in_pod->image, "app:2");
    assert_int_equal(in_pod->pid, 0); /* it has ended */
    assert_int_equal(in_pod->state, CONTAINER_STATE_EXITED);
}

static void lookups(UNUSED void **state)
{
    ENGINE_UNTIL(engine.state == RUNTIME_UP);
    container_list_clear(&engine.found);
    assert_int_equal(runtime_lookup(engine.runtime, "in-pod"), 0);
    ENGINE_UNTIL(engine.looked_up == 1);
    assert_string_equal(found("in-pod")->name, "front");
    assert_int_equal(fake.namespace_lists, 1);

    /* Unknown: the namespaces are listed once more before that is the answer. */
    assert_int_equal(runtime_lookup(engine.runtime, "nobody"), 0);
    ENGINE_UNTIL(engine.looked_up == 2);
    assert_string_equal(engine.last_looked_up, "nobody");
    assert_int_equal(fake.namespace_lists, 2);

    fake.namespaces = 4;
    assert_int_equal(runtime_lookup(engine.runtime, "late"), 0);
    ENGINE_UNTIL(engine.looked_up == 3);
    assert_int_equal(found("late")->pid, 10);
    assert_int_equal(found("late")->state, CONTAINER_STATE_PAUSED);
}

static void many_lookups(UNUSED void **state)
{
    size_t asked = 0;
    int r = 0;
    ENGINE_UNTIL(engine.state == RUNTIME_UP);
    while (asked < 4000 && (r = runtime_lookup(engine.runtime, asked % 2 ? "web" : "nobody")) == 0)
        asked++;
    assert_int_equal(r, -EBUSY);
    assert_in_range(asked, 100, GRPC_CALLS_MAX);
    ENGINE_UNTIL(engine.looked_up == asked);
    assert_int_equal(engine.downs, 0);
    assert_int_equal(runtime_lookup(engine.runtime, "web"), 0);
    ENGINE_UNTIL(engine.looked_up == asked + 1);
}

static void events(UNUSED void **state)
{
    ENGINE_UNTIL(engine.state == RUNTIME_UP);
    size_t before = engine.reports;
    fakes[0].pid = 70;
    publish("default", "/tasks/create", "web", NULL);
    ENGINE_UNTIL(engine.reports > before);
    assert_int_equal(found("web")->pid, 70);
    fakes[0].pid = 7;

    /* A namespace that is new. */
    publish("hidden", "/containers/create", "late", NULL);
    ENGINE_UNTIL(found("late"));

    /* What was executed inside a container ends; topics that nobody asked for; Docker's. */
    engine_quiet();
    before = engine.reports;
    publish("default", "/tasks/exit", "web", "probe");
    publish("default", "/tasks/oom", "web", NULL);
    publish("moby", "/tasks/create", ID, NULL);
    engine_quiet();
    assert_int_equal(engine.reports, before);
    publish("default", "/tasks/exit", "web", "web");
    ENGINE_UNTIL(engine.reports > before);

    fake.removed = true;
    publish("default", "/containers/delete", "web", NULL);
    ENGINE_UNTIL(engine.removed);
    assert_string_equal(engine.last_removed, "web");
}

/* What is made is known before it starts: its process may end before any answer comes. */
static void gone_before_it_is_asked_about(UNUSED void **state)
{
    ENGINE_UNTIL(engine.state == RUNTIME_UP);
    fakes[0].spec = "{\"linux\":{\"cgroupsPath\":\"/default/web\"}}";
    fakes[0].status = 0; /* no process yet */
    fakes[0].pid = 0;
    size_t before = engine.reports;
    publish("default", "/containers/create", "web", NULL);
    ENGINE_UNTIL(engine.reports > before);
    assert_null(found("web")->cgroup_path);

    fake.removed = true;
    before = engine.reports;
    publish_create("default", "web", getpid());
    ENGINE_UNTIL(engine.reports > before);
    assert_int_equal(found("web")->pid, getpid());
    assert_null(found("web")->cgroup_path); /* the process tells where it is */

    fake.removed = false;
    before = engine.reports;
    publish("default", "/containers/create", "web", NULL);
    ENGINE_UNTIL(engine.reports > before);
    fake.removed = true;
    before = engine.reports;
    publish_create("default", "web", INT32_MAX); /* there is none */
    ENGINE_UNTIL(engine.reports > before);
    assert_int_equal(found("web")->pid, 0);
    assert_string_equal(found("web")->cgroup_path, "/default/web");

    fake.removed = false;
    fakes[0].status = 3;
    fakes[0].pid = 7;
    container_list_clear(&engine.found);
    assert_int_equal(runtime_lookup(engine.runtime, "web"), 0);
    ENGINE_UNTIL(engine.looked_up);
    assert_string_equal(found("web")->cgroup_path, "/default/web");
    assert_int_equal(found("web")->pid, 0);
    fakes[0].status = 2;
    fakes[0].spec = NULL;
}

/* The answer to an older question must not bring it back. */
static void removed_while_asked_about(UNUSED void **state)
{
    ENGINE_UNTIL(engine.state == RUNTIME_UP);
    size_t before = engine.reports;
    publish("default", "/tasks/start", "web", NULL);
    publish("default", "/containers/delete", "web", NULL);
    ENGINE_UNTIL(engine.removed);
    engine_quiet();
    assert_int_equal(engine.reports, before);
}

static void a_storm_of_events(UNUSED void **state)
{
    ENGINE_UNTIL(engine.state == RUNTIME_UP);
    for (int i = 0; i < 3000; i++) {
        char id[32];
        (void)snprintf(id, sizeof(id), "storm-%d", i);
        publish("default", "/containers/create", id, NULL);
    }
    size_t before = engine.reports;
    ENGINE_UNTIL(engine.reports > before); /* more than can be asked about: all is listed again */
    engine_quiet();
    assert_int_equal(engine.state, RUNTIME_UP);
    assert_int_equal(engine.downs, 0);
}

/* Whatever answer is rubbish: the engine is down, with a sentence, and is tried again. */
static void rubbish(UNUSED void **state)
{
    static const char *const paths[] = { PATH_SUBSCRIBE, PATH_NAMESPACES, PATH_TASKS,
                                         PATH_CONTAINERS };
    static const struct {
        const char *bytes;
        size_t length;
    } kinds[] = { { "\xff\xff\xff\xff\xff", 5 }, { "\x0a\x7f", 2 }, { "\x0a\2\x0a\x7f", 4 } };
    for (size_t i = 0; i < ARRAY_SIZE(paths) * ARRAY_SIZE(kinds); i++) {
        (void)engine_tear_down(NULL);
        (void)set_up(NULL);
        fake.breaks = paths[i / ARRAY_SIZE(kinds)];
        fake.rubbish = kinds[i % ARRAY_SIZE(kinds)].bytes;
        fake.rubbish_length = kinds[i % ARRAY_SIZE(kinds)].length;
        ENGINE_UNTIL(engine.downs);
        assert_non_null(strstr(engine.reason, engine.path));
        fake.breaks = NULL;
        fake.subscription = NULL;
        ENGINE_UNTIL(engine.state == RUNTIME_UP);
        assert_in_range(engine.accepted, 2, 10);
    }
}

static void dies_and_returns(UNUSED void **state)
{
    ENGINE_UNTIL(engine.state == RUNTIME_UP);
    fake.silent = true;
    assert_int_equal(runtime_lookup(engine.runtime, "web"), 0);
    engine_quiet();
    assert_int_equal(engine.looked_up, 0);
    fake.silent = false;
    fake.subscription = NULL;
    peer_close(&engine.peer);
    engine.peer.fd = -1;
    ENGINE_UNTIL(engine.downs == 1);
    assert_int_equal(engine.looked_up, 1);
    assert_int_equal(runtime_lookup(engine.runtime, "web"), -ENOTCONN);
    container_list_clear(&engine.found);
    ENGINE_UNTIL(engine.state == RUNTIME_UP);
    assert_non_null(found("web"));
}

static void not_a_containerd(UNUSED void **state)
{
    (void)engine_tear_down(NULL);
    engine_open(&containerd_driver, NULL);
    for (int i = 0; i < 20000 && !engine.downs; i++) {
        engine_turn();
        for (size_t k = 0; k < engine.peer.count; k++)
            if (engine.peer.streams[k]->requested) {
                engine.peer.streams[k]->requested = false;
                peer_refuse(&engine.peer, engine.peer.streams[k], "12", "unknown service");
            }
        assert_true(sd_event_run(engine.event, 1000) >= 0);
    }
    assert_int_equal(engine.downs, 1);
    assert_non_null(strstr(engine.reason, "not implemented there: unknown service"));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, engine_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_namespace_is_listed),
        TEST(lookups),
        TEST(many_lookups),
        TEST(events),
        TEST(gone_before_it_is_asked_about),
        TEST(removed_while_asked_about),
        TEST(a_storm_of_events),
        TEST(rubbish),
        TEST(dies_and_returns),
        TEST(not_a_containerd),
    };
    return cmocka_run_group_tests_name("containerd", tests, NULL, NULL);
}
