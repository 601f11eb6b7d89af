/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reader's side of the kernel's ring buffer, one record at a time. Only the part that is being
 * read is mapped: what is mapped counts as memory of ours, and libbpf would map all of it, twice.
 */
#pragma once

#include "src/base/macros.h"

struct ring {
    int fd;        /* borrowed: the map. It is readable when something is in the ring. */
    uint64_t size; /* of the ring, in bytes: a power of two */
    uint64_t
        *consumer; /* mapped: how far it was read, and how far it was written, in bytes since */
    const uint64_t *producer; /* it was made */
    uint64_t at;              /* how far we are; the kernel is told now and then */
    const char *window;       /* mapped: records from here on; NULL: nothing yet */
    uint64_t window_start;    /* in the ring */
};

/* 0 or a negative errno. */
int ring_open(int fd, uint64_t size, struct ring *ret_ring);
void ring_close(struct ring *ring);

/* The next record, borrowed until ring_pass(): 1; 0: there is none yet; a negative errno. */
int ring_next(struct ring *ring, const void **ret_record, size_t *ret_size);
void ring_pass(struct ring *ring, size_t size);

/* What was passed makes room for others. */
void ring_give_back(struct ring *ring);
