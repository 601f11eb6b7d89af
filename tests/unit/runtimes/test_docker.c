/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Docker's driver below the real runtime.c, against a server that answers by a script. */
#include "runtimes/drivers.h"
#include "tests/unit/http_peer.h"

#define OK_HEAD "HTTP/1.1 200 OK\r\n\r\n"
#define PING    "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Length: 2\r\n\r\nOK"
#define ITEM    "{\"Id\":\"aaa\",\"Names\":[\"/web\"],\"Image\":\"nginx\",\"State\":\"running\"}"

static struct {
    struct http_peer peer;
    struct runtime *runtime;
    size_t found, removed, looked_up, ups, downs;
    char name[64], image[64], last_id[64], reason[ERROR_MESSAGE_SIZE];
    uid_t owner_uid;
} t;

static void on_found(UNUSED void *userdata, UNUSED const char *runtime, struct container *container)
{
    assert_string_equal(container->runtime, "docker");
    t.found++;
    t.owner_uid = container->owner_uid;
    (void)snprintf(t.name, sizeof(t.name), "%s", container->name);
    (void)snprintf(t.image, sizeof(t.image), "%s", container->image);
}

static void on_removed(UNUSED void *userdata, const struct container_origin *origin)
{
    t.removed++;
    (void)snprintf(t.last_id, sizeof(t.last_id), "%s", origin->id);
}

static void on_looked_up(UNUSED void *userdata, UNUSED const char *runtime, const char *id)
{
    t.looked_up++;
    (void)snprintf(t.last_id, sizeof(t.last_id), "%s", id);
}

static void on_state(UNUSED void *userdata, UNUSED const char *runtime, enum runtime_state state,
                     const struct error *reason)
{
    t.ups += state == RUNTIME_UP;
    t.downs += state == RUNTIME_DOWN;
    if (reason)
        (void)snprintf(t.reason, sizeof(t.reason), "%s", reason->message);
}

static int set_up(UNUSED void **state)
{
    memset(&t, 0, sizeof(t));
    peer_open(&t.peer);
    return 0;
}

static int tear_down(UNUSED void **state)
{
    runtime_free(&t.runtime);
    peer_close(&t.peer);
    return 0;
}

static void start(const struct http_reply *replies)
{
    static const struct runtime_listener listener = { on_found, on_removed, on_looked_up, on_state,
                                                      NULL };
    const struct runtime_options options = { .socket_path = t.peer.path, .required = true };
    struct error error;

    t.peer.replies = replies;
    assert_int_equal(
        runtime_new(&docker_driver, &options, t.peer.event, &listener, &t.runtime, &error), 0);
    assert_int_equal(t.peer.asked, 0);
}

#define EVENT(action, id, name)                                                       \
    "{\"Type\":\"container\",\"Action\":\"" action "\",\"Actor\":{\"ID\":\"" id "\"," \
    "\"Attributes\":{\"image\":\"nginx\",\"name\":\"" name "\"}},\"time\":1}\n"

static const struct http_reply good[] = {
    { .target = "/_ping", .text = PING },
    { .target = "/v1.41/events?since=", .text = OK_HEAD, .stays = true },
    { .target = "/v1.41/containers/json?all=1&filters=%7B%22id%22%3A%5B%22bbb%22%5D%7D",
      .text = OK_HEAD "[{\"Id\":\"bbb\",\"Names\":[\"/late\"],\"Image\":\"alpine\"}]" },
    { .target = "/v1.41/containers/json?all=1&filters=%7B%22id%22%3A%5B%22broken%22%5D%7D",
      .text = "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n" },
    { .target = "/v1.41/containers/json?all=1&filters=", .text = OK_HEAD "[]" },
    { .target = "/v1.41/containers/json?all=1", .text = OK_HEAD "[" ITEM "]" },
    { 0 },
};

static void test_list_and_lookup(UNUSED void **state)
{
    start(good);
    assert_int_equal(runtime_lookup(t.runtime, "bbb"), -ENOTCONN);
    PEER_RUN_UNTIL(&t.peer, t.ups == 1);
    assert_int_equal(t.found, 1);
    assert_string_equal(t.name, "web");
    assert_string_equal(t.image, "nginx");
    assert_int_equal(t.owner_uid, geteuid());

    assert_int_equal(runtime_lookup(t.runtime, "bbb"), 0);
    PEER_RUN_UNTIL(&t.peer, t.looked_up == 1);
    assert_string_equal(t.name, "late");
    assert_string_equal(t.last_id, "bbb");
    /* Unknown to the engine, or refused by it: the lookup ends all the same. */
    assert_int_equal(runtime_lookup(t.runtime, "nobody"), 0);
    PEER_RUN_UNTIL(&t.peer, t.looked_up == 2);
    assert_int_equal(runtime_lookup(t.runtime, "broken"), 0);
    PEER_RUN_UNTIL(&t.peer, t.looked_up == 3);
    assert_int_equal(t.found, 2);
    assert_int_equal(t.downs, 0);
    /* An id from a cgroup's name writes no filter of its own. */
    assert_int_equal(runtime_lookup(t.runtime, "a\"],\"x\":[\""), -EINVAL);
}

