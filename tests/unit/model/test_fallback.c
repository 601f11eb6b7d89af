/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/model/fallback.h"

#include <linux/capability.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void test_pairs(UNUSED void **state)
{
    assert_int_equal(fallback_of(CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE), FALLBACK_TO_SECOND);
    assert_int_equal(fallback_of(CAP_BPF, CAP_SYS_ADMIN), FALLBACK_TO_FIRST);
    assert_int_equal(fallback_of(CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH), FALLBACK_NONE);
}

/* Of the others the first is the better one: that it was denied means something. */
static void test_spare(UNUSED void **state)
{
    assert_true(fallback_is_spare(CAP_DAC_READ_SEARCH));
    assert_false(fallback_is_spare(CAP_BPF));
    assert_false(fallback_is_spare(CAP_CHOWN));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pairs),
        cmocka_unit_test(test_spare),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
