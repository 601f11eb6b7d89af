/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A ring buffer as the kernel has it, in memory of ours: two positions of a page each, and the data
 * twice in a row. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <linux/bpf.h>
#include <sys/mman.h>

#include "src/source/ring.h"

static struct fake_ring {
    int fd;
    uint64_t size;
    size_t page, mapped;
    char *memory;
} fake_ring;

static uint64_t *fake_ring_read_to(void)
{
    return (void *)fake_ring.memory;
}

static uint64_t *fake_ring_written_to(void)
{
    return (void *)(fake_ring.memory + fake_ring.page);
}

static void fake_ring_make(uint64_t size)
{
    fake_ring.size = size;
    fake_ring.page = (size_t)sysconf(_SC_PAGESIZE);
    fake_ring.mapped = 2 * fake_ring.page + 2 * size;
    fake_ring.fd = memfd_create("ring", MFD_CLOEXEC);
    assert_int_equal(ftruncate(fake_ring.fd, (off_t)fake_ring.mapped), 0);
    fake_ring.memory =
        mmap(NULL, fake_ring.mapped, PROT_READ | PROT_WRITE, MAP_SHARED, fake_ring.fd, 0);
    assert_ptr_not_equal(fake_ring.memory, MAP_FAILED);
}

static void fake_ring_unmake(void)
{
    assert_int_equal(munmap(fake_ring.memory, fake_ring.mapped), 0);
    assert_int_equal(close(fake_ring.fd), 0);
    fake_ring.memory = NULL;
}

UNUSED static void fake_ring_open(uint64_t size, struct ring *ret_ring)
{
    fake_ring_make(size);
    assert_int_equal(ring_open(fake_ring.fd, size, ret_ring), 0);
}

UNUSED static void fake_ring_close(struct ring *ring)
{
    ring_close(ring);
    fake_ring_unmake();
}

static void fake_ring_put(uint64_t place, const void *bytes, size_t size)
{
    char *data = fake_ring.memory + 2 * fake_ring.page;

    for (size_t i = 0; i < size; i++) {
        uint64_t at = (place + i) & (fake_ring.size - 1);

        data[at] = data[at + fake_ring.size] = ((const char *)bytes)[i];
    }
}

/* `marks`: BPF_RINGBUF_BUSY_BIT, while it is being written, or BPF_RINGBUF_DISCARD_BIT. Returns
 * whether there was room. */
static bool fake_ring_write(const void *record, size_t size, uint32_t marks)
{
    uint32_t header[2] = { (uint32_t)size | marks };
    size_t whole = (size + sizeof(header) + 7) & ~(size_t)7;
    uint64_t at = *fake_ring_written_to();

    if (at + whole - *fake_ring_read_to() > fake_ring.size)
        return false;
    fake_ring_put(at, header, sizeof(header));
    fake_ring_put(at + sizeof(header), record, size);
    *fake_ring_written_to() = at + whole;
    return true;
}
