/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/advice/judge.h"

#include "src/advice/danger.h"
#include "tests/unit/advice/checks.h"

static struct subject s;
static struct circumstances c;

static int set_up(UNUSED void **state)
{
    memset(&s, 0, sizeof(s));
    c = (struct circumstances){ .name = "web", .runtime = "docker" };
    return 0;
}

static int tear_down(UNUSED void **state)
{
    subject_clear(&s);
    return 0;
}

static void test_what_it_needs(UNUSED void **state)
{
    struct advice advice;

    add(&s, root_asks(CAP_CHOWN, SYS_fchown));
    add(&s, root_asks(CAP_SYS_NICE, SYS_setpriority));
    add(&s, root_asks(CAP_SETPCAP, SYS_capset));
    advice = judge(&s, &c);
    assert_true(advice.used == BIT(CHOWN));
    assert_true(advice.missing == BIT(SYS_NICE));
    assert_true(advice.unneeded == BIT(SETPCAP));
    assert_true(advice.need == (BIT(CHOWN) | BIT(SYS_NICE)));
    assert_true(advice.held == BOUNDING);
    assert_true(advice.unused == (BIT(DAC_OVERRIDE) | BIT(SETUID)));
}

/* The narrower one takes the place of the wider one, and is not asked for besides. */
static void test_narrower(UNUSED void **state)
{
    struct advice advice;

    add(&s, root_asks(CAP_PERFMON, SYS_perf_event_open));
    add(&s, root_may(CAP_SYS_ADMIN, SYS_perf_event_open));
    advice = judge(&s, &c);
    assert_true(advice.need == BIT(PERFMON));
    assert_true(advice.narrowed == BIT(SYS_ADMIN));
    assert_true(advice.missing == 0);
    assert_true(advice.unused & BIT(SYS_ADMIN));
    /* Something else needs the wider one: then that does for both. */
    add(&s, root_may(CAP_SYS_ADMIN, SYS_mount));
    advice = judge(&s, &c);
    assert_true(advice.need == BIT(SYS_ADMIN));
    assert_true(advice.narrowed == 0);
    assert_true(advice.unneeded == BIT(PERFMON));
}

/* To read a foreign file, what opens the files of the host is not advised. */
static void test_reader(UNUSED void **state)
{
    struct advice advice;

    add(&s, root_asks(CAP_DAC_READ_SEARCH, SYS_openat));
    add(&s, root_asks(CAP_DAC_OVERRIDE, SYS_openat));
    advice = judge(&s, &c);
    assert_true(advice.need == BIT(DAC_OVERRIDE));
    assert_true(advice.missing == 0 && advice.narrowed == 0);
    assert_true(advice.unneeded == BIT(DAC_READ_SEARCH));
}

/* Of either one, the narrower is asked for. */
static void test_neither(UNUSED void **state)
{
    add(&s, root_asks(CAP_PERFMON, SYS_perf_event_open));
    add(&s, root_asks(CAP_SYS_ADMIN, SYS_perf_event_open));
    assert_true(judge(&s, &c).need == BIT(PERFMON));
}

static void test_users(UNUSED void **state)
{
    struct advice advice;

    add(&s, nobody_asks(CAP_SYS_NICE, SYS_setpriority));
    advice = judge(&s, &c);
    assert_true(advice.unreached == BIT(SYS_NICE));
    assert_true(advice.need == 0);
    c.manner = MANNER_AMBIENT;
    advice = judge(&s, &c);
    assert_true(advice.unreached == 0 && advice.missing == BIT(SYS_NICE));
    /* Where root works, too, that of his users is left to them. */
    add(&s, root_asks(CAP_CHOWN, SYS_fchown));
    advice = judge(&s, &c);
    assert_true(advice.unreached == BIT(SYS_NICE) && advice.need == BIT(CHOWN));
}

static void test_files(UNUSED void **state)
{
    const struct started_file file = { "/bin/ping", BIT(NET_RAW) };
    struct advice advice;

    c.files = &file;
    c.file_count = 1;
    c.bounding = BIT(NET_RAW) | BIT(KILL);
    advice = judge(&s, &c);
    assert_true(advice.need == BIT(NET_RAW) && advice.files == BIT(NET_RAW));
    assert_true(advice.unused == BIT(KILL));
    assert_int_equal(advice.confidence, CONFIDENCE_PART);
}

/* That nothing was seen is not that nothing is needed. */
static void test_confidence(UNUSED void **state)
{
    assert_int_equal(judge(&s, &c).confidence, CONFIDENCE_NONE);
    c.start_seen = true;
    assert_int_equal(judge(&s, &c).confidence, CONFIDENCE_WHOLE);
    c.is_torn = true;
    assert_int_equal(judge(&s, &c).confidence, CONFIDENCE_PART);
    c.is_torn = false;
    add(&s, root_asks(CAP_SETPCAP, SYS_capset));
    assert_int_equal(judge(&s, &c).confidence, CONFIDENCE_PART);
    s.sets_own = false;
    c.start_seen = false;
    add(&s, root_asks(CAP_CHOWN, SYS_fchown));
    assert_int_equal(judge(&s, &c).confidence, CONFIDENCE_PART);
}

static void test_danger(UNUSED void **state)
{
    unsigned int order[64];
    size_t count =
        danger_order(BIT(CHOWN) | BIT(NET_RAW) | BIT(SYS_ADMIN) | BIT(SYS_MODULE), order);

    assert_int_equal(count, 4);
    assert_int_equal(order[0], CAP_SYS_MODULE);
    assert_int_equal(order[1], CAP_SYS_ADMIN);
    assert_int_equal(order[2], CAP_NET_RAW);
    assert_int_equal(order[3], CAP_CHOWN);
    assert_int_equal(danger_order(~UINT64_C(0), order), 64);
    assert_int_equal(danger_of(63), DANGER_HIGH);
    assert_int_equal(danger_of(4000), DANGER_HIGH);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_what_it_needs), TEST(test_narrower), TEST(test_reader),     TEST(test_neither),
        TEST(test_users),         TEST(test_files),    TEST(test_confidence), TEST(test_danger),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
