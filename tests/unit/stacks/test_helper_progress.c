/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Of real processes: one that sleeps, one that works, one that has no turn, one that has ended. */
#include "src/stacks/helper_progress.h"

#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static pid_t child = -1;
static struct helper_progress progress;

static void start(bool works)
{
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
        (void)prctl(PR_SET_NAME, ") R (", 0, 0, 0);
        while (works)
            ;
        for (;;)
            (void)pause();
    }
    helper_progress_open(&progress, child);
}

static int tear_down(void **state)
{
    (void)state;
    helper_progress_close(&progress);
    (void)kill(child, SIGKILL);
    (void)waitpid(child, NULL, 0);
    return 0;
}

static void test_who_works_runs(void **state)
{
    (void)state;
    start(true);
    while (!helper_progress_runs(&progress))
        (void)sched_yield();
    assert_true(helper_progress_runs(&progress));
}

static void test_who_sleeps_does_not(void **state)
{
    (void)state;
    start(false);
    while (helper_progress_runs(&progress))
        (void)sched_yield(); /* it has not got there yet */
    assert_false(helper_progress_runs(&progress));
}

static void test_who_has_ended_does_not(void **state)
{
    (void)state;
    start(true);
    (void)kill(child, SIGKILL);
    (void)waitpid(child, NULL, 0);
    assert_false(helper_progress_runs(&progress));
    assert_int_equal(helper_progress_waited_ns(&progress), 0);
}

/* We work on the same processor, without end: it has to wait for its turns. */
static void test_who_has_no_turn_waits(void **state)
{
    cpu_set_t before, one;

    (void)state;
    assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
    CPU_ZERO(&one);
    CPU_SET((size_t)sched_getcpu(), &one);
    assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
    start(true);
    if (access("/proc/self/schedstat", R_OK) < 0)
        skip(); /* a kernel without CONFIG_SCHED_INFO */
    while (helper_progress_waited_ns(&progress) < 1000000)
        ;
    assert_int_equal(sched_setaffinity(0, sizeof(before), &before), 0);
}

static void test_of_nobody(void **state)
{
    struct helper_progress none = HELPER_PROGRESS_NONE;

    (void)state;
    assert_false(helper_progress_runs(&none));
    assert_int_equal(helper_progress_waited_ns(&none), 0);
    helper_progress_close(&none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_who_works_runs, tear_down),
        cmocka_unit_test_teardown(test_who_sleeps_does_not, tear_down),
        cmocka_unit_test_teardown(test_who_has_ended_does_not, tear_down),
        cmocka_unit_test_teardown(test_who_has_no_turn_waits, tear_down),
        cmocka_unit_test(test_of_nobody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
