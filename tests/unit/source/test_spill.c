/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/source/spill.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define LARGEST 70000

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
    struct spill spill = { 0 };
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
    struct spill spill = { 0 };
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
    struct spill spill = { 0 };
    size_t size, count = 0;
    int r;

    (void)state;
    memset(record, 0x5a, sizeof(record));
    while ((r = spill_add(&spill, record, LARGEST)) == 0)
        count++;
    assert_int_equal(r, -ENOBUFS);
    assert_in_range(spill.size, SPILL_SIZE_MAX / 2, SPILL_SIZE_MAX);
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
    struct spill spill = { 0 };

    (void)state;
    assert_int_equal(spill_add(&spill, record, SPILL_SIZE_MAX), -ENOBUFS);
    assert_true(spill_is_empty(&spill));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_too_large),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
