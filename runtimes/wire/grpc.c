/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtimes/wire/grpc.h"

#include <errno.h>
#include <nghttp2/nghttp2.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <time.h>

#include "runtimes/wire/grpc_frame.h"
#include "runtimes/wire/socket.h"

/* Read at once, so that a stream without end leaves room for others on the loop. */
#define READ_SIZE 32768
/* What the server may send before we have taken it: lists come in fewer rounds. */
#define STREAM_WINDOW     (1 << 20)
#define CONNECTION_WINDOW (4 << 20)

struct grpc_call {
    TAILQ_ENTRY(grpc_call) entry;
    struct grpc *grpc;
    struct grpc_request request; /* `message` and the header are not kept */
    uint64_t deadline_usec;      /* CLOCK_MONOTONIC, 0: none */
    uint8_t *sent;               /* owned; the request with its prefix */
    size_t sent_length;
    size_t sent_done;
    struct grpc_reader reader;
    size_t messages;
    size_t headers_size;
    int http_status;
    int status; /* grpc-status, -1 until it has come */
    char message[256];
};

struct grpc {
    sd_event *event;
    sd_event_source *io;
    sd_event_source *timer; /* armed for the earliest deadline, or too early */
    uint64_t timer_usec;
    int fd;
    uid_t peer_uid;
    nghttp2_session *session;
    struct grpc_listener listener;
    TAILQ_HEAD(, grpc_call) calls;
    size_t call_count;
    size_t buffered;
    struct error failure; /* why a callback of nghttp2 has failed */
    bool busy;            /* inside the library or a callback: not to be freed now */
    bool freed;
    bool broken;
};

static void call_free(struct grpc_call *call)
{
    struct grpc *grpc = call->grpc;
    TAILQ_REMOVE(&grpc->calls, call, entry);
    grpc->call_count--;
    grpc->buffered -= call->reader.allocated;
    grpc_reader_clear(&call->reader);
    free(call->sent);
    free(call);
}

static void destroy(struct grpc *grpc)
{
    nghttp2_session_del(grpc->session);
    for (struct grpc_call *call; (call = TAILQ_FIRST(&grpc->calls));)
        call_free(call);
    (void)sd_event_source_disable_unref(grpc->io);
    (void)sd_event_source_disable_unref(grpc->timer);
    sd_event_unref(grpc->event);
    close_fd(&grpc->fd);
    free(grpc);
}

void grpc_free(struct grpc **grpc_pointer)
{
    struct grpc *grpc = TAKE_PTR(*grpc_pointer);
    if (!grpc)
        return;
    grpc->freed = true;
    if (!grpc->busy)
        destroy(grpc);
}

static void break_connection(struct grpc *grpc)
{
    if (grpc->broken || grpc->freed)
        return;
    grpc->broken = true;
    (void)sd_event_source_set_enabled(grpc->io, SD_EVENT_OFF);
    (void)sd_event_source_set_enabled(grpc->timer, SD_EVENT_OFF);
    grpc->listener.broken(grpc->listener.userdata, &grpc->failure);
}

/* -------- what the library tells -------- */

static int fail(struct grpc *grpc, int code, const char *words, const struct grpc_call *call)
{
    (void)error_set(&grpc->failure, code, "%s%s%s", words, call ? " in answer to " : "",
                    call ? call->request.path : "");
    return NGHTTP2_ERR_CALLBACK_FAILURE;
}

static int on_message(struct grpc *grpc, struct grpc_call *call)
{
    if (++call->messages > 1 && !call->request.stream)
        return fail(grpc, -EPROTO, "more than one message", call);
    if (!grpc->freed && call->request.received)
        call->request.received(call->request.userdata, call->reader.bytes, call->reader.length);
    return 0;
}

static int feed(struct grpc *grpc, struct grpc_call *call, const uint8_t *bytes, size_t length)
{
    int r;
    while ((r = grpc_reader_feed(&call->reader, &bytes, &length)) == 1) {
        r = on_message(grpc, call);
        if (r < 0)
            return r;
        grpc_reader_next(&call->reader);
    }
    if (r == -EMSGSIZE)
        return fail(grpc, r, "a message over 16 MiB", call);
    return r < 0 ? fail(grpc, r, "an unreadable message", call) : 0;
}

