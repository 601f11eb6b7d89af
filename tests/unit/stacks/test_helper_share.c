/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/stacks/helper_share.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define SECOND UINT64_C(1000000000)
#define START  (1000 * SECOND)

/* Failures of a second each, until the share is used up; returns how many. */
static unsigned int use_up(struct helper_share *share, uint64_t owner, uint64_t now)
{
    unsigned int count = 0;

    while (helper_share_allows(share, owner, now)) {
        helper_share_took(share, owner, now, SECOND, false);
        assert_true(++count < 1000);
    }
    return count;
}

static void test_who_fails_waits_alone(void **state)
{
    struct helper_share share = { 0 };

    (void)state;
    assert_int_equal(use_up(&share, 1, START), HELPER_SHARE_OWNER_NS / SECOND);
    assert_false(helper_share_allows(&share, 1, START));
    assert_true(helper_share_allows(&share, 2, START));
    assert_int_equal(use_up(&share, 2, START), HELPER_SHARE_OWNER_NS / SECOND);
    helper_share_clear(&share);
    assert_true(helper_share_allows(&share, 1, START));
    helper_share_clear(&share);
}

static void test_time_forgives(void **state)
{
    struct helper_share share = { 0 };
    uint64_t one = HELPER_SHARE_PART * SECOND, now = START;

    (void)state;
    (void)use_up(&share, 1, now);
    assert_true(helper_share_allows(&share, 1, now + one));
    assert_int_equal(use_up(&share, 1, now + one), 1);
    now += 1000 * one; /* all is forgiven, and no more than all */
    assert_int_equal(use_up(&share, 1, now), HELPER_SHARE_OWNER_NS / SECOND);
    helper_share_clear(&share);
}

static void test_quick_answers_are_free(void **state)
{
    struct helper_share share = { 0 };

    (void)state;
    for (unsigned int i = 0; i < 100000; i++)
        helper_share_took(&share, 1, START, HELPER_SHARE_FREE_NS, true);
    assert_true(helper_share_allows(&share, 1, START));
    assert_int_equal(use_up(&share, 1, START), HELPER_SHARE_OWNER_NS / SECOND);
    helper_share_clear(&share);
}

static void test_slow_answers_are_not(void **state)
{
    struct helper_share share = { 0 };

    (void)state;
    for (uint64_t took = 0; took < HELPER_SHARE_OWNER_NS; took += SECOND / 10) {
        assert_true(helper_share_allows(&share, 1, START));
        helper_share_took(&share, 1, START, SECOND / 10, true);
    }
    assert_false(helper_share_allows(&share, 1, START));
    helper_share_clear(&share);
}

/* Somebody has many containers, all of which fail: new ones wait, and who is served goes on. */
static void test_many_owners(void **state)
{
    struct helper_share share = { 0 };
    uint64_t owner = 100, failed = 0;

    (void)state;
    helper_share_took(&share, 1, START, SECOND / 1000, true);
    while (helper_share_allows(&share, ++owner, START))
        failed += use_up(&share, owner, START);
    assert_int_equal(failed, HELPER_SHARE_TOTAL_NS / SECOND);
    assert_true(helper_share_allows(&share, 1, START));
    helper_share_took(&share, 1, START, SECOND, false);
    assert_false(helper_share_allows(&share, 1, START));
    assert_true(helper_share_allows(&share, owner, START + 10 * HELPER_SHARE_PART * SECOND));
    helper_share_clear(&share);
}

/* There is room for so many; who makes others be forgotten does not get his own share anew. */
static void test_room(void **state)
{
    struct helper_share share = { 0 };

    (void)state;
    (void)use_up(&share, 1, START);
    for (uint64_t owner = 2; owner < HELPER_SHARE_OWNERS * 2; owner++)
        helper_share_took(&share, owner, START, 0, true);
    assert_int_equal(share.owners.count, HELPER_SHARE_OWNERS);
    assert_false(helper_share_allows(&share, 1, START));
    helper_share_clear(&share);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_fails_waits_alone),
        cmocka_unit_test(test_time_forgives),
        cmocka_unit_test(test_quick_answers_are_free),
        cmocka_unit_test(test_slow_answers_are_not),
        cmocka_unit_test(test_many_owners),
        cmocka_unit_test(test_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
