/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/base/hash.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define MANY 20000

static char things[MANY]; /* values: pointers into it tell keys apart */

static void test_empty(UNUSED void **state)
{
    struct number_table numbers = { 0 };
    struct string_table strings = { 0 };
    size_t at = 0;

    assert_null(number_table_get(&numbers, 1));
    assert_null(number_table_remove(&numbers, 1));
    assert_null(number_table_next(&numbers, &at, NULL));
    number_table_clear(&numbers);
    assert_null(string_table_get(&strings, "a", 1));
    assert_null(string_table_remove(&strings, "a", 1));
    assert_null(string_table_next(&strings, &at, NULL));
    string_table_clear(&strings);
}

static void test_numbers(UNUSED void **state)
{
    _cleanup_(number_table_clear)
    struct number_table table = { 0 };

    assert_int_equal(number_table_put(&table, 0, &things[0]), 0);
    assert_int_equal(number_table_put(&table, UINT64_MAX, &things[1]), 0);
    assert_ptr_equal(number_table_get(&table, 0), &things[0]);
    assert_ptr_equal(number_table_get(&table, UINT64_MAX), &things[1]);
    assert_null(number_table_get(&table, 1));
    assert_int_equal(number_table_put(&table, 0, &things[2]), 0);
    assert_int_equal(table.count, 2);
    assert_ptr_equal(number_table_remove(&table, 0), &things[2]);
    assert_null(number_table_remove(&table, 0));
    assert_null(number_table_get(&table, 0));
    assert_ptr_equal(number_table_get(&table, UINT64_MAX), &things[1]);
    assert_int_equal(table.count, 1);
}

static void test_strings(UNUSED void **state)
{
    _cleanup_(string_table_clear)
    struct string_table table = { 0 };
    char key[] = "container-1";

    assert_int_equal(string_table_put(&table, key, strlen(key), &things[0]), 0);
    assert_int_equal(string_table_put(&table, key, 9, &things[1]), 0);
    assert_int_equal(string_table_put(&table, "", 0, &things[2]), 0);
    key[0] = 'x'; /* the table has a copy */
    assert_ptr_equal(string_table_get(&table, "container-1", 11), &things[0]);
    assert_ptr_equal(string_table_get(&table, "container-11", 9), &things[1]);
    assert_ptr_equal(string_table_get(&table, "", 0), &things[2]);
    assert_null(string_table_get(&table, "container-", 10));
    assert_int_equal(string_table_put(&table, "container", 9, &things[3]), 0);
    assert_int_equal(table.count, 3);
    assert_ptr_equal(string_table_remove(&table, "container", 9), &things[3]);
    assert_null(string_table_get(&table, "container", 9));
    assert_ptr_equal(string_table_get(&table, "container-1", 11), &things[0]);
}

/* Numbers are parts of keys, too. */
static void test_strings_with_nuls(UNUSED void **state)
{
    _cleanup_(string_table_clear)
    struct string_table table = { 0 };

    assert_int_equal(string_table_put(&table, "a\0b", 3, &things[0]), 0);
    assert_int_equal(string_table_put(&table, "a\0c", 3, &things[1]), 0);
    assert_int_equal(string_table_put(&table, "a", 1, &things[2]), 0);
    assert_int_equal(string_table_put(&table, "a\0b", 3, &things[3]), 0);
    assert_int_equal(table.count, 3);
    assert_ptr_equal(string_table_get(&table, "a\0b", 3), &things[3]);
    assert_ptr_equal(string_table_get(&table, "a\0c", 3), &things[1]);
    assert_ptr_equal(string_table_get(&table, "a", 1), &things[2]);
    assert_ptr_equal(string_table_remove(&table, "a\0b", 3), &things[3]);
    assert_null(string_table_get(&table, "a\0b", 3));
}