static int on_data(nghttp2_session *session, UNUSED uint8_t flags, int32_t stream_id,
                   const uint8_t *bytes, size_t length, void *userdata)
{
    struct grpc *grpc = userdata;
    struct grpc_call *call = nghttp2_session_get_stream_user_data(session, stream_id);
    if (!call)
        return 0;
    size_t before = call->reader.allocated;
    int r = feed(grpc, call, bytes, length);
    grpc->buffered += call->reader.allocated - before;
    if (r == 0 && grpc->buffered > GRPC_BUFFERED_MAX)
        return fail(grpc, -EMSGSIZE, "more than 32 MiB of unfinished messages", NULL);
    return r;
}

static bool is_header(const uint8_t *name, size_t length, const char *wanted)
{
    return length == strlen(wanted) && memcmp(name, wanted, length) == 0;
}

static int parse_http_status(const char *text, size_t length)
{
    int status = 0;
    for (size_t i = 0; i < length && i < 3; i++)
        status = status * 10 + (text[i] - '0');
    return status;
}

/* Trailers, or the only headers of a call that failed at once: both bear the status. */
static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
                     size_t name_length, const uint8_t *value, size_t value_length,
                     UNUSED uint8_t flags, void *userdata)
{
    struct grpc *grpc = userdata;
    struct grpc_call *call = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
    const char *text = (const char *)value;
    if (!call)
        return 0;
    call->headers_size += name_length + value_length;
    if (call->headers_size > GRPC_HEADERS_MAX)
        return fail(grpc, -EMSGSIZE, "more than 64 KiB of headers", call);
    if (is_header(name, name_length, ":status"))
        call->http_status = parse_http_status(text, value_length);
    if (is_header(name, name_length, "grpc-status"))
        call->status = grpc_status_parse(text, value_length);
    if (call->status < -1)
        return fail(grpc, -EPROTO, "a grpc-status that is none", call);
    if (is_header(name, name_length, "grpc-message"))
        grpc_message_decode(text, value_length, call->message, sizeof(call->message));
    return 0;
}

static int on_frame(UNUSED nghttp2_session *session, const nghttp2_frame *frame, void *userdata)
{
    if (frame->hd.type == NGHTTP2_GOAWAY)
        return fail(userdata, -ECONNRESET, "it is closing the connection", NULL);
    return 0;
}

/* How the call ended, if it did properly. */
static int conclude(struct grpc *grpc, const struct grpc_call *call, uint32_t reset,
                    struct error *error)
{
    if (call->status < 0 && reset != NGHTTP2_NO_ERROR)
        return error_set(error, -ECONNRESET, "the call was reset: %s",
                         nghttp2_http2_strerror(reset));
    if (call->status < 0 && call->http_status != 200)
        return error_set(error, -EPROTO, "HTTP status %d", call->http_status);
    if (call->status < 0)
        return fail(grpc, -EPROTO, "no grpc-status", call);
    if (grpc_reader_is_inside(&call->reader))
        return fail(grpc, -EPROTO, "half a message", call);
    if (call->status == 0 && call->messages == 0 && !call->request.stream)
        return fail(grpc, -EPROTO, "no message", call);
    return grpc_status_error(error, call->status, call->message);
}

static int on_stream_close(nghttp2_session *session, int32_t stream_id, uint32_t reset,
                           void *userdata)
{
    struct grpc *grpc = userdata;
    struct grpc_call *call = nghttp2_session_get_stream_user_data(session, stream_id);
    struct error error = { 0 };
    if (!call)
        return 0;
    (void)nghttp2_session_set_stream_user_data(session, stream_id, NULL);
    int r = conclude(grpc, call, reset, &error);
    struct grpc_request request = call->request;
    call_free(call);
    if (r == NGHTTP2_ERR_CALLBACK_FAILURE)
        return r;
    error.code = r;
    if (!grpc->freed)
        request.ended(request.userdata, &error);
    return 0;
}

static ssize_t on_send(UNUSED nghttp2_session *session, const uint8_t *bytes, size_t length,
                       UNUSED int flags, void *userdata)
{
    struct grpc *grpc = userdata;
    ssize_t sent = send(grpc->fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0)
        return sent;
    if (errno == EAGAIN || errno == EINTR)
        return NGHTTP2_ERR_WOULDBLOCK;
    return fail(grpc, -errno, "the connection was lost", NULL);
}

static ssize_t on_read_request(UNUSED nghttp2_session *session, UNUSED int32_t stream_id,
                               uint8_t *buffer, size_t size, uint32_t *flags,
                               nghttp2_data_source *source, UNUSED void *userdata)
{
    struct grpc_call *call = source->ptr;
    size_t length = MIN(size, call->sent_length - call->sent_done);
    memcpy(buffer, call->sent + call->sent_done, length);
    call->sent_done += length;
    if (call->sent_done == call->sent_length)
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    return (ssize_t)length;
}

