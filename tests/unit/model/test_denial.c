/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/model/denial.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define NICE     23
#define NICE_BIT (UINT64_C(1) << NICE)

static enum denial denied(uint64_t effective, uint64_t permitted, uint64_t bounding, uint32_t flags)
{
    return denial_of(&(struct capability_event){
        .capability = NICE,
        .denied = 1,
        .effective = effective,
        .permitted = permitted,
        .bounding = bounding,
        .flags = flags,
    });
}

static void test_sets(UNUSED void **state)
{
    assert_int_equal(denied(0, 0, 0, 0), DENIAL_BOUNDING);
    assert_int_equal(denied(~NICE_BIT, ~NICE_BIT, ~NICE_BIT, 0), DENIAL_BOUNDING);
    assert_int_equal(denied(0, 0, NICE_BIT, 0), DENIAL_PERMITTED);
    assert_int_equal(denied(0, NICE_BIT, NICE_BIT, 0), DENIAL_EFFECTIVE);
    /* Dropped from the bounding set, and kept. */
    assert_int_equal(denied(0, NICE_BIT, 0, 0), DENIAL_EFFECTIVE);
}

static void test_namespace(UNUSED void **state)
{
    assert_int_equal(denied(~UINT64_C(0), ~UINT64_C(0), ~UINT64_C(0), EVENT_OUT_OF_REACH),
                     DENIAL_NAMESPACE);
    assert_int_equal(denied(0, 0, 0, EVENT_OUT_OF_REACH), DENIAL_NAMESPACE);
    /* Nothing that we know of denies what a process has where it has power. */
    assert_int_equal(denied(NICE_BIT, NICE_BIT, NICE_BIT, 0), DENIAL_NONE);
}

static void test_allowed(UNUSED void **state)
{
    const struct capability_event event = { .capability = NICE };

    assert_int_equal(denial_of(&event), DENIAL_NONE);
    assert_null(denial_word(DENIAL_NONE));
    assert_null(denial_sentence(DENIAL_NONE));
}

/* The kernel's number is a byte of 64 at most, but it comes from outside. */
static void test_number(UNUSED void **state)
{
    const struct capability_event event = { .capability = 255, .denied = 1 };

    assert_int_equal(denial_of(&event), DENIAL_BOUNDING);
}

static void test_words(UNUSED void **state)
{
    for (enum denial denial = DENIAL_NAMESPACE; denial < DENIALS; denial++) {
        assert_non_null(denial_word(denial));
        assert_true(strlen(denial_sentence(denial)) > 40);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sets),    cmocka_unit_test(test_namespace),
        cmocka_unit_test(test_allowed), cmocka_unit_test(test_number),
        cmocka_unit_test(test_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
