/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The other end of a gRPC connection, for what no real engine does: the server half of nghttp2 on a
 * socket pair or a listening socket, which answers as it is told, or raw bytes.
 */
#pragma once

#include <errno.h>
#include <nghttp2/nghttp2.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cmocka.h>

#include "runtimes/wire/grpc.h"
#include "runtimes/wire/grpc_frame.h"

#define PEER_STREAMS_MAX 4096

struct peer_stream {
    int32_t id;
    char path[128];
    char space[64]; /* containerd-namespace */
    uint8_t request[512];
    size_t request_length;
    uint8_t *reply; /* owned; what is still to be sent */
    size_t reply_length, reply_done;
    int status; /* grpc-status of the trailer, -1: the stream stays open after the reply */
    bool requested;
};

struct peer {
    int fd;
    nghttp2_session *session;
    struct peer_stream *streams[PEER_STREAMS_MAX];
    size_t count;
    /* A request is complete. */
    void (*answer)(struct peer *peer, struct peer_stream *stream);
    void *userdata;
};

static inline nghttp2_nv peer_header(const char *name, const char *value)
{
    return (nghttp2_nv){ (uint8_t *)(uintptr_t)name, (uint8_t *)(uintptr_t)value, strlen(name),
                         strlen(value), NGHTTP2_NV_FLAG_NONE };
}

static ssize_t peer_on_send(UNUSED nghttp2_session *session, const uint8_t *bytes, size_t length,
                            UNUSED int flags, void *userdata)
{
    const struct peer *peer = userdata;
    ssize_t sent = send(peer->fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0)
        return sent;
    return errno == EAGAIN ? NGHTTP2_ERR_WOULDBLOCK : NGHTTP2_ERR_CALLBACK_FAILURE;
}

static int peer_on_begin(nghttp2_session *session, const nghttp2_frame *frame, void *userdata)
{
    struct peer *peer = userdata;
    assert_in_range(peer->count, 0, PEER_STREAMS_MAX - 1);
    struct peer_stream *stream = calloc(1, sizeof(*stream));
    assert_non_null(stream);
    stream->id = frame->hd.stream_id;
    peer->streams[peer->count++] = stream;
    return nghttp2_session_set_stream_user_data(session, stream->id, stream);
}

static int peer_on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
                          UNUSED size_t name_length, const uint8_t *value,
                          UNUSED size_t value_length, UNUSED uint8_t flags, UNUSED void *userdata)
{
    struct peer_stream *stream = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
    if (strcmp((const char *)name, ":path") == 0)
        (void)snprintf(stream->path, sizeof(stream->path), "%s", (const char *)value);
    if (strcmp((const char *)name, "containerd-namespace") == 0)
        (void)snprintf(stream->space, sizeof(stream->space), "%s", (const char *)value);
    return 0;
}

static int peer_on_data(nghttp2_session *session, UNUSED uint8_t flags, int32_t stream_id,
                        const uint8_t *bytes, size_t length, UNUSED void *userdata)
{
    struct peer_stream *stream = nghttp2_session_get_stream_user_data(session, stream_id);
    assert_true(stream->request_length + length <= sizeof(stream->request));
    memcpy(stream->request + stream->request_length, bytes, length);
    stream->request_length += length;
    return 0;
}

static int peer_on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *userdata)
{
    struct peer *peer = userdata;
    struct peer_stream *stream = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
    if (stream && !stream->requested && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM)) {
        stream->requested = true;
        if (peer->answer)
            peer->answer(peer, stream);
    }
    return 0;
}

static ssize_t peer_on_read(nghttp2_session *session, int32_t stream_id, uint8_t *buffer,
                            size_t size, uint32_t *flags, nghttp2_data_source *source,
                            UNUSED void *userdata)
{
    struct peer_stream *stream = source->ptr;
    size_t length = MIN(size, stream->reply_length - stream->reply_done);
    memcpy(buffer, stream->reply + stream->reply_done, length);
    stream->reply_done += length;
    if (stream->reply_done < stream->reply_length)
        return (ssize_t)length;
    if (stream->status < 0)
        return length ? (ssize_t)length : NGHTTP2_ERR_DEFERRED;
    char number[16];
    (void)snprintf(number, sizeof(number), "%d", stream->status);
    const nghttp2_nv trailers[] = { peer_header("grpc-status", number) };
    *flags |= NGHTTP2_DATA_FLAG_EOF | NGHTTP2_DATA_FLAG_NO_END_STREAM;
    assert_int_equal(nghttp2_submit_trailer(session, stream_id, trailers, 1), 0);
    return (ssize_t)length;
}