/* -------- the connection -------- */

static void fail_by_library(struct grpc *grpc, ssize_t r)
{
    if (r != NGHTTP2_ERR_CALLBACK_FAILURE)
        (void)error_set(&grpc->failure, -EPROTO, "it does not speak HTTP/2 as it should: %s",
                        nghttp2_strerror((int)r));
    break_connection(grpc);
}

static void receive(struct grpc *grpc)
{
    uint8_t buffer[READ_SIZE];
    ssize_t length = recv(grpc->fd, buffer, sizeof(buffer), MSG_DONTWAIT);
    if (length < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (length <= 0) {
        (void)error_set(&grpc->failure, length ? -errno : -ECONNRESET, "the connection was lost");
        break_connection(grpc);
        return;
    }
    ssize_t r = nghttp2_session_mem_recv(grpc->session, buffer, (size_t)length);
    if (r < 0)
        fail_by_library(grpc, r);
}

static void transmit(struct grpc *grpc)
{
    if (grpc->broken || grpc->freed)
        return;
    int r = nghttp2_session_send(grpc->session);
    if (r < 0)
        fail_by_library(grpc, r);
}

static void update_io(struct grpc *grpc)
{
    if (grpc->broken)
        return;
    bool writes = nghttp2_session_want_write(grpc->session);
    (void)sd_event_source_set_io_events(grpc->io, EPOLLIN | (writes ? EPOLLOUT : 0U));
}

/* Closes a call-back section: what was freed inside it goes now. */
static void leave(struct grpc *grpc)
{
    grpc->busy = false;
    if (grpc->freed)
        destroy(grpc);
    else
        update_io(grpc);
}

static int on_io(UNUSED sd_event_source *source, UNUSED int fd, uint32_t events, void *userdata)
{
    struct grpc *grpc = userdata;
    grpc->busy = true;
    if (events & ~(uint32_t)EPOLLOUT)
        receive(grpc);
    transmit(grpc);
    leave(grpc);
    return 0;
}

static void arm_timer(struct grpc *grpc, uint64_t deadline_usec)
{
    grpc->timer_usec = deadline_usec;
    (void)sd_event_source_set_time(grpc->timer, deadline_usec);
    (void)sd_event_source_set_enabled(grpc->timer, SD_EVENT_ONESHOT);
}

/* Calls end early as a rule, and leave the timer as it is. */
static int on_timer(UNUSED sd_event_source *source, uint64_t usec, void *userdata)
{
    struct grpc *grpc = userdata;
    const struct grpc_call *call, *next = NULL;
    TAILQ_FOREACH (call, &grpc->calls, entry)
        if (call->deadline_usec && (!next || call->deadline_usec < next->deadline_usec))
            next = call;
    grpc->timer_usec = 0;
    if (next && next->deadline_usec > usec) {
        arm_timer(grpc, next->deadline_usec);
    } else if (next) {
        grpc->busy = true;
        (void)error_set(&grpc->failure, -ETIMEDOUT, "no answer to %s for %llu s",
                        next->request.path,
                        (unsigned long long)(next->request.timeout_usec / 1000000));
        break_connection(grpc);
        leave(grpc);
    }
    return 0;
}

static int open_session(struct grpc *grpc)
{
    static const nghttp2_settings_entry settings[] = {
        { NGHTTP2_SETTINGS_ENABLE_PUSH, 0 },
        { NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, STREAM_WINDOW },
    };
    nghttp2_session_callbacks *callbacks;
    if (nghttp2_session_callbacks_new(&callbacks) != 0)
        return -ENOMEM;
    nghttp2_session_callbacks_set_send_callback(callbacks, on_send);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
    int r = nghttp2_session_client_new(&grpc->session, callbacks, grpc);
    nghttp2_session_callbacks_del(callbacks);
    if (r == 0)
        r = nghttp2_submit_settings(grpc->session, NGHTTP2_FLAG_NONE, settings,
                                    ARRAY_SIZE(settings));
    if (r == 0)
        r = nghttp2_session_set_local_window_size(grpc->session, NGHTTP2_FLAG_NONE, 0,
                                                  CONNECTION_WINDOW);
    return r == 0 ? 0 : -ENOMEM;
}

static int add_sources(struct grpc *grpc)
{
    int r = sd_event_add_io(grpc->event, &grpc->io, grpc->fd, EPOLLIN | EPOLLOUT, on_io, grpc);
    if (r >= 0)
        r = sd_event_add_time(grpc->event, &grpc->timer, CLOCK_MONOTONIC, 0, 1000, on_timer, grpc);
    if (r < 0)
        return r;
    (void)sd_event_source_set_description(grpc->io, "grpc");
    (void)sd_event_source_set_description(grpc->timer, "grpc-deadline");
    return sd_event_source_set_enabled(grpc->timer, SD_EVENT_OFF);
}

int grpc_new_from_fd(sd_event *event, int fd, uid_t peer_uid, const struct grpc_listener *listener,
                     struct grpc **ret_grpc, struct error *error)
{
    _cleanup_(grpc_free)
    struct grpc *grpc = calloc(1, sizeof(*grpc));
    if (!grpc) {
        close_fd(&fd);
        return error_set(error, -ENOMEM, "out of memory");
    }
    TAILQ_INIT(&grpc->calls);
    grpc->fd = fd;
    grpc->event = sd_event_ref(event);
    grpc->listener = *listener;
    grpc->peer_uid = peer_uid;
    int r = open_session(grpc);
    if (r == 0)
        r = add_sources(grpc);
    if (r < 0)
        return error_set(error, r, "cannot use the connection: %s", strerror(-r));
    *ret_grpc = TAKE_PTR(grpc);
    return 0;
}

int grpc_new(sd_event *event, const char *socket_path, const struct grpc_listener *listener,
             struct grpc **ret_grpc, struct error *error)
{
    int fd;
    uid_t uid;
    int r = socket_connect(socket_path, &fd, &uid, error);
    return r < 0 ? r : grpc_new_from_fd(event, fd, uid, listener, ret_grpc, error);
}

uid_t grpc_peer_uid(const struct grpc *grpc)
{
    return grpc->peer_uid;
}

/* -------- calls -------- */

static int pack(struct grpc_call *call, const ProtobufCMessage *message)
{
    size_t length = message ? protobuf_c_message_get_packed_size(message) : 0;
    call->sent = malloc(GRPC_PREFIX_SIZE + length);
    if (!call->sent)
        return -ENOMEM;
    grpc_prefix_write(call->sent, length);
    if (message)
        (void)protobuf_c_message_pack(message, call->sent + GRPC_PREFIX_SIZE);
    call->sent_length = GRPC_PREFIX_SIZE + length;
    return 0;
}

static nghttp2_nv header(const char *name, const char *value)
{
    return (nghttp2_nv){ .name = (uint8_t *)(uintptr_t)name,
                         .value = (uint8_t *)(uintptr_t)value,
                         .namelen = strlen(name),
                         .valuelen = strlen(value) };
}

static int submit(struct grpc *grpc, struct grpc_call *call, const struct grpc_request *request)
{
    const nghttp2_nv headers[] = {
        header(":method", "POST"),
        header(":scheme", "http"),
        header(":path", request->path),
        header(":authority", "localhost"),
        header("te", "trailers"),
        header("content-type", "application/grpc"),
        header(request->header ? request->header : "",
               request->header ? request->header_value : ""),
    };
    nghttp2_data_provider provider = { .source.ptr = call, .read_callback = on_read_request };
    int32_t r =
        nghttp2_submit_request(grpc->session, NULL, headers,
                               ARRAY_SIZE(headers) - (request->header ? 0 : 1), &provider, call);
    return r < 0 ? (r == NGHTTP2_ERR_NOMEM ? -ENOMEM : -ENOTCONN) : 0;
}

static void set_deadline(struct grpc *grpc, struct grpc_call *call)
{
    uint64_t now = 0;
    if (!call->request.timeout_usec)
        return;
    (void)sd_event_now(grpc->event, CLOCK_MONOTONIC, &now);
    call->deadline_usec = now + call->request.timeout_usec;
    if (!grpc->timer_usec || call->deadline_usec < grpc->timer_usec)
        arm_timer(grpc, call->deadline_usec);
}

int grpc_call(struct grpc *grpc, const struct grpc_request *request)
{
    if (grpc->broken || grpc->freed)
        return -ENOTCONN;
    if (grpc->call_count == GRPC_CALLS_MAX)
        return -EBUSY;
    struct grpc_call *call = calloc(1, sizeof(*call));
    if (!call)
        return -ENOMEM;
    call->grpc = grpc;
    call->request = *request;
    call->status = -1;
    TAILQ_INSERT_TAIL(&grpc->calls, call, entry);
    grpc->call_count++;
    int r = pack(call, request->message);
    if (r == 0)
        r = submit(grpc, call, request);
    if (r < 0) {
        call_free(call);
        return r;
    }
    set_deadline(grpc, call);
    if (!grpc->busy)
        update_io(grpc);
    return 0;
}
