/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtimes/wire/http.h"

#include <errno.h>
#include <strings.h>
#include <sys/socket.h>

#include "runtimes/wire/http_library.h"
#include "runtimes/wire/socket.h"
#include "src/base/loop.h"

#define READ_SIZE (64 << 10)

struct buffer {
    char *data; /* owned */
    size_t length, size;
};

struct http_request {
    struct http_handler handler;
    int fd; /* owned */
    uid_t server_uid;
    sd_event_source *io;       /* owned */
    sd_event_source *deadline; /* owned */
    char *head;                /* owned: what is still to be sent */
    size_t head_length, head_sent;
    http_library_parser parser;
    struct buffer body; /* of a whole answer, or the line that is being read */
    char header[32];    /* name of the header that is being read, cut */
    char api_version[16];
    bool in_value; /* of that header */
    size_t header_bytes;
    bool complete;
    struct error error; /* what the callbacks of the parser found; code 0: nothing */
};

/* -------- the end -------- */

void http_free(struct http_request **request_pointer)
{
    struct http_request *request = *request_pointer;

    if (!request)
        return;
    sd_event_source_disable_unref(request->io);
    sd_event_source_disable_unref(request->deadline);
    close_fd(&request->fd);
    free(request->head);
    free(request->body.data);
    free(request);
    *request_pointer = NULL;
}

static struct http_response response_of(const struct http_request *request)
{
    return (struct http_response){
        .status = (unsigned int)request->parser.status_code,
        .api_version = request->api_version[0] ? request->api_version : NULL,
        .server_uid = request->server_uid,
        .body = request->handler.line ? ""
                : request->body.data  ? request->body.data
                                      : "",
        .length = request->handler.line ? 0 : request->body.length,
    };
}

/* The last thing that is done with a request. */
static void finish(struct http_request *request, const struct error *error)
{
    struct http_response response = response_of(request);

    request->io = sd_event_source_disable_unref(request->io);
    request->deadline = sd_event_source_disable_unref(request->deadline);
    request->handler.done(request->handler.userdata, error ? NULL : &response, error);
}

static void fail(struct http_request *request, int r, const char *what)
{
    struct error error;

    (void)error_set(&error, r, "%s", what);
    finish(request, &error);
}

/* -------- what the parser finds -------- */

static struct http_request *request_of(const http_library_parser *parser)
{
    return parser->data;
}

static int buffer_add(struct buffer *buffer, const char *bytes, size_t length, size_t limit)
{
    if (buffer->length + length > limit)
        return -EMSGSIZE;
    if (buffer->length + length > buffer->size) {
        size_t size = MAX(buffer->size * 2, buffer->length + length);
        char *grown = realloc(buffer->data, size);

        if (!grown)
            return -ENOMEM;
        buffer->data = grown;
        buffer->size = size;
    }
    memcpy(buffer->data + buffer->length, bytes, length);
    buffer->length += length;
    return 0;
}

/* A name or a value may come in several pieces: adds what fits. */
static void add_text(char *text, size_t size, const char *bytes, size_t length)
{
    size_t used = strlen(text);

    (void)snprintf(text + used, size - used, "%.*s", (int)MIN(length, size - used - 1), bytes);
}

static int on_header_name(http_library_parser *parser, const char *bytes, size_t length)
{
    struct http_request *request = request_of(parser);

    request->header_bytes += length;
    if (request->in_value)
        request->header[0] = '\0';
    request->in_value = false;
    add_text(request->header, sizeof(request->header), bytes, length);
    return request->header_bytes > HTTP_HEADER_MAX;
}

static int on_header_value(http_library_parser *parser, const char *bytes, size_t length)
{
    struct http_request *request = request_of(parser);

    request->header_bytes += length;
    if (strcasecmp(request->header, "Api-Version") == 0) {
        if (!request->in_value)
            request->api_version[0] = '\0';
        add_text(request->api_version, sizeof(request->api_version), bytes, length);
    }
    request->in_value = true;
    return request->header_bytes > HTTP_HEADER_MAX;
}

static int on_headers(http_library_parser *parser)
{
    struct http_request *request = request_of(parser);
    struct http_response response = response_of(request);

    if (!request->handler.line || parser->status_code != 200)
        return 0;
    request->deadline = sd_event_source_disable_unref(request->deadline);
    if (request->handler.started)
        request->handler.started(request->handler.userdata, &response);
    return 0;
}

/* Whole lines to the handler, the rest is kept. */
static int take_lines(struct http_request *request, const char *bytes, size_t length)
{
    const char *newline;
    int r = 0;

    while (r >= 0 && (newline = memchr(bytes, '\n', length))) {
        size_t part = (size_t)(newline - bytes);

        r = buffer_add(&request->body, bytes, part, HTTP_LINE_MAX);
        if (r >= 0 && request->body.length)
            request->handler.line(request->handler.userdata, request->body.data,
                                  request->body.length);
        request->body.length = 0;
        bytes += part + 1;
        length -= part + 1;
    }
    if (r >= 0)
        r = buffer_add(&request->body, bytes, length, HTTP_LINE_MAX);
    return r;
}

