/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records of every kind and size: what is understood, and what is counted as unreadable. */
#include "src/source/tracer_private.h"

#include <linux/capability.h>
#include <sys/syscall.h>

#include "src/source/self_test.h"
#include "tests/unit/source/fake_ring.h"

static struct {
    size_t checks, with_stacks;
    char name[CGROUP_NAME_SIZE]; /* of the last birth; "" where it has none */
} heard;

static void on_capability(UNUSED void *userdata, UNUSED const struct capability_event *event,
                          const struct capability_stacks *stacks)
{
    heard.checks++;
    heard.with_stacks += stacks != NULL;
}

static void on_cgroup(UNUSED void *userdata, UNUSED const struct cgroup_event *event,
                      const char *name)
{
    (void)snprintf(heard.name, sizeof(heard.name), "%s", name ? name : "");
}

static const struct tracer_listener hearer = { .capability = on_capability, .cgroup = on_cgroup };

static struct tracer tracer;

static int set_up(UNUSED void **state)
{
    memset(&heard, 0, sizeof(heard));
    tracer = (struct tracer){ .listener = &hearer };
    fake_ring_open(TRACER_BUFFER_MIN, &tracer.ring);
    return 0;
}

static int tear_down(UNUSED void **state)
{
    fake_ring_close(&tracer.ring);
    return 0;
}

/* Through the ring, so many bytes of it. */
static void give(const void *record, size_t size)
{
    tracer.batch = 100;
    tracer.turn_ends_ns = UINT64_MAX;
    assert_true(fake_ring_write(record, size, 0));
    assert_int_equal(tracer_read_ring(&tracer), 0);
    assert_true(spill_is_empty(&tracer.spill));
}

/* A check with these flags, cut after `size` bytes; returns whether it was understood. */
static bool check(uint32_t flags, size_t size)
{
    struct capability_event_stacks record = {
        .event = { .kind = EVENT_CAPABILITY, .flags = flags, .capability = CAP_SYS_ADMIN },
    };
    uint64_t before = tracer.unreadable;

    record.event.syscall = SYS_sethostname;
    give(&record, size);
    return tracer.unreadable == before;
}

/* What is cut short is counted, and not looked at. */
static void test_checks_of_every_size(UNUSED void **state)
{
    size_t plain = sizeof(struct capability_event), whole = sizeof(struct capability_event_stacks);

    assert_false(check(0, plain - 1));
    assert_false(check(EVENT_KERNEL_STACK, KERNEL_STACK_RECORD_SIZE - 1));
    assert_false(check(EVENT_USER_STACK, KERNEL_STACK_RECORD_SIZE));
    assert_false(check(EVENT_KERNEL_STACK | EVENT_USER_STACK, whole - 1));
    assert_int_equal(heard.checks, 0);
    assert_true(check(0, plain));
    assert_int_equal(heard.with_stacks, 0);
    assert_true(check(EVENT_KERNEL_STACK, KERNEL_STACK_RECORD_SIZE));
    assert_true(check(EVENT_USER_STACK, whole));
    assert_int_equal(heard.checks, 3);
    assert_int_equal(heard.with_stacks, 2);
}

/* Our own checks are seen by the self-test alone, and by nobody when there is none. */
static void test_checks_of_the_self_test(UNUSED void **state)
{
    struct self_test test = { 0 };

    assert_true(check(EVENT_SELF_TEST, sizeof(struct capability_event)));
    tracer.self_test = &test;
    assert_true(check(EVENT_SELF_TEST, sizeof(struct capability_event)));
    assert_int_equal(test.count[SELF_TEST_DENIED], 1);
    assert_int_equal(heard.checks, 0);
}

/* The kernel copies as much of a name as there is: one without an end is none. */
static void test_names_of_births(UNUSED void **state)
{
    struct cgroup_birth birth = { .event = { .kind = EVENT_CGROUP_BORN } };
    size_t head = sizeof(birth.event);

    memset(birth.name, 'x', sizeof(birth.name));
    give(&birth, sizeof(birth));
    assert_string_equal(heard.name, "");
    memcpy(birth.name, "web", 4);
    give(&birth, head + 3);
    assert_string_equal(heard.name, "");
    give(&birth, head + 4);
    assert_string_equal(heard.name, "web");
    birth.event.kind = EVENT_CGROUP_GONE;
    give(&birth, head + 4);
    assert_string_equal(heard.name, "");
    give(&birth, head - 1);
    assert_int_equal(tracer.unreadable, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_checks_of_every_size),
        TEST(test_checks_of_the_self_test),
        TEST(test_names_of_births),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
