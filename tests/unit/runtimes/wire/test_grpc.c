/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls, their ends and deadlines, and the end of a connection at any time. The server is a fake,
 * as no real one waits for us to look. */
#include "tests/unit/grpc_caller.h"

#include "runtimes/containerd.pb-c.h"

static void echo_path(struct peer *peer, struct peer_stream *stream)
{
    peer_reply_message(peer, stream, stream->path, strlen(stream->path), 0);
}

static void one_call(UNUSED void **state)
{
    Containerd__IdRequest message = CONTAINERD__ID_REQUEST__INIT;
    char id[] = "abc";
    message.id = id;
    const struct grpc_request request = {
        .path = "/a.B/C",
        .header = "containerd-namespace",
        .header_value = "k8s.io",
        .message = &message.base,
        .received = on_received,
        .ended = on_ended,
    };
    t.peer.answer = echo_path;
    assert_int_equal(grpc_call(t.grpc, &request), 0);
    assert_int_equal(t.ended, 0);
    RUN_UNTIL(t.ended);
    assert_int_equal(t.end.code, 0);
    assert_int_equal(t.received, 1);
    assert_string_equal(t.last, "/a.B/C");
    assert_string_equal(t.peer.streams[0]->space, "k8s.io");
    assert_int_equal(t.peer.streams[0]->request_length, 10);
    assert_memory_equal(t.peer.streams[0]->request, "\0\0\0\0\5\x0a\3abc", 10);
}

static void many_calls_at_once(UNUSED void **state)
{
    t.peer.answer = echo_path;
    for (size_t i = 0; i < GRPC_CALLS_MAX; i++)
        assert_int_equal(call(false, 0), 0);
    assert_int_equal(call(false, 0), -EBUSY);
    RUN_UNTIL(t.ended == GRPC_CALLS_MAX);
    assert_int_equal(t.received, GRPC_CALLS_MAX);
    assert_int_equal(call(false, 0), 0);
    RUN_UNTIL(t.ended == GRPC_CALLS_MAX + 1);
    assert_int_equal(t.broken, 0);
}

static void answer_stream(struct peer *peer, struct peer_stream *stream)
{
    peer_reply_message(peer, stream, "one", 3, -1);
    peer_reply_message(peer, stream, "", 0, -1);
}

static void a_stream(UNUSED void **state)
{
    t.peer.answer = answer_stream;
    assert_int_equal(call(true, 0), 0);
    RUN_UNTIL(t.received == 2);
    run_quiet();
    assert_int_equal(t.ended, 0);
    peer_reply_message(&t.peer, t.peer.streams[0], "two", 3, -1);
    RUN_UNTIL(t.received == 3);
    assert_string_equal(t.last, "two");
    peer_reply(&t.peer, t.peer.streams[0], "", 0, 0);
    RUN_UNTIL(t.ended);
    assert_int_equal(t.end.code, 0);
}

static void answer_large(struct peer *peer, struct peer_stream *stream)
{
    uint8_t *bytes = calloc(1, GRPC_MESSAGE_MAX);
    assert_non_null(bytes);
    peer_reply_message(peer, stream, bytes, GRPC_MESSAGE_MAX, 0);
    free(bytes);
}

static void the_largest_message(UNUSED void **state)
{
    t.peer.answer = answer_large;
    assert_int_equal(call(false, 0), 0);
    RUN_UNTIL(t.ended);
    assert_int_equal(t.bytes, GRPC_MESSAGE_MAX);
    assert_int_equal(t.end.code, 0);
}

static void answer_not_found(struct peer *peer, struct peer_stream *stream)
{
    peer_refuse(peer, stream, "5", "container %22x%22%0A%1B[31m");
}

static void trailers_only(UNUSED void **state)
{
    t.peer.answer = answer_not_found;
    assert_int_equal(call(false, 0), 0);
    RUN_UNTIL(t.ended);
    assert_int_equal(t.end.code, -ENOENT);
    assert_non_null(strstr(t.end.message, "not found: container \"x\""));
    assert_null(strchr(t.end.message, '\n'));
    assert_null(strchr(t.end.message, '\x1b'));
    assert_int_equal(t.broken, 0);
}

static void answer_http_error(struct peer *peer, struct peer_stream *stream)
{
    const nghttp2_nv headers[] = { peer_header(":status", "404") };
    assert_int_equal(nghttp2_submit_response(peer->session, stream->id, headers, 1, NULL), 0);
}

static void http_error(UNUSED void **state)
{
    t.peer.answer = answer_http_error;
    assert_int_equal(call(false, 0), 0);
    RUN_UNTIL(t.ended);
    assert_int_equal(t.end.code, -EPROTO);
    assert_non_null(strstr(t.end.message, "404"));
}

static void answer_reset(struct peer *peer, struct peer_stream *stream)
{
    assert_int_equal(
        nghttp2_submit_rst_stream(peer->session, NGHTTP2_FLAG_NONE, stream->id, NGHTTP2_CANCEL), 0);
}

static void reset(UNUSED void **state)
{
    t.peer.answer = answer_reset;
    assert_int_equal(call(false, 0), 0);
    RUN_UNTIL(t.ended);
    assert_int_equal(t.end.code, -ECONNRESET);
    assert_int_equal(t.broken, 0);
}