static void test_limit(UNUSED void **state)
{
    _cleanup_(number_table_clear)
    struct number_table numbers = { .limit = 3 };
    _cleanup_(string_table_clear)
    struct string_table strings = { .limit = 1 };

    for (uint64_t i = 0; i < 3; i++)
        assert_int_equal(number_table_put(&numbers, i, &things[i]), 0);
    assert_int_equal(number_table_put(&numbers, 3, &things[3]), -ENOSPC);
    assert_null(number_table_get(&numbers, 3));
    assert_int_equal(number_table_put(&numbers, 2, &things[4]), 0); /* replacing needs no room */
    assert_ptr_equal(number_table_remove(&numbers, 0), &things[0]);
    assert_int_equal(number_table_put(&numbers, 3, &things[3]), 0);
    number_table_clear(&numbers);
    assert_int_equal(numbers.limit, 3);
    assert_int_equal(number_table_put(&numbers, 9, &things[9]), 0);

    assert_int_equal(string_table_put(&strings, "a", 1, &things[0]), 0);
    assert_int_equal(string_table_put(&strings, "b", 1, &things[1]), -ENOSPC);
    assert_int_equal(string_table_put(&strings, "a", 1, &things[1]), 0);
}

/* Random puts and removals in a small range of keys, so that chains form, break and wrap around,
 * against an array that cannot be wrong. */
static void test_numbers_against_an_array(UNUSED void **state)
{
    _cleanup_(number_table_clear)
    struct number_table table = { 0 };
    void *expected[300] = { 0 };
    uint32_t random = 3;
    size_t count = 0;

    for (int round = 0; round < 200000; round++) {
        size_t key, thing;

        random = random * 1664525 + 1013904223;
        key = (random >> 8) % ARRAY_SIZE(expected);
        thing = (random >> 4) % MANY;
        if (random >> 31) {
            count += !expected[key];
            expected[key] = &things[thing];
            assert_int_equal(number_table_put(&table, key * 4096, expected[key]), 0);
        } else {
            count -= expected[key] != NULL;
            assert_ptr_equal(number_table_remove(&table, key * 4096), expected[key]);
            expected[key] = NULL;
        }
        assert_int_equal(table.count, count);
        if (round % 1000)
            continue;
        for (size_t i = 0; i < ARRAY_SIZE(expected); i++)
            assert_ptr_equal(number_table_get(&table, i * 4096), expected[i]);
    }
}

static void test_strings_against_an_array(UNUSED void **state)
{
    _cleanup_(string_table_clear)
    struct string_table table = { 0 };
    void *expected[300] = { 0 };
    uint32_t random = 5;

    for (int round = 0; round < 100000; round++) {
        char key[16];
        size_t number, length;

        random = random * 1664525 + 1013904223;
        number = (random >> 8) % ARRAY_SIZE(expected);
        length = (size_t)snprintf(key, sizeof(key), "%zx", number);
        if (random >> 31) {
            expected[number] = &things[(random >> 4) % MANY];
            assert_int_equal(string_table_put(&table, key, length, expected[number]), 0);
        } else {
            assert_ptr_equal(string_table_remove(&table, key, length), expected[number]);
            expected[number] = NULL;
        }
        assert_ptr_equal(string_table_get(&table, key, length), expected[number]);
        if (round % 1000)
            continue;
        for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
            length = (size_t)snprintf(key, sizeof(key), "%zx", i);
            assert_ptr_equal(string_table_get(&table, key, length), expected[i]);
        }
    }
}

static void test_iteration_sees_each_once(UNUSED void **state)
{
    _cleanup_(number_table_clear)
    struct number_table numbers = { 0 };
    _cleanup_(string_table_clear)
    struct string_table strings = { 0 };
    unsigned char seen[MANY] = { 0 };
    const char *value, *key;
    uint64_t number;

    for (size_t i = 0; i < MANY; i++) {
        char name[16];
        size_t length = (size_t)snprintf(name, sizeof(name), "%zu", i);

        assert_int_equal(number_table_put(&numbers, i, &things[i]), 0);
        assert_int_equal(string_table_put(&strings, name, length, &things[i]), 0);
    }
    for (size_t at = 0; (value = number_table_next(&numbers, &at, &number));) {
        assert_ptr_equal(value, &things[number]);
        seen[number]++;
    }
    for (size_t at = 0; (value = string_table_next(&strings, &at, &key));) {
        assert_int_equal(strtoul(key, NULL, 10), (size_t)(value - things));
        seen[value - things]++;
    }
    for (size_t i = 0; i < MANY; i++)
        assert_int_equal(seen[i], 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_strings_with_nuls),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_numbers_against_an_array),
        cmocka_unit_test(test_strings_against_an_array),
        cmocka_unit_test(test_iteration_sees_each_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
