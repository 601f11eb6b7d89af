/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A step that the kernel or a library refuses is an error: the process does not go on half
 * confined. Nothing is done for real, as it would be for good: test_symbolizer_confine.c has that.
 */
#include "src/stacks/symbolizer_private.h"

#include <errno.h>
#include <grp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/resource.h>

#include <cmocka.h>
#include <seccomp.h>

#include "src/host/powers.h"

enum step { SETGROUPS, CAPABILITIES, SETRLIMIT, FILTER, RULE, LOAD, STEPS };

static enum step failing, last; /* STEPS: none fails */
static bool keeps_uid;          /* as in a unit without the capabilities to change it */

/* -------- what may fail, in the order in which it is called -------- */

static int try(enum step step)
{
    assert_in_range(last, 0, step);
    last = step;
    if (step != failing)
        return 0;
    errno = EDQUOT; /* of no real step */
    return -1;
}

/* Another bound is lifted before, as far as that is possible. */
int setrlimit(__rlimit_resource_t resource, UNUSED const struct rlimit *limits)
{
    return resource == RLIMIT_NPROC ? -1 : try(SETRLIMIT);
}

int setgroups(UNUSED size_t count, UNUSED const gid_t *groups)
{
    return try(SETGROUPS);
}

int setresgid(UNUSED gid_t real, UNUSED gid_t effective, UNUSED gid_t saved)
{
    return 0;
}

int setresuid(UNUSED uid_t real, UNUSED uid_t effective, UNUSED uid_t saved)
{
    return 0;
}

void powers_empty_bounding_set(void)
{
}

uint64_t powers_effective(void)
{
    return keeps_uid ? 0 : UINT64_MAX;
}

int powers_keep(uint64_t kept)
{
    assert_true(kept != 0);
    return try(CAPABILITIES) < 0 ? -errno : 0;
}

scmp_filter_ctx seccomp_init(UNUSED uint32_t action)
{
    return try(FILTER) < 0 ? NULL : &last;
}

int seccomp_rule_add(UNUSED scmp_filter_ctx filter, UNUSED uint32_t action, UNUSED int call,
                     UNUSED unsigned int count, ...)
{
    return try(RULE) < 0 ? -errno : 0;
}

int seccomp_rule_add_array(UNUSED scmp_filter_ctx filter, UNUSED uint32_t action, UNUSED int call,
                           UNUSED unsigned int count, UNUSED const struct scmp_arg_cmp *arguments)
{
    return 0;
}

int seccomp_load(UNUSED const scmp_filter_ctx filter)
{
    return try(LOAD) < 0 ? -errno : 0;
}

void seccomp_release(UNUSED scmp_filter_ctx filter)
{
}

/* -------- what comes of it -------- */

static int confine(enum step that_fails)
{
    int r;

    failing = that_fails;
    last = 0;
    r = symbolizer_lay_down();
    return r < 0 ? r : symbolizer_confine(0);
}

static void test_all_goes_well(UNUSED void **state)
{
    keeps_uid = false;
    assert_int_equal(confine(STEPS), 0);
    assert_int_equal(last, LOAD);
    keeps_uid = true;
    assert_int_equal(confine(STEPS), 0);
    assert_int_equal(last, LOAD);
}

/* No later one is tried, either: what comes last is what ties its hands. */
static void test_each_step_may_fail(UNUSED void **state)
{
    keeps_uid = false;
    for (enum step step = 0; step < STEPS; step++) {
        assert_int_equal(confine(step), step == FILTER ? -ENOMEM : -EDQUOT);
        assert_int_equal(last, step);
    }
}

/* Whoever cannot change who he is does not try. */
static void test_unit_keeps_its_uid(UNUSED void **state)
{
    keeps_uid = true;
    assert_int_equal(confine(SETGROUPS), 0);
    assert_int_equal(confine(CAPABILITIES), -EDQUOT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_goes_well),
        cmocka_unit_test(test_each_step_may_fail),
        cmocka_unit_test(test_unit_keeps_its_uid),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