/* Bytes as they are: messages with their prefixes, or not. */
UNUSED static void peer_reply(struct peer *peer, struct peer_stream *stream, const void *bytes,
                              size_t length, int status)
{
    const nghttp2_nv headers[] = { peer_header(":status", "200"),
                                   peer_header("content-type", "application/grpc") };
    const nghttp2_data_provider provider = { .source.ptr = stream, .read_callback = peer_on_read };
    bool begun = stream->reply != NULL;
    stream->reply = realloc(stream->reply, stream->reply_length + length + 1);
    assert_non_null(stream->reply);
    memcpy(stream->reply + stream->reply_length, bytes, length);
    stream->reply_length += length;
    stream->status = status;
    if (begun)
        (void)nghttp2_session_resume_data(peer->session, stream->id);
    else
        assert_int_equal(nghttp2_submit_response(peer->session, stream->id, headers,
                                                 ARRAY_SIZE(headers), &provider),
                         0);
}

UNUSED static void peer_reply_message(struct peer *peer, struct peer_stream *stream,
                                      const void *bytes, size_t length, int status)
{
    uint8_t *framed = malloc(GRPC_PREFIX_SIZE + length);
    assert_non_null(framed);
    grpc_prefix_write(framed, length);
    memcpy(framed + GRPC_PREFIX_SIZE, bytes, length);
    peer_reply(peer, stream, framed, GRPC_PREFIX_SIZE + length, status);
    free(framed);
}

UNUSED static void peer_reply_packed(struct peer *peer, struct peer_stream *stream,
                                     const ProtobufCMessage *message, int status)
{
    size_t length = protobuf_c_message_get_packed_size(message);
    uint8_t *bytes = malloc(length + 1);
    assert_non_null(bytes);
    (void)protobuf_c_message_pack(message, bytes);
    peer_reply_message(peer, stream, bytes, length, status);
    free(bytes);
}

/* Trailers and nothing else, as Go's servers answer with errors. */
UNUSED static void peer_refuse(struct peer *peer, struct peer_stream *stream, const char *status,
                               const char *message)
{
    const nghttp2_nv headers[] = { peer_header(":status", "200"),
                                   peer_header("content-type", "application/grpc"),
                                   peer_header("grpc-status", status),
                                   peer_header("grpc-message", message) };
    assert_int_equal(
        nghttp2_submit_response(peer->session, stream->id, headers, ARRAY_SIZE(headers), NULL), 0);
}

/* Takes the socket. */
UNUSED static void peer_open(struct peer *peer, int fd)
{
    nghttp2_session_callbacks *callbacks;
    peer->fd = fd;
    assert_int_equal(nghttp2_session_callbacks_new(&callbacks), 0);
    nghttp2_session_callbacks_set_send_callback(callbacks, peer_on_send);
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, peer_on_begin);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, peer_on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, peer_on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, peer_on_frame);
    assert_int_equal(nghttp2_session_server_new(&peer->session, callbacks, peer), 0);
    nghttp2_session_callbacks_del(callbacks);
    assert_int_equal(nghttp2_submit_settings(peer->session, NGHTTP2_FLAG_NONE, NULL, 0), 0);
}

/* Takes what has come and sends what can be sent; false once the connection is gone. */
UNUSED static bool peer_turn(struct peer *peer)
{
    uint8_t buffer[16384];
    ssize_t length = recv(peer->fd, buffer, sizeof(buffer), MSG_DONTWAIT);
    if (length == 0 || (length < 0 && errno != EAGAIN))
        return false;
    if (length > 0 && nghttp2_session_mem_recv(peer->session, buffer, (size_t)length) < 0)
        return false;
    return nghttp2_session_send(peer->session) == 0;
}

UNUSED static void peer_close(struct peer *peer)
{
    nghttp2_session_del(peer->session);
    close_fd(&peer->fd);
    for (size_t i = 0; i < peer->count; i++) {
        free(peer->streams[i]->reply);
        free(peer->streams[i]);
    }
    peer->count = 0;
    peer->session = NULL;
}
