/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a record to a listener: the part of the tracer that needs no kernel. */
#include "src/source/tracer_private.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static size_t notices;

static void count_cgroup(UNUSED void *userdata, UNUSED const struct cgroup_event *event,
                         UNUSED const char *name)
{
    notices++;
}

static const struct tracer_listener counter = { .cgroup = count_cgroup };

static void give(struct tracer *tracer, size_t count)
{
    struct cgroup_event event = { .kind = EVENT_CGROUP_BORN };

    notices = 0;
    for (size_t i = 0; i < count; i++)
        assert_int_equal(tracer_on_record(tracer, &event, sizeof(event)), 0);
}

/* A turn whose time is over leaves the rest for the next one, and loses none of it. */
static void test_turn_ends_by_the_clock(UNUSED void **state)
{
    struct tracer tracer = { .listener = &counter, .batch = 100, .turn_ends_ns = 0 };

    give(&tracer, 5);
    assert_int_equal(notices, 1);
    assert_false(spill_is_empty(&tracer.spill));
    for (size_t left = 4; left; left--) {
        size_t size;

        assert_non_null(spill_first(&tracer.spill, &size));
        assert_int_equal(size, sizeof(struct cgroup_event));
        spill_drop(&tracer.spill);
    }
    assert_true(spill_is_empty(&tracer.spill));
    spill_clear(&tracer.spill);
}

static void test_turn_goes_on(UNUSED void **state)
{
    struct tracer tracer = { .listener = &counter, .batch = 100, .turn_ends_ns = UINT64_MAX };

    give(&tracer, 5);
    assert_int_equal(notices, 5);
    assert_int_equal(tracer.batch, 95);
    assert_true(spill_is_empty(&tracer.spill));
}

/* Whatever the tracer has to say while a back-end is tried out has somewhere to go. */
static void test_nobody_hears_everything(UNUSED void **state)
{
    struct capability_event event = { 0 };
    struct cgroup_event cgroup = { 0 };
    struct error error = { 0 };

    tracer_nobody.capability(NULL, &event, NULL);
    tracer_nobody.cgroup(NULL, &cgroup, NULL);
    tracer_nobody.drained(NULL);
    tracer_nobody.lost(NULL, LOSS_RING_FULL, 1, 0);
    tracer_nobody.cgroups_lost(NULL, 1);
    tracer_nobody.failed(NULL, &error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_turn_ends_by_the_clock),
        cmocka_unit_test(test_turn_goes_on),
        cmocka_unit_test(test_nobody_hears_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
