/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GET from a server that answers well, slowly, not at all, without an end, or not in HTTP. */
#include "runtimes/wire/http.h"

#include "runtimes/wire/socket.h"
#include "tests/unit/http_peer.h"

/* Long enough for any machine; short where nothing is to come. */
#define LONG_USEC  UINT64_C(60000000)
#define SHORT_USEC UINT64_C(50000)

static struct {
    struct http_peer peer;
    struct http_request *request;
    size_t started, lines, done;
    unsigned int status;
    uid_t server_uid;
    char last_line[64], body[64], api_version[32];
    size_t line_length;
    struct error error;
} t;

static void on_started(UNUSED void *userdata, const struct http_response *response)
{
    assert_int_equal(response->status, 200);
    t.started++;
}

static void on_line(UNUSED void *userdata, const char *line, size_t length)
{
    assert_int_equal(t.started, 1);
    t.lines++;
    t.line_length = length;
    (void)snprintf(t.last_line, sizeof(t.last_line), "%.*s", (int)MIN(length, 60U), line);
}

static void on_done(UNUSED void *userdata, const struct http_response *response,
                    const struct error *error)
{
    assert_true((response == NULL) == (error != NULL));
    t.done++;
    if (error) {
        t.error = *error;
    } else {
        t.status = response->status;
        t.server_uid = response->server_uid;
        (void)snprintf(t.body, sizeof(t.body), "%.*s", (int)MIN(response->length, 60U),
                       response->body);
        (void)snprintf(t.api_version, sizeof(t.api_version), "%s",
                       response->api_version ? response->api_version : "none");
    }
    http_free(&t.request);
}

static int set_up(UNUSED void **state)
{
    memset(&t, 0, sizeof(t));
    peer_open(&t.peer);
    return 0;
}

static int tear_down(UNUSED void **state)
{
    http_free(&t.request);
    peer_close(&t.peer);
    return 0;
}

static void ask(const struct http_reply *replies, bool stream, uint64_t deadline_usec)
{
    const struct http_handler handler = { .line = stream ? on_line : NULL,
                                          .started = stream ? on_started : NULL,
                                          .done = on_done };
    struct error error;

    t.peer.replies = replies;
    t.done = 0;
    assert_int_equal(
        http_get(t.peer.event, t.peer.path, "/x", deadline_usec, &handler, &t.request, &error), 0);
    assert_int_equal(t.done, 0);
}

static void get(const struct http_reply *replies, bool stream)
{
    ask(replies, stream, LONG_USEC);
    PEER_RUN_UNTIL(&t.peer, t.done);
    assert_null(t.request);
}

static void fails(const char *text, const char *filler, bool stream, int code)
{
    const struct http_reply replies[] = { { .target = "/", .text = text, .filler = filler },
                                          { 0 } };

    get(replies, stream);
    assert_int_equal(t.error.code, code);
}

static void test_whole(UNUSED void **state)
{
    static const struct http_reply replies[] = {
        { .target = "/x",
          .text = "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Length: 5\r\n\r\nhello",
          .stays = true },
        { 0 },
    };

    get(replies, false);
    assert_int_equal(t.error.code, 0);
    assert_int_equal(t.status, 200);
    assert_int_equal(t.server_uid, geteuid());
    assert_string_equal(t.body, "hello");
    assert_string_equal(t.api_version, "1.41");
}

/* However it is cut, an answer is the same. */
static void test_in_pieces(UNUSED void **state)
{
    static const struct http_reply replies[] = {
        { .target = "/x",
          .text = "HTTP/1.1 404 Not Found\r\nServer: x\r\nApi-Version: 1.41\r\nX: y\r\n"
                  "Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
          .bytewise = true },
        { 0 },
    };

    get(replies, false);
    assert_int_equal(t.status, 404);
    assert_string_equal(t.body, "hello");
    assert_string_equal(t.api_version, "1.41");
}

static void test_until_closed(UNUSED void **state)
{
    static const struct http_reply replies[] = {
        { .target = "/x", .text = "HTTP/1.0 200 OK\r\n\r\nuntil the end" },
        { 0 },
    };

    get(replies, false);
    assert_string_equal(t.body, "until the end");
    assert_string_equal(t.api_version, "none");
}

static void test_no_http(UNUSED void **state)
{
    fails("SSH-2.0-OpenSSH_9.2\r\n", NULL, false, -EBADMSG);
    fails("\xff\xfe\x01garbage", NULL, false, -EBADMSG);
    fails("", NULL, false, -EBADMSG);
    fails("HTTP/1.1 200 OK\r\nContent-Le", NULL, false, -EBADMSG);
    fails("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", NULL, false, -EBADMSG);
    fails("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n[", NULL, false, -EBADMSG);
    fails("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", NULL, false, -EBADMSG);
    fails("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", NULL, false, -EBADMSG);
}

static void test_endless(UNUSED void **state)
{
    fails("HTTP/1.1 200 OK\r\n", "A: b\r\n", false, -EBADMSG);
    fails("HTTP/1.1 200 OK\r\nA: ", "b", false, -EBADMSG);
    fails("HTTP/1.1 200 OK\r\n\r\n", "[", false, -EMSGSIZE);
    fails("HTTP/1.1 200 OK\r\n\r\n", "{", true, -EMSGSIZE);
    assert_int_equal(t.lines, 0);
}

