/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/advice/evidence.h"

#include "tests/unit/advice/checks.h"

static struct subject s;

static int set_up(UNUSED void **state)
{
    memset(&s, 0, sizeof(s));
    return 0;
}

static int tear_down(UNUSED void **state)
{
    subject_clear(&s);
    return 0;
}

static void assert_uses(unsigned int capability, enum use use, uint64_t count)
{
    for (enum use other = 0; other < USES; other++)
        assert_int_equal(subject_uses(&s, capability, other), other == use ? count : 0);
}

static void test_granted_and_missed(UNUSED void **state)
{
    add(&s, root_asks(CAP_CHOWN, SYS_fchown));
    add(&s, root_asks(CAP_CHOWN, SYS_fchown));
    add(&s, root_asks(CAP_SYS_NICE, SYS_setpriority));
    assert_uses(CAP_CHOWN, USE_GRANTED, 2);
    assert_uses(CAP_SYS_NICE, USE_MISSED, 1);
    assert_uses(CAP_KILL, USE_GRANTED, 0);
    assert_int_equal(s.checks, 3);
    assert_true(s.bounding == BOUNDING && s.has_root);
}

static void test_user(UNUSED void **state)
{
    add(&s, nobody_asks(CAP_CHOWN, SYS_fchown));
    assert_uses(CAP_CHOWN, USE_UNPRIVILEGED, 1);
    assert_false(s.has_root);
    s.root = 1000; /* of a user namespace: it is root after all */
    add(&s, nobody_asks(CAP_SYS_NICE, SYS_setpriority));
    assert_uses(CAP_SYS_NICE, USE_MISSED, 1);
}

/* Rows do not say who is root in a user namespace: whoever has any capability in there. */
static void test_root_of_rows(UNUSED void **state)
{
    struct capability_event event = nobody_asks(CAP_SYS_NICE, SYS_setpriority);

    s.root_unknown = true;
    event.current_level = event.target_level = 1;
    add(&s, event);
    assert_uses(CAP_SYS_NICE, USE_UNPRIVILEGED, 1);
    event.permitted = event.effective = BIT(CHOWN);
    event.capability = CAP_KILL;
    add(&s, event);
    assert_uses(CAP_KILL, USE_MISSED, 1);
}

/* What the container has, and the program has laid down. */
static void test_given_up(UNUSED void **state)
{
    struct capability_event event = root_asks(CAP_CHOWN, SYS_fchown);

    event.denied = 1;
    event.effective = 0;
    add(&s, event);
    assert_uses(CAP_CHOWN, USE_GIVEN_UP, 1);
    event.permitted = 0;
    add(&s, event);
    assert_uses(CAP_CHOWN, USE_GIVEN_UP, 2);
}

static void test_namespaces(UNUSED void **state)
{
    struct capability_event inside = root_asks(CAP_SYS_ADMIN, SYS_mount);
    struct capability_event outside = inside;

    outside.flags = EVENT_OUT_OF_REACH;
    add(&s, outside);
    assert_uses(CAP_SYS_ADMIN, USE_UNREACHABLE, 1);
    inside.target_level = 1;
    inside.denied = 0;
    inside.capability = CAP_SYS_CHROOT;
    add(&s, inside);
    assert_uses(CAP_SYS_CHROOT, USE_INSIDE, 1);
    /* From a namespace of its own it asks outside of it. */
    outside.current_level = 1;
    outside.capability = CAP_SYS_NICE;
    outside.bounding = ~UINT64_C(0);
    add(&s, outside);
    assert_uses(CAP_SYS_NICE, USE_INSIDE, 1);
    assert_true(s.bounding == BOUNDING);
}

/* A container that lies in a user namespace from the beginning. */
static void test_container_in_namespace(UNUSED void **state)
{
    struct capability_event event = root_asks(CAP_CHOWN, SYS_fchown);

    event.current_level = event.target_level = 2;
    add(&s, event);
    assert_uses(CAP_CHOWN, USE_GRANTED, 1);
    assert_int_equal(s.level, 2);
}

static void test_advisory(UNUSED void **state)
{
    struct capability_event event = root_asks(CAP_SETPCAP, SYS_capset);

    add(&s, event);
    assert_uses(CAP_SETPCAP, USE_ADVISORY, 1);
    assert_non_null(s.evidence[CAP_SETPCAP]->advisory);
    event.syscall = SYS_prctl; /* there it is wanted */
    add(&s, event);
    assert_int_equal(subject_uses(&s, CAP_SETPCAP, USE_MISSED), 1);
    event = root_asks(CAP_SYS_ADMIN, SYS_mmap);
    event.audit = EVENT_UNKNOWN;
    add(&s, event);
    assert_uses(CAP_SYS_ADMIN, USE_ADVISORY, 1);
    event.syscall = SYS_mount;
    add(&s, event);
    assert_int_equal(subject_uses(&s, CAP_SYS_ADMIN, USE_MISSED), 1);
}

/* First PERFMON, in vain, then SYS_ADMIN. */
static void test_wider_did(UNUSED void **state)
{
    add(&s, root_asks(CAP_PERFMON, SYS_perf_event_open));
    assert_uses(CAP_PERFMON, USE_MISSED, 1);
    add(&s, root_may(CAP_SYS_ADMIN, SYS_perf_event_open));
    assert_uses(CAP_PERFMON, USE_COVERED, 1);
    assert_uses(CAP_SYS_ADMIN, USE_FALLBACK, 1);
    assert_true(s.evidence[CAP_SYS_ADMIN]->narrower == BIT(PERFMON));
}

/* First DAC_READ_SEARCH, in vain, then DAC_OVERRIDE: for reading. The first is not missed, whatever
 * the answer to the second, and whoever asks. */
