/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/host/lockdown.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_parse(void **state)
{
    const struct {
        const char *text;
        enum lockdown level;
    } samples[] = {
        { "[none] integrity confidentiality\n", LOCKDOWN_NONE },
        { "none [integrity] confidentiality\n", LOCKDOWN_INTEGRITY },
        { "none integrity [confidentiality]\n", LOCKDOWN_CONFIDENTIALITY },
        { "none integrity confidentiality\n", LOCKDOWN_UNKNOWN },
        { "none [integ", LOCKDOWN_UNKNOWN },
        { "", LOCKDOWN_UNKNOWN },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(samples); i++)
        assert_int_equal(lockdown_parse(samples[i].text), samples[i].level);
}

/* It is blamed for what it does, as far as it is known to be there. */
static void test_blame(UNUSED void **state)
{
    static const char *const others[] = { "module", "confidentiality" };

    for (size_t i = 0; i < ARRAY_SIZE(others); i++)
        assert_non_null(strstr(lockdown_blame(LOCKDOWN_UNKNOWN), others[i]));
    assert_non_null(strstr(lockdown_blame(LOCKDOWN_INTEGRITY), "not kernel lockdown"));
    assert_non_null(strstr(lockdown_blame(LOCKDOWN_NONE), "not kernel lockdown"));
    assert_string_equal(lockdown_blame(LOCKDOWN_CONFIDENTIALITY),
                        "that is kernel lockdown (confidentiality)");
}

/* Where the kernel says nothing, nothing is known. */
static void test_this_kernel(UNUSED void **state)
{
    if (access(LOCKDOWN_PATH, R_OK) < 0)
        assert_int_equal(lockdown_level(), LOCKDOWN_UNKNOWN);
    else
        assert_in_range(lockdown_level(), LOCKDOWN_NONE, LOCKDOWN_CONFIDENTIALITY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_blame),
        cmocka_unit_test(test_this_kernel),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