static void test_silence_ends(UNUSED void **state)
{
    static const struct http_reply silent[] = { { .target = "/", .text = "", .stays = true },
                                                { 0 } };
    static const struct http_reply half[] = {
        { .target = "/",
          .text = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
          .stays = true },
        { 0 },
    };

    ask(silent, false, SHORT_USEC);
    PEER_RUN_UNTIL(&t.peer, t.done);
    assert_int_equal(t.error.code, -ETIMEDOUT);
    ask(half, false, SHORT_USEC);
    PEER_RUN_UNTIL(&t.peer, t.done);
    assert_int_equal(t.error.code, -ETIMEDOUT);
    /* A stream that never begins is no stream. */
    ask(silent, true, SHORT_USEC);
    PEER_RUN_UNTIL(&t.peer, t.done);
    assert_int_equal(t.error.code, -ETIMEDOUT);
    assert_int_equal(t.started, 0);
}

static void test_lines(UNUSED void **state)
{
    static const struct http_reply replies[] = {
        { .target = "/x",
          .text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                  "4\r\none\n\r\n2\r\ntw\r\n5\r\no\n\n\nt\r\n4\r\nhree\r\n1\r\n\n\r\n",
          .stays = true },
        { 0 },
    };

    ask(replies, true, SHORT_USEC);
    PEER_RUN_UNTIL(&t.peer, t.lines == 3);
    assert_string_equal(t.last_line, "three");
    assert_int_equal(t.line_length, 5);
    /* Once begun it may be silent for longer than the deadline. */
    assert_int_equal(usleep(2 * SHORT_USEC), 0);
    while (sd_event_run(t.peer.event, SHORT_USEC) > 0)
        continue;
    assert_int_equal(t.done, 0);
    peer_hang_up(&t.peer);
    PEER_RUN_UNTIL(&t.peer, t.done);
    assert_int_equal(t.error.code, -EBADMSG);
}

/* A refusal is no stream: no lines, and the status is told. */
static void test_refused_stream(UNUSED void **state)
{
    static const struct http_reply replies[] = {
        { .target = "/x",
          .text = "HTTP/1.1 400 Bad Request\r\nContent-Length: 8\r\n\r\ntoo old\n" },
        { 0 },
    };

    get(replies, true);
    assert_int_equal(t.status, 400);
    assert_int_equal(t.started, 0);
    assert_int_equal(t.lines, 0);
}

#define EMPTY_CHUNKED "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"

/* One request, one answer: what a server sends behind it is nobody's. */
static void test_pipelined(UNUSED void **state)
{
    static const struct http_reply streams[] = {
        { .target = "/", .text = EMPTY_CHUNKED, .filler = EMPTY_CHUNKED },
        { 0 },
    };
    static const struct http_reply whole[] = {
        { .target = "/",
          .text = "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Length: 2\r\n\r\nOK"
                  "HTTP/1.1 500 No\r\nApi-Version: 6.66\r\nContent-Length: 3\r\n\r\nbad" },
        { 0 },
    };

    get(streams, true);
    assert_int_equal(t.started, 1);
    assert_int_equal(t.status, 200);
    get(whole, false);
    assert_int_equal(t.status, 200);
    assert_string_equal(t.body, "OK");
    assert_string_equal(t.api_version, "1.41");
    assert_int_equal(t.error.code, 0);
}

static void test_freed_under_way(UNUSED void **state)
{
    static const struct http_reply replies[] = {
        { .target = "/", .text = "HTTP/1.1 200 OK\r\n\r\n", .filler = "x\n" },
        { 0 },
    };

    ask(replies, true, LONG_USEC);
    PEER_RUN_UNTIL(&t.peer, t.lines > 0);
    http_free(&t.request);
    assert_null(t.request);
    size_t lines = t.lines;
    while (sd_event_run(t.peer.event, SHORT_USEC) > 0)
        continue;
    assert_int_equal(t.lines, lines);
    assert_int_equal(t.done, 0);
}

static void test_sockets(UNUSED void **state)
{
    const struct http_handler handler = { .done = on_done };
    char path[256];
    uid_t uid = (uid_t)-1;
    int fd = -1;
    struct error error;

    assert_int_equal(socket_connect(t.peer.path, &fd, &uid, &error), 0);
    assert_int_equal(uid, geteuid());
    close_fd(&fd);
    memset(path, 'a', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    assert_int_equal(socket_connect(path, &fd, &uid, &error), -ENAMETOOLONG);
    (void)snprintf(path, sizeof(path), "%s/nowhere", t.peer.directory);
    assert_int_equal(http_get(t.peer.event, path, "/x", LONG_USEC, &handler, &t.request, &error),
                     -ENOENT);
    assert_non_null(strstr(error.message, path));
    assert_null(t.request);
    assert_int_equal(t.done, 0);
}

static void test_encode(UNUSED void **state)
{
    char buffer[32] = "?f=";

    assert_true(http_encode(buffer, sizeof(buffer), "{\"a\":[1]}"));
    assert_string_equal(buffer, "?f=%7B%22a%22%3A%5B1%5D%7D");
}

static void test_encode_bound(UNUSED void **state)
{
    char buffer[16] = "";

    assert_false(http_encode(buffer, sizeof(buffer), "\"\"\"\"\"\""));
    assert_in_range(strlen(buffer), 0, sizeof(buffer) - 1);
}

#define HTTP_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        HTTP_TEST(test_whole),
        HTTP_TEST(test_in_pieces),
        HTTP_TEST(test_until_closed),
        HTTP_TEST(test_no_http),
        HTTP_TEST(test_endless),
        HTTP_TEST(test_silence_ends),
        HTTP_TEST(test_lines),
        HTTP_TEST(test_refused_stream),
        HTTP_TEST(test_pipelined),
        HTTP_TEST(test_freed_under_way),
        HTTP_TEST(test_sockets),
        cmocka_unit_test(test_encode),
        cmocka_unit_test(test_encode_bound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