static void test_harmless_one(UNUSED void **state)
{
    struct capability_event denied = root_asks(CAP_DAC_OVERRIDE, SYS_openat);

    denied.denied = 1;
    denied.effective = denied.permitted = denied.bounding = BIT(CHOWN);
    add(&s, root_asks(CAP_DAC_READ_SEARCH, SYS_openat));
    assert_uses(CAP_DAC_READ_SEARCH, USE_MISSED, 1);
    add(&s, root_may(CAP_DAC_OVERRIDE, SYS_openat));
    assert_uses(CAP_DAC_READ_SEARCH, USE_COVERED, 1);
    assert_uses(CAP_DAC_OVERRIDE, USE_GRANTED, 1);
    add(&s, root_asks(CAP_DAC_READ_SEARCH, SYS_openat));
    add(&s, denied);
    add(&s, nobody_asks(CAP_DAC_READ_SEARCH, SYS_openat));
    add(&s, nobody_asks(CAP_DAC_OVERRIDE, SYS_openat));
    assert_uses(CAP_DAC_READ_SEARCH, USE_COVERED, 3);
    assert_int_equal(subject_uses(&s, CAP_DAC_OVERRIDE, USE_MISSED), 1);
    assert_int_equal(subject_uses(&s, CAP_DAC_OVERRIDE, USE_UNPRIVILEGED), 1);
    assert_true(s.evidence[CAP_DAC_OVERRIDE]->narrower == 0);
}

static void test_none_did(UNUSED void **state)
{
    add(&s, root_asks(CAP_PERFMON, SYS_perf_event_open));
    add(&s, root_asks(CAP_SYS_ADMIN, SYS_perf_event_open));
    assert_uses(CAP_PERFMON, USE_MISSED, 1);
    assert_uses(CAP_SYS_ADMIN, USE_COVERED, 1);
}

/* Another thread, call or capability stands for itself. */
static void test_not_related(UNUSED void **state)
{
    struct capability_event event = root_asks(CAP_DAC_OVERRIDE, SYS_openat);

    add(&s, root_asks(CAP_DAC_READ_SEARCH, SYS_openat));
    event.tid = 8;
    add(&s, event);
    add(&s, root_asks(CAP_DAC_READ_SEARCH, SYS_openat));
    event = root_asks(CAP_DAC_OVERRIDE, SYS_unlinkat);
    add(&s, event);
    add(&s, root_asks(CAP_DAC_READ_SEARCH, SYS_openat));
    add(&s, root_asks(CAP_CHOWN, SYS_openat));
    assert_uses(CAP_DAC_READ_SEARCH, USE_MISSED, 3);
    assert_uses(CAP_DAC_OVERRIDE, USE_GRANTED, 2);
}

static void add_many(unsigned int capability, int syscall, uint64_t count)
{
    struct capability_event event = root_asks(capability, syscall);

    assert_int_equal(subject_add(&s, &event, count), 0);
}

/* Where they are counted within a second, the answers to the last may be among those that came. */
static void test_counted(UNUSED void **state)
{
    add_many(CAP_DAC_READ_SEARCH, SYS_openat, 5);
    add_many(CAP_DAC_OVERRIDE, SYS_openat, 7);
    add_many(CAP_DAC_READ_SEARCH, SYS_openat, 2);
    assert_uses(CAP_DAC_READ_SEARCH, USE_COVERED, 7);
    assert_uses(CAP_DAC_OVERRIDE, USE_GRANTED, 7);
    assert_int_equal(s.checks, 14);
    add_many(CAP_DAC_READ_SEARCH, SYS_open_by_handle_at, 3);
    assert_int_equal(subject_uses(&s, CAP_DAC_READ_SEARCH, USE_MISSED), 3);
}

/* That both were denied answers nothing. */
static void test_counted_in_vain(UNUSED void **state)
{
    for (int i = 0; i < 2; i++) {
        add_many(CAP_PERFMON, SYS_perf_event_open, 4);
        add_many(CAP_SYS_ADMIN, SYS_perf_event_open, 4);
    }
    assert_uses(CAP_PERFMON, USE_MISSED, 8);
    assert_uses(CAP_SYS_ADMIN, USE_COVERED, 8);
}

/* Who asked is kept up to a bound, and counted beyond. */
static void test_examples(UNUSED void **state)
{
    struct capability_event event = root_asks(CAP_CHOWN, SYS_fchown);

    for (unsigned int i = 0; i < EVIDENCE_EXAMPLES_MAX + 3; i++) {
        event.comm[0] = (char)('a' + i);
        add(&s, event);
        add(&s, event);
    }
    assert_int_equal(s.evidence[CAP_CHOWN]->example_count, EVIDENCE_EXAMPLES_MAX);
    assert_int_equal(s.evidence[CAP_CHOWN]->examples[0].count, 2);
    assert_int_equal(s.evidence[CAP_CHOWN]->more, 6);
}

static void test_strange_number(UNUSED void **state)
{
    struct capability_event event = root_asks(0, 1 << 30);

    event.capability = 255;
    event.tid = UINT32_MAX;
    add(&s, event);
    assert_int_equal(s.checks, 1);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_granted_and_missed), TEST(test_user),         TEST(test_given_up),
        TEST(test_namespaces),         TEST(test_advisory),     TEST(test_container_in_namespace),
        TEST(test_wider_did),          TEST(test_harmless_one), TEST(test_none_did),
        TEST(test_not_related),        TEST(test_examples),     TEST(test_strange_number),
        TEST(test_root_of_rows),       TEST(test_counted),      TEST(test_counted_in_vain),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