static void test_killed_and_back(UNUSED void **state)
{
    start(good);
    PEER_RUN_UNTIL(&t.peer, t.ups == 1);
    assert_int_equal(runtime_lookup(t.runtime, "bbb"), 0);
    peer_hang_up(&t.peer);
    PEER_RUN_UNTIL(&t.peer, t.ups == 2);
    assert_int_equal(t.downs, 1);
    assert_non_null(strstr(t.reason, t.peer.path));
    assert_int_equal(t.looked_up, 1);
}

static void test_events(UNUSED void **state)
{
    static const struct http_reply replies[] = {
        { .target = "/_ping", .text = PING },
        { .target = "/v1.41/events",
          .text = OK_HEAD EVENT("exec_start: sh", "aaa", "web") EVENT("create", "bbb", "new")
              EVENT("rename", "bbb", "renamed") EVENT("destroy", "ccc", "old"),
          .bytewise = true,
          .stays = true },
        { .target = "/v1.41/containers/json?all=1", .text = OK_HEAD "[]" },
        { 0 },
    };

    start(replies);
    PEER_RUN_UNTIL(&t.peer, t.removed == 1);
    assert_int_equal(t.found, 2);
    assert_string_equal(t.name, "renamed");
    assert_string_equal(t.last_id, "ccc");
    assert_int_equal(t.downs, 0);
}

#define EMPTY_STREAM "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

/* An engine that answers more often than it was asked: each stream begins once, so one list is
 * asked for, and nothing is left behind that a later answer could reach. */
static void test_pipelined(UNUSED void **state)
{
    static const struct http_reply replies[] = {
        { .target = "/_ping", .text = PING },
        { .target = "/v1.41/events", .text = EMPTY_STREAM EMPTY_STREAM EMPTY_STREAM EMPTY_STREAM },
        { .target = "/v1.41/containers/json?all=1", .text = OK_HEAD "[", .stays = true },
        { 0 },
    };

    start(replies);
    PEER_RUN_UNTIL(&t.peer, t.downs == 2);
    assert_in_range(t.peer.asked, 4, 6); /* twice: ping, events, and a list that may be cut off */
    assert_int_equal(t.ups, 0);
}

/* Each is a fault of the engine, said in a sentence, and tried again. */
static void test_nonsense(UNUSED void **state)
{
    static const char *const lists[] = {
        OK_HEAD "{}", OK_HEAD "[{\"Id\":", OK_HEAD, "HTTP/1.1 500 No\r\n\r\n", "garbage",
    };

    for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
        const struct http_reply replies[] = {
            { .target = "/_ping", .text = PING },
            { .target = "/v1.41/events", .text = OK_HEAD, .stays = true },
            { .target = "/v1.41/containers/json", .text = lists[i] },
            { 0 },
        };
        size_t downs = t.downs;

        start(replies);
        PEER_RUN_UNTIL(&t.peer, t.downs == downs + 2);
        assert_non_null(strstr(t.reason, "list"));
        runtime_free(&t.runtime);
        peer_hang_up(&t.peer);
        t.peer.asked = 0;
    }
    assert_int_equal(t.ups, 0);
}

static void test_line_that_is_no_event(UNUSED void **state)
{
    static const struct http_reply replies[] = {
        { .target = "/_ping", .text = PING },
        { .target = "/v1.41/events", .text = OK_HEAD "[1,\n", .stays = true },
        { .target = "/v1.41/containers/json", .text = OK_HEAD "[]" },
        { 0 },
    };

    start(replies);
    PEER_RUN_UNTIL(&t.peer, t.downs == 1);
    assert_non_null(strstr(t.reason, "no event"));
}

/* What is no version does not come into a path. */
static void test_hostile_version(UNUSED void **state)
{
    static const struct http_reply replies[] = {
        { .target = "/_ping", .text = "HTTP/1.1 200 OK\r\nApi-Version: 1/../../x\r\n\r\n" },
        { .target = "/events?since=", .text = OK_HEAD, .stays = true },
        { .target = "/containers/json?all=1", .text = OK_HEAD "[" ITEM "]" },
        { 0 },
    };

    start(replies);
    PEER_RUN_UNTIL(&t.peer, t.ups == 1);
    assert_int_equal(t.found, 1);
}

#define DOCKER_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        DOCKER_TEST(test_list_and_lookup), DOCKER_TEST(test_killed_and_back),
        DOCKER_TEST(test_events),          DOCKER_TEST(test_pipelined),
        DOCKER_TEST(test_nonsense),        DOCKER_TEST(test_line_that_is_no_event),
        DOCKER_TEST(test_hostile_version),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
