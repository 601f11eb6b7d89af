/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/base/text.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <time.h>

#include <cmocka.h>

static void assert_text(const struct text *text, const char *expected)
{
    assert_false(text->failed);
    assert_int_equal(text->length, strlen(expected));
    assert_memory_equal(text->data, expected, text->length);
}

static void test_pieces(UNUSED void **state)
{
    _cleanup_(text_clear)
    struct text text = { 0 };

    text_add_string(&text, "");
    text_add(&text, "", 0);
    text_add_spaces(&text, 0);
    assert_int_equal(text.length, 0);
    text_add_string(&text, "ab");
    text_add_char(&text, 'c');
    text_add(&text, "def", 1);
    text_add_spaces(&text, 2);
    text_add_char(&text, '\0');
    text_add_string(&text, ".");
    assert_int_equal(text.length, 8);
    assert_memory_equal(text.data, "abcd  \0.", 8);
    text_clear(&text);
    assert_int_equal(text.length, 0);
}

static void test_grows(UNUSED void **state)
{
    _cleanup_(text_clear)
    struct text text = { 0 };

    for (size_t i = 0; i < 100000; i++)
        text_add_char(&text, (char)('a' + i % 26));
    assert_false(text.failed);
    assert_int_equal(text.length, 100000);
    for (size_t i = 0; i < text.length; i++)
        assert_int_equal(text.data[i], 'a' + i % 26);
}

/* Under the sanitizer malloc(3) must fail here as it does elsewhere, not end the program. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

/* More than malloc(3) can give: said, and nothing written. */
static void test_no_memory(UNUSED void **state)
{
    _cleanup_(text_clear)
    struct text text = { 0 };

    text_add_string(&text, "kept");
    assert_null(text_reserve(&text, PTRDIFF_MAX));
    assert_true(text.failed);
    assert_int_equal(text.length, 4);
    assert_memory_equal(text.data, "kept", 4);
}

static void test_numbers(UNUSED void **state)
{
    uint64_t numbers[200] = { 0, 1, 9, 10, 11, 99, 100, 101, 999, 1000, UINT32_MAX, UINT64_MAX };

    for (size_t i = 12; i < ARRAY_SIZE(numbers); i++)
        numbers[i] = numbers[i - 1] / 7 * 3 + i;
    for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
        _cleanup_(text_clear)
        struct text text = { 0 };
        char expected[64];

        text_add_unsigned(&text, numbers[i]);
        text_add_char(&text, ' ');
        text_add_hex(&text, numbers[i]);
        (void)snprintf(expected, sizeof(expected), "%" PRIu64 " %" PRIx64, numbers[i], numbers[i]);
        assert_text(&text, expected);
    }
}

static void assert_time(const char *zone, uint64_t ns, const char *expected)
{
    _cleanup_(text_clear)
    struct text text = { 0 };

    assert_int_equal(setenv("TZ", zone, 1), 0);
    tzset();
    text_add_time(&text, ns);
    assert_text(&text, expected);
}

static void test_times(UNUSED void **state)
{
    assert_time("UTC0", 0, "1970-01-01T00:00:00.000000000+00:00");
    assert_time("UTC0", 1790000000123456789, "2026-09-21T14:13:20.123456789+00:00");
    assert_time("XXX-5:30", 1790000000000000001, "2026-09-21T19:43:20.000000001+05:30");
    assert_time("XXX3:30", 1790000000000000000, "2026-09-21T10:43:20.000000000-03:30");
    assert_time("XXX0:30", 1790000000000000000, "2026-09-21T13:43:20.000000000-00:30");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces),    cmocka_unit_test(test_grows),
        cmocka_unit_test(test_no_memory), cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
