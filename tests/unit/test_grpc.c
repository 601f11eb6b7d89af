/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls, and servers that do their worst. The server is a fake: no real one breaks the protocol. */
#include "tests/unit/grpc_peer.h"

#include "runtimes/containerd.pb-c.h"

static struct {
    sd_event *event;
    struct grpc *grpc;
    struct peer peer;
    size_t received, ended, broken;
    size_t bytes;
    char last[64];
    struct error end, reason;
    bool frees; /* in the next callback */
} t;

static void maybe_free(void)
{
    if (t.frees)
        grpc_free(&t.grpc);
}

static void on_received(UNUSED void *userdata, const uint8_t *bytes, size_t length)
{
    t.received++;
    t.bytes += length;
    (void)snprintf(t.last, sizeof(t.last), "%.*s", (int)MIN(length, (size_t)60),
                   length ? (const char *)bytes : "");
    maybe_free();
}

static void on_ended(UNUSED void *userdata, const struct error *error)
{
    t.ended++;
    t.end = *error;
    maybe_free();
}

static void on_broken(UNUSED void *userdata, const struct error *reason)
{
    t.broken++;
    t.reason = *reason;
    maybe_free();
}

static int set_up(UNUSED void **state)
{
    static const struct grpc_listener listener = { on_broken, NULL };
    struct error error;
    int fds[2];
    memset(&t, 0, sizeof(t));
    assert_int_equal(sd_event_new(&t.event), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds), 0);
    assert_int_equal(grpc_new_from_fd(t.event, fds[0], 0, &listener, &t.grpc, &error), 0);
    peer_open(&t.peer, fds[1]);
    return 0;
}

static int tear_down(UNUSED void **state)
{
    grpc_free(&t.grpc);
    peer_close(&t.peer);
    sd_event_unref(t.event);
    return 0;
}

/* Both sides take turns; the guard is against hanging only. */
#define RUN_UNTIL(condition)                               \
    do {                                                   \
        for (int turns_ = 0; !(condition); turns_++) {     \
            assert_in_range(turns_, 0, 200000);            \
            (void)peer_turn(&t.peer);                      \
            assert_true(sd_event_run(t.event, 1000) >= 0); \
        }                                                  \
    } while (0)

static void run_quiet(void)
{
    for (int i = 0; i < 50; i++) {
        (void)peer_turn(&t.peer);
        assert_true(sd_event_run(t.event, 1000) >= 0);
    }
}

static int call(bool stream, uint64_t timeout_usec)
{
    const struct grpc_request request = {
        .path = "/test.Service/Method",
        .stream = stream,
        .timeout_usec = timeout_usec,
        .received = on_received,
        .ended = on_ended,
    };
    return grpc_call(t.grpc, &request);
}

static void echo_path(struct peer *peer, struct peer_stream *stream)
{
    peer_reply_message(peer, stream, stream->path, strlen(stream->path), 0);
}

