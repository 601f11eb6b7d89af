/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What gRPC puts inside HTTP/2: messages with a length in front, and a status at the end. Pure: no
 * I/O, any bytes.
 */
#pragma once

#include "src/base/error.h"

/* The limit that containerd and CRI-O have for what they send, too. */
#define GRPC_MESSAGE_MAX ((size_t)16 << 20)
/* In front of every message: a byte that says whether it is compressed, and its length. */
#define GRPC_PREFIX_SIZE 5

/* Joins pieces to messages. All zeros to begin with. */
struct grpc_reader {
    uint8_t prefix[GRPC_PREFIX_SIZE];
    size_t prefix_length;
    uint8_t *bytes; /* owned; of the message, as far as it has come */
    size_t length;
    size_t allocated; /* grows with what has come, whatever length was announced */
};

/*
 * Takes bytes off the front of *bytes, up to the end of a message. 1: one is complete, in
 * reader->bytes and reader->length, until grpc_reader_next(). 0: all bytes are taken. -EMSGSIZE,
 * -EPROTO (compressed: nobody asked for that) or -ENOMEM.
 */
int grpc_reader_feed(struct grpc_reader *reader, const uint8_t **bytes, size_t *length);
void grpc_reader_next(struct grpc_reader *reader);
/* Whether a message has begun and not ended. */
bool grpc_reader_is_inside(const struct grpc_reader *reader);
void grpc_reader_clear(struct grpc_reader *reader);

/* The prefix of a message of ours. */
void grpc_prefix_write(uint8_t prefix[static GRPC_PREFIX_SIZE], size_t length);

/* A grpc-status as it stands in the trailer, 0 to 16; -EPROTO for anything else. */
int grpc_status_parse(const char *text, size_t length);

/* Undoes the percent-encoding of a grpc-message; what is not properly encoded stays as it is. Cuts
 * what does not fit. */
void grpc_message_decode(const char *text, size_t length, char *buffer, size_t size);

/*
 * Fills `error` with the meaning of a status, in words, and the server's message where there is
 * one; returns its code: -ENOENT for "not found", -EOPNOTSUPP for "unimplemented", 0 for "OK", ...
 */
int grpc_status_error(struct error *error, int status, const char *message);
