/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A denial that the next check of the thread answers is no row, and is counted; any other one is a
 * row. */
#include "src/trace/fold.h"
#include "tests/unit/trace/pipeline_world.h"

#define THREADS     (FOLDS_MAX + 2)

#define OVERRIDE    1
#define READ_SEARCH 2

static void ask(uint32_t tid, uint8_t capability, bool denied, int32_t syscall)
{
    fake_check(&(struct capability_event){
        .cgroup_id = WEB,
        .pid = tid,
        .tid = tid,
        .capability = capability,
        .denied = denied,
        .syscall = syscall,
        .comm = "cat",
    });
}

static int set_up_fold(void **state)
{
    int r = set_up(state);

    t.options.fold = true;
    return r;
}

static void test_answered(UNUSED void **state)
{
    start();
    ask(7, READ_SEARCH, true, 257);
    ask(8, READ_SEARCH, true, 257);
    assert_int_equal(count_rows(), 0);
    ask(8, OVERRIDE, false, 257);
    ask(7, OVERRIDE, false, 257);
    assert_int_equal(count_rows(), 2);
    assert_string_equal(last_row("capName"), "DAC_OVERRIDE");
    finish();
    assert_int_equal(t.counts.shown, 2);
    assert_int_equal(t.counts.folded, 2);
    assert_int_equal(t.counts.denied, 0);
}

/* Denied too, in another call, another capability, or not asked again: each is a row, in order. */
static void test_not_answered(UNUSED void **state)
{
    start();
    ask(7, READ_SEARCH, true, 257);
    ask(7, OVERRIDE, true, 257);
    ask(7, READ_SEARCH, true, 257);
    ask(7, OVERRIDE, false, 258);
    ask(7, READ_SEARCH, true, 257);
    ask(7, 23, false, 257);
    assert_int_equal(count_rows(), 6);
    ask(7, READ_SEARCH, true, 304);
    assert_int_equal(count_rows(), 6);
    finish();
    assert_int_equal(count_rows(), 7);
    assert_string_equal(last_row("capName"), "DAC_READ_SEARCH");
    assert_int_equal(t.counts.shown, 7);
    assert_int_equal(t.counts.folded, 0);
    assert_int_equal(t.counts.denied, 5);
}

/* Nobody has to ask again for it to be shown. */
static void test_it_is_not_held_for_long(UNUSED void **state)
{
    start();
    ask(7, READ_SEARCH, true, 304);
    fake_drained();
    RUN_UNTIL(count_rows() == 1);
}

/* More threads than there is room for. */
static void test_bound(UNUSED void **state)
{
    start();
    for (uint32_t tid = 1; tid <= THREADS; tid++)
        ask(tid, READ_SEARCH, true, 257);
    assert_int_equal(count_rows(), 2);
    finish();
    assert_int_equal(count_rows(), THREADS);
}

static void test_without(UNUSED void **state)
{
    t.options.fold = false;
    start();
    ask(7, READ_SEARCH, true, 257);
    ask(7, OVERRIDE, false, 257);
    assert_int_equal(count_rows(), 2);
}

#define FOLD_TEST(function) cmocka_unit_test_setup_teardown(function, set_up_fold, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOLD_TEST(test_answered),
        FOLD_TEST(test_not_answered),
        FOLD_TEST(test_it_is_not_held_for_long),
        FOLD_TEST(test_bound),
        FOLD_TEST(test_without),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