static int on_body(http_library_parser *parser, const char *bytes, size_t length)
{
    struct http_request *request = request_of(parser);
    int r;

    if (request->handler.line && parser->status_code == 200)
        r = take_lines(request, bytes, length);
    else
        r = buffer_add(&request->body, bytes, length, HTTP_BODY_MAX);
    if (r == -EMSGSIZE)
        return error_set(&request->error, r, "an answer that is too large") < 0;
    return r < 0 ? error_set(&request->error, r, "out of memory") < 0 : 0;
}

/* One request, one answer: what a server sends behind it is not looked at. */
static int on_complete(http_library_parser *parser)
{
    request_of(parser)->complete = true;
    return http_library_stop(parser);
}

static const http_library_settings settings = {
    .on_header_field = on_header_name,
    .on_header_value = on_header_value,
    .on_headers_complete = on_headers,
    .on_body = on_body,
    .on_message_complete = on_complete,
};

/* -------- the socket -------- */

/* Returns whether more may come. After false the request may be gone. */
static bool parse(struct http_request *request, const char *bytes, size_t length)
{
    bool more = http_library_parse(&request->parser, &settings, bytes, length);

    if (request->error.code) {
        struct error error = request->error;

        finish(request, &error);
        return false;
    }
    if (request->complete) {
        finish(request, NULL);
        return false;
    }
    if (!more) {
        fail(request, -EBADMSG,
             length ? "an answer that is not HTTP" : "the connection was closed");
        return false;
    }
    return true;
}

static void receive(struct http_request *request)
{
    static char buffer[READ_SIZE]; /* one loop, one thread */
    ssize_t length = recv(request->fd, buffer, sizeof(buffer), 0);

    if (length < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (length < 0)
        fail(request, -errno, strerror(errno));
    else
        (void)parse(request, buffer, (size_t)length);
}

/* Returns whether the request is still there. */
static bool send_head(struct http_request *request)
{
    ssize_t length = send(request->fd, request->head + request->head_sent,
                          request->head_length - request->head_sent, MSG_NOSIGNAL);

    if (length < 0 && errno != EAGAIN && errno != EINTR) {
        fail(request, -errno, strerror(errno));
        return false;
    }
    request->head_sent += (size_t)MAX(length, 0);
    if (request->head_sent == request->head_length)
        (void)sd_event_source_set_io_events(request->io, EPOLLIN);
    return true;
}

static int on_io(UNUSED sd_event_source *source, UNUSED int fd, uint32_t events, void *userdata)
{
    struct http_request *request = userdata;

    if ((events & EPOLLOUT) && !send_head(request))
        return 0;
    if (events & ~(uint32_t)EPOLLOUT)
        receive(request);
    return 0;
}

static int on_deadline(UNUSED sd_event_source *source, UNUSED uint64_t usec, void *userdata)
{
    fail(userdata, -ETIMEDOUT, "no answer in time");
    return 0;
}

/* -------- asking -------- */

static int prepare(struct http_request *request, sd_event *event, const char *target,
                   uint64_t deadline_usec)
{
    int length = asprintf(&request->head,
                          "GET %s HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n"
                          "User-Agent: local-gadget\r\nConnection: close\r\n\r\n",
                          target);
    int r;

    if (length < 0) {
        request->head = NULL;
        return -ENOMEM;
    }
    request->head_length = (size_t)length;
    http_library_init(&request->parser, &settings);
    request->parser.data = request;
    r = sd_event_add_io(event, &request->io, request->fd, EPOLLIN | EPOLLOUT, on_io, request);
    if (r >= 0 && deadline_usec)
        r = loop_timer(event, deadline_usec, "http-deadline", on_deadline, request,
                       &request->deadline);
    return r;
}

int http_get(sd_event *event, const char *socket_path, const char *target, uint64_t deadline_usec,
             const struct http_handler *handler, struct http_request **ret_request,
             struct error *error)
{
    _cleanup_(http_free)
    struct http_request *request = calloc(1, sizeof(*request));
    int r;

    if (!request)
        return error_set(error, -ENOMEM, "out of memory");
    request->fd = -1;
    request->handler = *handler;
    r = socket_connect(socket_path, &request->fd, &request->server_uid, error);
    if (r < 0)
        return r;
    r = prepare(request, event, target, deadline_usec);
    if (r < 0)
        return error_set(error, r, "cannot ask %s: %s", socket_path, strerror(-r));
    *ret_request = TAKE_PTR(request);
    return 0;
}

bool http_encode(char *buffer, size_t size, const char *text)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";
    size_t length = strlen(buffer);

    for (; *text; text++) {
        if (length + 4 > size)
            return false;
        if (strchr(plain, *text))
            buffer[length++] = *text;
        else
            length += (size_t)snprintf(buffer + length, 4, "%%%02X", (unsigned char)*text);
        buffer[length] = '\0';
    }
    return true;
}
