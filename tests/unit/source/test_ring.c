/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/source/ring.h"

#include <errno.h>

#include "tests/unit/source/fake_ring.h"

#define SMALL (UINT64_C(64) << 10)
#define LARGE (UINT64_C(4) << 20) /* of several windows */

static char text[3000];

/* Sizes at, before and behind multiples of 8. */
static size_t size_of(unsigned int number)
{
    return number % 5 ? number % 131 : number * 977U % sizeof(text);
}

static bool write_number(unsigned int number)
{
    memset(text, (int)(number & 0xff), sizeof(text));
    return fake_ring_write(text, size_of(number), 0);
}

static void read_number(struct ring *ring, unsigned int number)
{
    const void *record;
    size_t size;

    assert_int_equal(ring_next(ring, &record, &size), 1);
    assert_int_equal(size, size_of(number));
    memset(text, (int)(number & 0xff), sizeof(text));
    assert_memory_equal(record, text, size);
    ring_pass(ring, size);
}

static void assert_nothing(struct ring *ring)
{
    const void *record;
    size_t size;

    assert_int_equal(ring_next(ring, &record, &size), 0);
}

/* Round and round, with as many as there is room for, and over the end. */
static void go_round(uint64_t ring_size)
{
    struct ring ring;
    unsigned int written = 0, done = 0;

    fake_ring_open(ring_size, &ring);
    assert_nothing(&ring);
    while (*fake_ring_written_to() < 3 * ring_size) {
        while (write_number(written))
            written++;
        assert_true(written > done);
        while (done < written)
            read_number(&ring, done++);
        assert_nothing(&ring);
        ring_give_back(&ring);
    }
    fake_ring_close(&ring);
}

static void test_round(UNUSED void **state)
{
    go_round(SMALL);
    go_round(LARGE);
}

/* What is being written holds up what is behind it; what was taken back is passed over. */
static void test_marks(UNUSED void **state)
{
    struct ring ring;
    uint64_t begun;

    fake_ring_open(SMALL, &ring);
    assert_true(fake_ring_write("taken back", 11, BPF_RINGBUF_DISCARD_BIT));
    begun = *fake_ring_written_to();
    assert_true(fake_ring_write(text, size_of(1), BPF_RINGBUF_BUSY_BIT));
    assert_true(write_number(2));
    assert_nothing(&ring);
    *fake_ring_written_to() = begun;
    assert_true(write_number(1));
    assert_true(write_number(2));
    read_number(&ring, 1);
    read_number(&ring, 2);
    assert_nothing(&ring);
    fake_ring_close(&ring);
}

/* Writers have room again: at once when it is said, and in any case before long. */
static void test_room(UNUSED void **state)
{
    struct ring ring;
    unsigned int number = 0;

    fake_ring_open(SMALL, &ring);
    assert_true(write_number(7));
    read_number(&ring, 7);
    assert_int_equal(*fake_ring_read_to(), 0);
    ring_give_back(&ring);
    assert_int_equal(*fake_ring_read_to(), *fake_ring_written_to());
    while (*fake_ring_written_to() < 10 * SMALL) {
        assert_true(write_number(number));
        read_number(&ring, number++);
    }
    fake_ring_close(&ring);
}

/* Another reader has been there before: what he has passed is not read again. */
static void test_goes_on(UNUSED void **state)
{
    struct ring ring;

    fake_ring_open(SMALL, &ring);
    assert_true(write_number(1));
    read_number(&ring, 1);
    ring_give_back(&ring);
    assert_true(write_number(2));
    ring_close(&ring);
    assert_int_equal(ring_open(fake_ring.fd, SMALL, &ring), 0);
    read_number(&ring, 2);
    assert_nothing(&ring);
    fake_ring_close(&ring);
}

static void test_no_ring(UNUSED void **state)
{
    struct ring ring;

    assert_int_equal(ring_open(-1, SMALL, &ring), -EBADF);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round),   cmocka_unit_test(test_marks),   cmocka_unit_test(test_room),
        cmocka_unit_test(test_goes_on), cmocka_unit_test(test_no_ring),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