static void answer_goaway(struct peer *peer, UNUSED struct peer_stream *stream)
{
    assert_int_equal(
        nghttp2_submit_goaway(peer->session, NGHTTP2_FLAG_NONE, 0, NGHTTP2_NO_ERROR, NULL, 0), 0);
}

static void answer_nothing(UNUSED struct peer *peer, UNUSED struct peer_stream *stream)
{
}

static void answer_two(struct peer *peer, struct peer_stream *stream)
{
    peer_reply_message(peer, stream, "one", 3, -1);
    peer_reply_message(peer, stream, "two", 3, 0);
}

/* A stream that never ends leaves the loop to others. */
static int on_defer(UNUSED sd_event_source *source, UNUSED uint64_t usec, void *userdata)
{
    *(bool *)userdata = true;
    return 0;
}

static void answer_flood(struct peer *peer, struct peer_stream *stream)
{
    static uint8_t bytes[8 << 20]; /* empty messages */
    peer_reply(peer, stream, bytes, sizeof(bytes) / GRPC_PREFIX_SIZE * GRPC_PREFIX_SIZE, -1);
}

static void endless_stream(UNUSED void **state)
{
    bool fired = false;
    sd_event_source *timer = NULL;
    t.peer.answer = answer_flood;
    assert_int_equal(call(true, 0), 0);
    RUN_UNTIL(t.received > 1000);
    assert_true(sd_event_add_time_relative(t.event, &timer, CLOCK_MONOTONIC, 1000, 1, on_defer,
                                           &fired) >= 0);
    RUN_UNTIL(fired);
    assert_in_range(t.received, 1000, (8 << 20) / GRPC_PREFIX_SIZE - 1);
    sd_event_source_unref(timer);
}

static void deadline(UNUSED void **state)
{
    t.peer.answer = answer_nothing;
    assert_int_equal(call(true, 0), 0); /* has none, and does not matter */
    assert_int_equal(call(false, 60000000), 0);
    assert_int_equal(call(false, 50000), 0);
    RUN_UNTIL(t.broken);
    assert_int_equal(t.reason.code, -ETIMEDOUT);
    assert_non_null(strstr(t.reason.message, "/test.Service/Method"));
    assert_int_equal(t.ended, 0);
}

/* A call that has ended leaves its deadline behind: nothing comes of it. */
static void deadline_kept(UNUSED void **state)
{
    t.peer.answer = echo_path;
    assert_int_equal(call(false, 50000), 0);
    RUN_UNTIL(t.ended);
    for (int i = 0; i < 20; i++)
        assert_true(sd_event_run(t.event, 10000) >= 0);
    assert_int_equal(t.broken, 0);
    assert_int_equal(call(false, 5000000), 0);
    RUN_UNTIL(t.ended == 2);
}

static void free_inside_received(UNUSED void **state)
{
    t.frees = true;
    t.peer.answer = answer_two;
    assert_int_equal(call(true, 0), 0);
    RUN_UNTIL(t.received);
    run_quiet();
    assert_int_equal(t.received, 1);
    assert_int_equal(t.ended + t.broken, 0);
}

static void free_inside_ended(UNUSED void **state)
{
    t.frees = true;
    t.peer.answer = answer_not_found;
    assert_int_equal(call(false, 0), 0);
    assert_int_equal(call(false, 0), 0);
    RUN_UNTIL(t.ended);
    run_quiet();
    assert_int_equal(t.ended, 1);
    assert_int_equal(t.broken, 0);
}

static void free_inside_broken(UNUSED void **state)
{
    t.frees = true;
    t.peer.answer = answer_goaway;
    assert_int_equal(call(false, 0), 0);
    RUN_UNTIL(t.broken);
    run_quiet();
    assert_int_equal(t.broken, 1);
}

static void free_with_calls(UNUSED void **state)
{
    t.peer.answer = answer_nothing;
    for (int i = 0; i < 100; i++)
        assert_int_equal(call(i % 2, 5000000), 0);
    run_quiet();
    grpc_free(&t.grpc);
    assert_int_equal(t.ended + t.broken + t.received, 0);
}

static void no_socket(UNUSED void **state)
{
    static const struct grpc_listener listener = { on_broken, NULL };
    struct grpc *grpc = NULL;
    struct error error;
    char path[200];
    memset(path, 'x', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    assert_true(grpc_new(t.event, path, &listener, &grpc, &error) < 0);
    assert_true(grpc_new(t.event, "/nowhere/at.all", &listener, &grpc, &error) == -ENOENT);
    assert_non_null(strstr(error.message, "/nowhere/at.all"));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_call),
        TEST(many_calls_at_once),
        TEST(a_stream),
        TEST(the_largest_message),
        TEST(trailers_only),
        TEST(http_error),
        TEST(reset),
        TEST(endless_stream),
        TEST(deadline),
        TEST(deadline_kept),
        TEST(free_inside_received),
        TEST(free_inside_ended),
        TEST(free_inside_broken),
        TEST(free_with_calls),
        TEST(no_socket),
    };
    return cmocka_run_group_tests_name("grpc", tests, NULL, NULL);
}
