/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a record to a listener: the part of the tracer that needs no kernel. */
#include "src/source/tracer_private.h"

#include "tests/unit/source/fake_ring.h"

static size_t notices;
static uint64_t last_id;

static void count_cgroup(UNUSED void *userdata, const struct cgroup_event *event,
                         UNUSED const char *name)
{
    notices++;
    assert_int_equal(event->cgroup_id, last_id + 1);
    last_id = event->cgroup_id;
}

static const struct tracer_listener counter = { .cgroup = count_cgroup };

/* All are small: of one kind, they would be repeats. */
static void give(uint64_t first, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct cgroup_event event = { .kind = EVENT_CGROUP_BORN, .cgroup_id = first + i };

        assert_true(fake_ring_write(&event, sizeof(event), 0));
    }
}

static void begin(struct tracer *tracer)
{
    notices = last_id = 0;
    fake_ring_open(TRACER_BUFFER_MIN, &tracer->ring);
}

static void end(struct tracer *tracer)
{
    spill_clear(&tracer->spill);
    fake_ring_close(&tracer->ring);
}

/* Those that wait are shown, in order. */
static void assert_left(struct tracer *tracer, size_t count)
{
    const void *record;
    size_t size;

    while (count--) {
        record = spill_first(&tracer->spill, &size);
        assert_non_null(record);
        assert_int_equal(size, sizeof(struct cgroup_event));
        count_cgroup(NULL, record, NULL);
        spill_drop(&tracer->spill);
    }
    assert_true(spill_is_empty(&tracer->spill));
}

/* A turn whose time is over leaves the rest for the next one, and loses none of it. */
static void test_turn_ends_by_the_clock(UNUSED void **state)
{
    struct tracer tracer = {
        .listener = &counter, .batch = 100, .turn_ends_ns = 0, .spill.size_max = SPILL_BLOCK_SIZE
    };

    begin(&tracer);
    give(1, 5);
    assert_int_equal(tracer_read_ring(&tracer), 0);
    assert_int_equal(notices, 1);
    assert_left(&tracer, 4);
    end(&tracer);
}

static void test_turn_goes_on(UNUSED void **state)
{
    struct tracer tracer = { .listener = &counter, .batch = 100, .turn_ends_ns = UINT64_MAX };

    begin(&tracer);
    give(1, 5);
    assert_int_equal(tracer_read_ring(&tracer), 0);
    assert_int_equal(notices, 5);
    assert_int_equal(tracer.batch, 95);
    assert_true(spill_is_empty(&tracer.spill));
    end(&tracer);
}

/* When all room is taken the oldest are shown out of turn; without any room, each at once. */
static void test_no_room(UNUSED void **state)
{
    static struct tracer tracer;

    for (uint64_t room = 0; room <= 2; room++) {
        uint64_t given = 0;

        tracer = (struct tracer){ .listener = &counter, .spill.size_max = room * SPILL_BLOCK_SIZE };
        begin(&tracer);
        while (given < 100000) {
            give(given + 1, 1000);
            given += 1000;
            do
                assert_int_equal(tracer_read_ring(&tracer), 0);
            while (*fake_ring_read_to() != *fake_ring_written_to());
            assert_in_range(tracer.spill.size, 0, tracer.spill.size_max);
        }
        assert_left(&tracer, given - notices);
        end(&tracer);
    }
}

static struct tracer *busy;

/* Takes long over the first, and looks after the ring meanwhile. */
static void set_aside(UNUSED void *userdata, const struct cgroup_event *event,
                      UNUSED const char *name)
{
    if (!notices) {
        tracer_set_aside(busy);
        assert_int_equal(*fake_ring_read_to(), *fake_ring_written_to());
        give(6, 3);
    }
    count_cgroup(NULL, event, NULL);
}

static void test_set_aside_within_a_call(UNUSED void **state)
{
    static const struct tracer_listener listener = { .cgroup = set_aside };
    struct tracer tracer = { .listener = &listener,
                             .batch = 100,
                             .turn_ends_ns = UINT64_MAX,
                             .spill.size_max = SPILL_BLOCK_SIZE };

    begin(&tracer);
    busy = &tracer;
    give(1, 5);
    assert_int_equal(tracer_read_ring(&tracer), 0);
    assert_int_equal(notices, 1);
    assert_left(&tracer, 7);
    end(&tracer);
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
        cmocka_unit_test(test_no_room),
        cmocka_unit_test(test_set_aside_within_a_call),
        cmocka_unit_test(test_nobody_hears_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
