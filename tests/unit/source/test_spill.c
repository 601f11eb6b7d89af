/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/source/spill.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "bpf/event.h"

#define LARGEST 70000
#define ROOM    (UINT64_C(32) << 20)

static unsigned char record[LARGEST];

/* Sizes that end at, before and behind every multiple of 8, small ones and large ones. */
static size_t size_of(unsigned int number)
{
    return number % 7 ? number % 131 : number * 977U % LARGEST;
}

static void add(struct spill *spill, unsigned int number)
{
    memset(record, (int)(number & 0xff), sizeof(record));
    assert_int_equal(spill_add(spill, record, size_of(number)), 0);
}

static void take(struct spill *spill, unsigned int number)
{
    size_t size = 0;
    const void *first = spill_first(spill, &size);

    assert_non_null(first);
    assert_int_equal((uintptr_t)first % 8, 0);
    assert_int_equal(size, size_of(number));
    memset(record, (int)(number & 0xff), sizeof(record));
    assert_memory_equal(first, record, size);
    spill_drop(spill);
}

static void test_empty(void **state)
{
    struct spill spill = { .size_max = ROOM };
    size_t size;

    (void)state;
    assert_true(spill_is_empty(&spill));
    assert_null(spill_first(&spill, &size));
    spill_drop(&spill);
    spill_clear(&spill);
    assert_true(spill_is_empty(&spill));
}

/* Two in, one out, over many blocks; then all others. */
static void test_order(void **state)
{
    struct spill spill = { .size_max = ROOM };
    unsigned int in = 0, out = 0;

    (void)state;
    while (in < 2000) {
        add(&spill, in++);
        add(&spill, in++);
        take(&spill, out++);
    }
    while (out < in)
        take(&spill, out++);
    assert_true(spill_is_empty(&spill));
    assert_int_equal(spill.size, 0);
}

/* At the limit nothing is added and nothing is lost; what was taken makes room. */
static void test_limit(void **state)
{
    struct spill spill = { .size_max = ROOM };
    size_t size, count = 0;
    int r;

    (void)state;
    memset(record, 0x5a, sizeof(record));
    while ((r = spill_add(&spill, record, LARGEST)) == 0)
        count++;
    assert_int_equal(r, -ENOBUFS);
    assert_in_range(spill.size, ROOM / 2, ROOM);
    for (size_t i = 0; i < count / 2; i++)
        spill_drop(&spill);
    assert_int_equal(spill_add(&spill, "last", 5), 0);
    for (size_t i = count / 2; i < count; i++) {
        assert_memory_equal(spill_first(&spill, &size), record, LARGEST);
        assert_int_equal(size, LARGEST);
        spill_drop(&spill);
    }
    assert_string_equal(spill_first(&spill, &size), "last");
    spill_clear(&spill);
    assert_int_equal(spill.size, 0);
}

static void test_too_large(void **state)
{
    struct spill spill = { .size_max = ROOM };

    (void)state;
    assert_int_equal(spill_add(&spill, record, ROOM), -ENOBUFS);
    assert_true(spill_is_empty(&spill));
}

/* -------- repeats -------- */

/* Of so many threads, each of which asks again and again. */
static struct capability_event check_of(unsigned int number, unsigned int ways)
{
    return (struct capability_event){
        .kind = EVENT_CAPABILITY,
        .time_ns = 1000 + number,
        .tid = number % ways,
        .target_level = (__u16)(number % ways), /* the last bytes of it */
    };
}

/* Adds and takes checks of so many threads in turns; returns what they took at most. */
static uint64_t storm(unsigned int count, unsigned int ways)
{
    struct spill spill = { .size_max = ROOM };
    uint64_t most;
    size_t size;

    for (unsigned int i = 0; i < count; i++) {
        struct capability_event event = check_of(i, ways);

        assert_int_equal(spill_add(&spill, &event, sizeof(event)), 0);
    }
    most = spill.size;
    for (unsigned int i = 0; i < count; i++) {
        struct capability_event event = check_of(i, ways);

        assert_memory_equal(spill_first(&spill, &size), &event, sizeof(event));
        assert_int_equal(size, sizeof(event));
        spill_drop(&spill);
    }
    assert_true(spill_is_empty(&spill));
    assert_int_equal(spill.size, 0);
    return most;
}

static void test_repeats_take_little(void **state)
{
    (void)state;
    assert_in_range(storm(100000, 1), 0, 2 * SPILL_BLOCK_SIZE);
    assert_in_range(storm(100000, 2), 0, 4 * SPILL_BLOCK_SIZE);
    assert_in_range(storm(100000, 1000), 0, 13 * SPILL_BLOCK_SIZE);
}

/* A difference anywhere but in the time makes it another one. */
static void test_each_byte_counts(void **state)
{
    union {
        struct capability_event event;
        unsigned char bytes[sizeof(struct capability_event)];
    } changed, plain = { .event = check_of(0, 1) };
    struct spill spill = { .size_max = ROOM };
    size_t size;

    (void)state;
    for (size_t i = 0; i < sizeof(plain.bytes); i++) {
        changed = plain;
        changed.bytes[i] ^= 0x10;
        assert_int_equal(spill_add(&spill, &plain, sizeof(plain)), 0);
        assert_int_equal(spill_add(&spill, &changed, sizeof(changed)), 0);
    }
    for (size_t i = 0; i < sizeof(plain.bytes); i++) {
        changed = plain;
        changed.bytes[i] ^= 0x10;
        assert_memory_equal(spill_first(&spill, &size), &plain, sizeof(plain));
        spill_drop(&spill);
        assert_memory_equal(spill_first(&spill, &size), &changed, sizeof(changed));
        spill_drop(&spill);
    }
    assert_true(spill_is_empty(&spill));
}

/* Begins as the other does. */
static void test_other_size_is_another(void **state)
{
    struct capability_event event = check_of(0, 1);
    struct spill spill = { .size_max = ROOM };
    size_t size;

    (void)state;
    for (size_t kept = sizeof(event); kept > 8; kept -= 8)
        assert_int_equal(spill_add(&spill, &event, kept), 0);
    for (size_t kept = sizeof(event); kept > 8; kept -= 8) {
        assert_memory_equal(spill_first(&spill, &size), &event, kept);
        assert_int_equal(size, kept);
        spill_drop(&spill);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_too_large),
        cmocka_unit_test(test_repeats_take_little),
        cmocka_unit_test(test_each_byte_counts),
        cmocka_unit_test(test_other_size_is_another),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
