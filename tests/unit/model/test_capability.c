/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/model/capability.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/capability.h>

#include <cmocka.h>

/* libcap was written by somebody else: it must agree on every name that it knows. */
static void test_names_are_those_of_libcap(UNUSED void **state)
{
    for (unsigned int i = 0; i < CAPABILITY_COUNT; i++) {
        char ours[64];
        char *theirs = cap_to_name((cap_value_t)i);

        assert_non_null(theirs);
        (void)snprintf(ours, sizeof(ours), "cap_%s", capability_name(i));
        if (theirs[0] != 'c') { /* a number: libcap is older than this capability */
            cap_free(theirs);
            continue;
        }
        assert_int_equal(strcasecmp(ours, theirs), 0);
        cap_free(theirs);
    }
    assert_null(capability_name(CAPABILITY_COUNT));
    assert_null(capability_name(63));
    assert_null(capability_name(UINT32_MAX));
}

static void assert_parsed(const char *text, unsigned int expected)
{
    unsigned int number = 99;

    assert_int_equal(capability_parse(text, strlen(text), &number), 0);
    assert_int_equal(number, expected);
}

static void assert_refused(const char *text)
{
    unsigned int number = 99;

    assert_int_equal(capability_parse(text, strlen(text), &number), -EINVAL);
    assert_int_equal(number, 99);
}

static void test_parse(UNUSED void **state)
{
    unsigned int number;

    assert_parsed("SYS_NICE", 23);
    assert_parsed("sys_nice", 23);
    assert_parsed("CAP_SYS_NICE", 23);
    assert_parsed("cap_Sys_Nice", 23);
    assert_parsed("CHOWN", 0);
    assert_parsed("0", 0);
    assert_parsed("40", 40);
    assert_parsed("63", 63);
    assert_refused("");
    assert_refused("CAP_");
    assert_refused("SYS_NIC");
    assert_refused("SYS_NICER");
    assert_refused("CAP_CAP_SYS_NICE");
    assert_refused("64");
    assert_refused("-1");
    assert_refused("+1");
    assert_refused(" 1");
    assert_refused("000");
    assert_refused("99999999999");
    assert_int_equal(capability_parse("KILL,CHOWN", 4, &number), 0); /* needs no NUL */
    assert_int_equal(number, 5);
}

static void test_round_trip(UNUSED void **state)
{
    for (unsigned int i = 0; i < CAPABILITY_COUNT; i++)
        assert_parsed(capability_name(i), i);
}

static void assert_set_names(uint64_t set, const char *expected)
{
    size_t length;
    const char *names = capability_set_names(set, &length);

    assert_int_equal(length, strlen(expected));
    assert_memory_equal(names, expected, length);
}

static void test_set_names(UNUSED void **state)
{
    size_t length;
    const char *names;

    assert_set_names(0, "");
    assert_set_names(1ULL << 23, "SYS_NICE");
    assert_set_names(1ULL << 0 | 1ULL << 5 | 1ULL << 63, "CHOWN,KILL,63");
    assert_set_names(0, "");
    names = capability_set_names(UINT64_MAX, &length);
    assert_memory_equal(names, "CHOWN,DAC_OVERRIDE,", 19);
    assert_memory_equal(names + length - 6, ",62,63", 6); /* not cut */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_are_those_of_libcap),
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_set_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