static void one_call(UNUSED void **state)
{
    Containerd__IdRequest message = CONTAINERD__ID_REQUEST__INIT;
    message.id = (char *)(uintptr_t) "abc";
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

/* The rest breaks the connection: once, with a sentence, and no call ends after that. */
static void expect_broken(void (*answer)(struct peer *, struct peer_stream *), bool stream,
                          int code, const char *words)
{
    t.peer.answer = answer;
    assert_int_equal(call(stream, 0), 0);
    RUN_UNTIL(t.broken);
    assert_int_equal(t.reason.code, code);
    assert_non_null(strstr(t.reason.message, words));
    run_quiet();
    assert_int_equal(t.broken, 1);
    assert_int_equal(t.ended, 0);
    assert_int_equal(call(false, 0), -ENOTCONN);
}

static void answer_gigabyte(struct peer *peer, struct peer_stream *stream)
{
    peer_reply(peer, stream, "\0\x40\0\0\0xxx", 8, -1);
}

static void a_gigabyte_announced(UNUSED void **state)
{
    expect_broken(answer_gigabyte, false, -EMSGSIZE, "16 MiB");
}

static void answer_compressed(struct peer *peer, struct peer_stream *stream)
{
    peer_reply(peer, stream, "\1\0\0\0\1x", 6, 0);
}

static void compressed(UNUSED void **state)
{
    expect_broken(answer_compressed, false, -EPROTO, "unreadable");
}

static void answer_half(struct peer *peer, struct peer_stream *stream)
{
    peer_reply(peer, stream, "\0\0\0\0\x09half", 9, 0);
}

static void half_a_message(UNUSED void **state)
{
    expect_broken(answer_half, true, -EPROTO, "half a message");
}

static void answer_two(struct peer *peer, struct peer_stream *stream)
{
    peer_reply_message(peer, stream, "one", 3, -1);
    peer_reply_message(peer, stream, "two", 3, 0);
}

static void more_than_one_message(UNUSED void **state)
{
    expect_broken(answer_two, false, -EPROTO, "more than one");
}

static void answer_none(struct peer *peer, struct peer_stream *stream)
{
    peer_reply(peer, stream, "", 0, 0);
}

static void no_message(UNUSED void **state)
{
    expect_broken(answer_none, false, -EPROTO, "no message");
}

static void answer_bad_status(struct peer *peer, struct peer_stream *stream)
{
    peer_refuse(peer, stream, "five", "");
}

static void bad_status(UNUSED void **state)
{
    expect_broken(answer_bad_status, false, -EPROTO, "grpc-status");
}

static void answer_no_status(struct peer *peer, struct peer_stream *stream)
{
    const nghttp2_nv headers[] = { peer_header(":status", "200") };
    assert_int_equal(nghttp2_submit_response(peer->session, stream->id, headers, 1, NULL), 0);
}

static void no_status(UNUSED void **state)
{
    expect_broken(answer_no_status, false, -EPROTO, "no grpc-status");
}

static void answer_headers(struct peer *peer, struct peer_stream *stream)
{
    static char value[4000];
    nghttp2_nv headers[12] = { peer_header(":status", "103") };
    memset(value, 'x', sizeof(value) - 1);
    for (size_t i = 1; i < ARRAY_SIZE(headers); i++)
        headers[i] = peer_header("x-more", value);
    for (int i = 0; i < 3; i++)
        assert_int_equal(nghttp2_submit_headers(peer->session, NGHTTP2_FLAG_NONE, stream->id, NULL,
                                                headers, ARRAY_SIZE(headers), NULL),
                         0);
}

static void headers_without_end(UNUSED void **state)
{
    expect_broken(answer_headers, false, -EMSGSIZE, "headers");
}

static void answer_goaway(struct peer *peer, UNUSED struct peer_stream *stream)
{
    assert_int_equal(
        nghttp2_submit_goaway(peer->session, NGHTTP2_FLAG_NONE, 0, NGHTTP2_NO_ERROR, NULL, 0), 0);
}

static void goaway(UNUSED void **state)
{
    expect_broken(answer_goaway, false, -ECONNRESET, "closing");
}

static void answer_nothing(UNUSED struct peer *peer, UNUSED struct peer_stream *stream)
{
}

/* All calls together, each with a message just below its own limit that never ends. */
static void answer_unfinished(struct peer *peer, struct peer_stream *stream)
{
    static uint8_t bytes[15 << 20];
    memcpy(bytes, "\0\x01\0\0\0", GRPC_PREFIX_SIZE);
    peer_reply(peer, stream, bytes, sizeof(bytes), -1);
}

static void unfinished_messages(UNUSED void **state)
{
    t.peer.answer = answer_unfinished;
    for (int i = 0; i < 8; i++)
        assert_int_equal(call(false, 0), 0);
    RUN_UNTIL(t.broken);
    assert_int_equal(t.reason.code, -EMSGSIZE);
    assert_non_null(strstr(t.reason.message, "32 MiB"));
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

static void death(UNUSED void **state)
{
    t.peer.answer = answer_nothing;
    assert_int_equal(call(false, 0), 0);
    run_quiet();
    assert_int_equal(shutdown(t.peer.fd, SHUT_RDWR), 0);
    RUN_UNTIL(t.broken);
    assert_int_equal(t.ended, 0);
}

/* Servers that speak something else: HTTP/1.1, noise, the start of a frame. */
static void other_words(UNUSED void **state)
{
    static const struct {
        const char *bytes;
        size_t length;
    } cases[] = {
        { "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", 47 },
        { "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 12 },
        { "\0\0\6\4\0\0\0\0", 8 },   /* and then it closes */
        { "\0\0\0\1\4\0\0\0\7", 9 }, /* headers of a stream that nobody opened */
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        (void)tear_down(NULL);
        (void)set_up(NULL);
        assert_int_equal(call(false, 0), 0);
        assert_int_equal(send(t.peer.fd, cases[i].bytes, cases[i].length, 0), cases[i].length);
        assert_int_equal(shutdown(t.peer.fd, SHUT_WR), 0);
        for (int turns = 0; !t.broken; turns++) {
            assert_in_range(turns, 0, 100);
            assert_true(sd_event_run(t.event, 10000) >= 0);
        }
        assert_true(t.reason.code < 0);
    }
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

/* Two bytes a part on the wire, a hundred in memory. */
static void many_small_parts(UNUSED void **state)
{
    uint8_t *bytes = malloc(GRPC_MESSAGE_MAX);
    assert_non_null(bytes);
    for (size_t i = 0; i < GRPC_MESSAGE_MAX; i += 2) {
        bytes[i] = 0x0a;
        bytes[i + 1] = 0;
    }
    assert_null(grpc_unpack(&containerd__processes__descriptor, bytes, GRPC_MESSAGE_MAX));
    Containerd__Processes *few = grpc_unpack(&containerd__processes__descriptor, bytes, 2000);
    assert_non_null(few);
    assert_int_equal(few->n_tasks, 1000);
    grpc_unpacked_free(few);
    grpc_unpacked_free(NULL);
    free(bytes);
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
        TEST(a_gigabyte_announced),
        TEST(compressed),
        TEST(half_a_message),
        TEST(more_than_one_message),
        TEST(no_message),
        TEST(bad_status),
        TEST(no_status),
        TEST(headers_without_end),
        TEST(goaway),
        TEST(unfinished_messages),
        TEST(deadline),
        TEST(deadline_kept),
        TEST(death),
        TEST(other_words),
        TEST(endless_stream),
        TEST(free_inside_received),
        TEST(free_inside_ended),
        TEST(free_inside_broken),
        TEST(free_with_calls),
        TEST(no_socket),
        TEST(many_small_parts),
    };
    return cmocka_run_group_tests_name("grpc", tests, NULL, NULL);
}
