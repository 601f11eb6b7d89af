/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Servers that do their worst. They are fakes: no real one breaks the protocol. */
#include "tests/unit/grpc_caller.h"

#include "runtimes/containerd.pb-c.h"

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
        TEST(death),
        TEST(other_words),
        TEST(many_small_parts),
    };
    return cmocka_run_group_tests_name("grpc_hostile", tests, NULL, NULL);
}
