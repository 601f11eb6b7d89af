/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Buffered bytes on their way to a descriptor: large writes to files, and writes to pipes and
 * terminals that a signal can end, so that a reader that has stopped reading cannot hold us.
 */
#pragma once

#include "src/base/macros.h"

struct output {
    char *data; /* owned */
    size_t length;
    size_t size;
    size_t *ends; /* owned: where the records in `data` end, to tell which of them got through */
    size_t end_count;
    uint64_t records; /* of output_append_record() that were written, to their last byte */
    int fd;           /* borrowed */
    int signal_fd;    /* borrowed; readable: give up waiting for the reader. -1: none */
    bool blocking;    /* a pipe, socket or terminal: wait with poll(2) before each write */
    int failure;      /* first error of a write, negative errno; what follows is dropped */
};

/* `size` bytes of buffer. 0 or -ENOMEM. */
int output_init(struct output *output, int fd, int signal_fd, size_t size);
void output_clear(struct output *output);

/* 0, or the negative errno of the first failed write: -EPIPE when the reader has gone, -EINTR when
 * a signal came while waiting for it. */
int output_append(struct output *output, const char *bytes, size_t length);
/* Likewise; `records` says when all of it has been written. */
int output_append_record(struct output *output, const char *bytes, size_t length);
int output_flush(struct output *output);
