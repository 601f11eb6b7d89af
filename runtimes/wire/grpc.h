/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gRPC over a unix socket, on the event loop: one HTTP/2 connection, many calls on it at once, each
 * with one request and one reply or a stream of them.
 *
 * The other side is not trusted. Whatever breaks the protocol or a bound, is late, or goes away,
 * ends the connection as a whole, once, through `broken`; only a status that the server gave (or a
 * stream that it reset) is the end of a call alone.
 */
#pragma once

#include <protobuf-c/protobuf-c.h>
#include <systemd/sd-event.h>

#include "src/base/error.h"

/* Waiting for their end at once; each costs less than 1 KiB until its reply comes. */
#define GRPC_CALLS_MAX 1024
/* Of messages that have not come to their end, all calls together. */
#define GRPC_BUFFERED_MAX ((size_t)32 << 20)
/* Of headers, one call. */
#define GRPC_HEADERS_MAX ((size_t)64 << 10)
/* What a message may take once it is unpacked: many small parts make more of few bytes. */
#define GRPC_UNPACKED_MAX ((size_t)64 << 20)

struct grpc;

struct grpc_listener {
    /* The connection is of no use any more. Comes once; no other call of ours follows. */
    void (*broken)(void *userdata, const struct error *reason);
    void *userdata;
};

struct grpc_request {
    const char *path;                /* static: "/package.Service/Method" */
    const char *header;              /* of this call, or NULL; copied */
    const char *header_value;        /* copied */
    const ProtobufCMessage *message; /* NULL: an empty one; packed at once */
    bool stream;                     /* any number of replies, else exactly one */
    uint64_t timeout_usec; /* for the whole call; a late one breaks the connection; 0: none */
    /* The bytes are borrowed until it returns. */
    void (*received)(void *userdata, const uint8_t *bytes, size_t length);
    /* The last word on this call: error->code is 0 if the server said so. */
    void (*ended)(void *userdata, const struct error *error);
    void *userdata;
};

/*
 * Connects. `listener` is copied. Nothing is called back from inside functions of this header. On
 * failure a negative errno and a sentence that names the socket.
 */
int grpc_new(sd_event *event, const char *socket_path, const struct grpc_listener *listener,
             struct grpc **ret_grpc, struct error *error);
/* The same over a connected non-blocking socket, which it takes over, also on failure. */
int grpc_new_from_fd(sd_event *event, int fd, uid_t peer_uid, const struct grpc_listener *listener,
                     struct grpc **ret_grpc, struct error *error);
/* At any time, also from inside a callback: no other call back comes. */
void grpc_free(struct grpc **grpc);

/* Who listens at the other end. */
uid_t grpc_peer_uid(const struct grpc *grpc);

/* Returns 0, -EBUSY (GRPC_CALLS_MAX are under way), -ENOTCONN (it is broken), -ENOMEM. */
int grpc_call(struct grpc *grpc, const struct grpc_request *request);

/* A message from foreign bytes, within GRPC_UNPACKED_MAX; NULL if they are none. Owned by the
 * caller. */
void *grpc_unpack(const ProtobufCMessageDescriptor *descriptor, const uint8_t *bytes,
                  size_t length);
/* For any message of grpc_unpack(). */
void grpc_unpacked_free(void *message);
/* The same for locals, of whatever message: takes the address of the pointer. */
void grpc_unpacked_release(void *message_pointer);
