/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the self-test makes of kernels that no machine of ours has. */
#include "src/source/self_test.h"

#include <errno.h>
#include <linux/capability.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/base/macros.h"
#include "src/host/powers.h"

#define EFFECTIVE UINT64_C(0x1ffffffffff)

static struct capability_event event(int syscall_number, bool denied)
{
    return (struct capability_event){
        .capability = CAP_SYS_ADMIN,
        .syscall = syscall_number,
        .denied = denied,
        .audit = 1,
        .effective = denied ? 0 : EFFECTIVE,
        .pid = (uint32_t)getpid(),
        .uid = getuid(),
    };
}

/* What a tracer sees on Linux 6.18: the silent check bears bit 1. */
static struct self_test good(void)
{
    struct self_test test = { .effective = EFFECTIVE, .can_allow = true };
    struct capability_event denied = event(SYS_sethostname, true);
    struct capability_event allowed = event(SYS_sethostname, false);
    struct capability_event silent = event(SYS_mmap, false);

    silent.audit = 0;
    silent.options = 2;
    self_test_observe(&test, &denied);
    self_test_observe(&test, &allowed);
    self_test_observe(&test, &silent);
    return test;
}

static void test_good(void **state)
{
    struct self_test test = good();
    struct error error;
    uint32_t noaudit;

    (void)state;
    assert_int_equal(self_test_judge(&test, true, true, &noaudit, &error), 0);
    assert_int_equal(noaudit, 2);
    assert_int_equal(self_test_judge(&test, false, true, &noaudit, &error), 0);
    assert_int_equal(noaudit, 0);
}

/* Before 5.1 a set bit asked for an audit; a backport may move it. */
static void test_bit(void **state)
{
    struct self_test test = good();
    struct error error;
    uint32_t noaudit;

    (void)state;
    test.seen[SELF_TEST_SILENT].options = 8;
    assert_int_equal(self_test_judge(&test, true, true, &noaudit, &error), 0);
    assert_int_equal(noaudit, 8);
    test.seen[SELF_TEST_DENIED].options = 8;
    assert_int_equal(self_test_judge(&test, true, true, &noaudit, &error), -EBADMSG);
    assert_non_null(strstr(error.message, "0x8"));
}

/* Linux 5.10 asks nothing at a mapping that cap_capable() would see. */
static void test_nothing_silent(void **state)
{
    struct self_test test = good();
    struct error error;
    uint32_t noaudit;

    (void)state;
    test.count[SELF_TEST_SILENT] = 0;
    test.seen[SELF_TEST_SILENT] = (struct capability_event){ 0 };
    assert_int_equal(self_test_judge(&test, true, true, &noaudit, &error), 0);
    assert_int_equal(noaudit, 0);
}

static void test_inferred(void **state)
{
    struct self_test test = good();
    struct error error;
    uint32_t noaudit;

    (void)state;
    test.seen[SELF_TEST_SILENT].audit = EVENT_UNKNOWN;
    assert_int_equal(self_test_judge(&test, false, true, &noaudit, &error), -EAGAIN);
    assert_int_equal(self_test_judge(&test, false, false, &noaudit, &error), 0);
    test.seen[SELF_TEST_SILENT].audit = 1;
    assert_int_equal(self_test_judge(&test, false, true, &noaudit, &error), -EBADMSG);
    test.seen[SELF_TEST_SILENT].audit = 0;
    test.seen[SELF_TEST_DENIED].audit = 0;
    assert_int_equal(self_test_judge(&test, false, true, &noaudit, &error), -EBADMSG);
}

static void test_wrong(void **state)
{
    struct self_test test;
    struct error error;
    uint32_t noaudit;

    (void)state;
    for (int step = SELF_TEST_DENIED; step <= SELF_TEST_ALLOWED; step++) {
        for (int what = 0; what < 5; what++) {
            test = good();
            test.count[step] -= what == 0;
            test.seen[step].denied ^= what == 1;
            test.seen[step].pid += what == 2;
            test.seen[step].uid += what == 3;
            test.seen[step].effective ^= (uint64_t)(what == 4) << CAP_SETUID;
            assert_int_equal(self_test_judge(&test, true, true, &noaudit, &error), -EBADMSG);
            assert_non_null(strstr(error.message, "self-test: "));
        }
    }
}

/* A check that is told twice is taken for the next one, and that one is not allowed. */
static void test_twice(void **state)
{
    struct self_test test = { .effective = EFFECTIVE, .can_allow = true };
    struct capability_event denied = event(SYS_sethostname, true);
    struct error error;
    uint32_t noaudit;

    (void)state;
    self_test_observe(&test, &denied);
    self_test_observe(&test, &denied);
    assert_int_equal(self_test_judge(&test, true, true, &noaudit, &error), -EBADMSG);
}

static void test_others(void **state)
{
    struct self_test test = good();
    struct capability_event other = event(SYS_mount, true);
    struct error error;
    uint32_t noaudit;

    (void)state;
    self_test_observe(&test, &other);
    other = event(SYS_sethostname, true);
    other.capability = CAP_SYS_NICE;
    self_test_observe(&test, &other);
    assert_int_equal(self_test_judge(&test, true, true, &noaudit, &error), 0);
}

/* Our own checks are made, and our capabilities are ours again. */
static void test_provoke(UNUSED void **state)
{
    struct self_test test = { 0 };
    struct error error = { 0 };
    uint64_t before = powers_effective();

    assert_int_equal(self_test_provoke(&test, &error), 0);
    assert_true(test.effective == before);
    assert_true(powers_effective() == before);
    assert_int_equal(test.can_allow, before >> CAP_SYS_ADMIN & 1);
    /* Nobody has seen them. */
    assert_int_equal(test.count[SELF_TEST_DENIED], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),           cmocka_unit_test(test_bit),
        cmocka_unit_test(test_nothing_silent), cmocka_unit_test(test_inferred),
        cmocka_unit_test(test_wrong),          cmocka_unit_test(test_twice),
        cmocka_unit_test(test_others),         cmocka_unit_test(test_provoke),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
