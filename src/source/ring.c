/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/source/ring.h"

#include <errno.h>
#include <linux/bpf.h>
#include <sys/mman.h>
#include <unistd.h>

/* Mapped at a time: enough for 9,000 checks, so that a mapping costs each of them a few ns. */
#define WINDOW_SIZE (UINT64_C(1) << 20)
/* Records may reach beyond it, by less than this. The kernel has all data twice in a row, so that
 * none is torn at the end. */
#define WINDOW_TAIL (UINT64_C(64) << 10)

/* The writers look at how far we are, each time: their memory is left alone in between. */
#define GIVE_BACK_SIZE (UINT64_C(64) << 10)

#define POSITIONS      2 /* pages in front of the data: how far it was read; how far it was written */

static size_t page_size(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

static uint64_t window_size(const struct ring *ring)
{
    return MIN(ring->size, WINDOW_SIZE);
}

static void unmap(const void *place, size_t size)
{
    if (place)
        (void)munmap((void *)(uintptr_t)place, size);
}

static size_t mapped_size(const struct ring *ring)
{
    return window_size(ring) + MIN(ring->size, WINDOW_TAIL);
}

void ring_close(struct ring *ring)
{
    unmap(ring->consumer, page_size());
    unmap(ring->producer, page_size());
    unmap(ring->window, mapped_size(ring));
    *ring = (struct ring){ 0 };
}

int ring_open(int fd, uint64_t size, struct ring *ret_ring)
{
    _cleanup_(ring_close)
    struct ring ring = { .fd = fd, .size = size };
    void *place = mmap(NULL, page_size(), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

    if (place == MAP_FAILED)
        return -errno;
    ring.consumer = place;
    place = mmap(NULL, page_size(), PROT_READ, MAP_SHARED, fd, (off_t)page_size());
    if (place == MAP_FAILED)
        return -errno;
    ring.producer = place;
    ring.at = __atomic_load_n(ring.consumer, __ATOMIC_ACQUIRE);
    *ret_ring = ring;
    ring = (struct ring){ 0 };
    return 0;
}

static int move_window(struct ring *ring, uint64_t start)
{
    off_t offset = (off_t)(POSITIONS * page_size() + start);
    void *place;

    unmap(TAKE_PTR(ring->window), mapped_size(ring));
    place = mmap(NULL, mapped_size(ring), PROT_READ, MAP_SHARED, ring->fd, offset);
    if (place == MAP_FAILED)
        return -errno;
    ring->window = place;
    ring->window_start = start;
    return 0;
}

/* Each record stands behind its size and two marks, in 8 bytes. 1; 0: it is still being written. */
static int find_record(struct ring *ring, const char **ret_header, uint32_t *ret_word)
{
    uint64_t offset = ring->at & (ring->size - 1);
    uint64_t start = offset & ~(window_size(ring) - 1);
    int r;

    if (!ring->window || ring->window_start != start) {
        r = move_window(ring, start);
        if (r < 0)
            return r;
    }
    *ret_header = ring->window + (offset - start);
    *ret_word = __atomic_load_n((const uint32_t *)*ret_header, __ATOMIC_ACQUIRE);
    return !(*ret_word & BPF_RINGBUF_BUSY_BIT);
}

int ring_next(struct ring *ring, const void **ret_record, size_t *ret_size)
{
    const char *header;
    uint32_t word;
    int r;

    while (ring->at != __atomic_load_n(ring->producer, __ATOMIC_ACQUIRE)) {
        r = find_record(ring, &header, &word);
        if (r <= 0)
            return r;
        *ret_size = word & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);
        if (!(word & BPF_RINGBUF_DISCARD_BIT)) {
            *ret_record = header + BPF_RINGBUF_HDR_SZ;
            return 1;
        }
        ring_pass(ring, *ret_size);
    }
    return 0;
}

void ring_pass(struct ring *ring, size_t size)
{
    ring->at += (size + BPF_RINGBUF_HDR_SZ + 7) & ~UINT64_C(7);
    if (ring->at - *ring->consumer >= MIN(GIVE_BACK_SIZE, ring->size / 4))
        ring_give_back(ring);
}

void ring_give_back(struct ring *ring)
{
    __atomic_store_n(ring->consumer, ring->at, __ATOMIC_RELEASE);
}
