/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tracer on a loop: when it looks at the ring, when it sleeps, and that a storm keeps neither
 * records nor others waiting. The ring is the test's, and so is what the kernel says of it:
 * functions of the same names come first here.
 */
#include "src/source/tracer_private.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>

#include <bpf/bpf.h>

#include "src/base/clock.h"
#include "src/source/policy_table.h"
#include "tests/unit/source/fake_ring.h"

/* More than one turn shows, in a ring that has room for them. */
#define STORM     10000
#define RING_SIZE (1 << 20)

static struct {
    sd_event *event;
    struct tracer tracer;
    struct gadget_bpf skeleton;
    struct gadget_bpf__bss bss;
    int alarm;            /* readable: the kernel wakes its reader up */
    uint32_t made, shown; /* in order */
    size_t drained, failed, turns_of_others, detached;
    size_t lost[LOSS_KINDS], lost_cgroups;
    uint64_t misses;
} t;

/* -------- libbpf's -------- */

int bpf_program__fd(UNUSED const struct bpf_program *program)
{
    return -1;
}

struct bpf_program *bpf_object__find_program_by_name(UNUSED const struct bpf_object *object,
                                                     UNUSED const char *name)
{
    return NULL;
}

int bpf_obj_get_info_by_fd(UNUSED int fd, void *info, UNUSED __u32 *size)
{
    ((struct bpf_prog_info *)info)->recursion_misses = t.misses;
    return 0;
}

void bpf_object__detach_skeleton(UNUSED struct bpf_object_skeleton *skeleton)
{
    t.detached++;
}

/* Whether the ring has anything: that may be without a wake-up. */
int poll(UNUSED struct pollfd *fds, UNUSED nfds_t count, UNUSED int timeout)
{
    return *fake_ring_read_to() != *fake_ring_written_to();
}

/* -------- who listens -------- */

static void on_cgroup(UNUSED void *userdata, const struct cgroup_event *event, const char *name)
{
    assert_int_equal(event->cgroup_id, t.shown);
    assert_int_equal(t.bss.reader_state, READER_BUSY);
    assert_null(name);
    t.shown++;
}

static void on_drained(UNUSED void *userdata)
{
    uint64_t count;

    (void)!read(t.alarm, &count, sizeof(count));
    assert_int_equal(t.shown, t.made);
    t.drained++;
}

static void on_lost(UNUSED void *userdata, enum loss_kind kind, uint64_t count,
                    UNUSED uint64_t since_ns)
{
    t.lost[kind] += count;
}

static void on_cgroups_lost(UNUSED void *userdata, uint64_t count)
{
    t.lost_cgroups += count;
}

static void on_failed(UNUSED void *userdata, const struct error *error)
{
    assert_int_equal(error->code, -ENODEV);
    assert_non_null(strstr(error->message, "cannot read the ring buffer: "));
    t.failed++;
}

/* -------- the stage -------- */

/* Somebody else who always has something to do. */
static int count_turn(UNUSED sd_event_source *source, UNUSED int fd, UNUSED uint32_t events,
                      UNUSED void *userdata)
{
    t.turns_of_others++;
    return 0;
}

static void start_waiting(void)
{
    t.tracer.ring.fd = t.alarm;
    assert_true(tracer_start(&t.tracer, t.event) >= 0);
}

static int set_up(UNUSED void **state)
{
    static const struct tracer_listener listener = {
        .cgroup = on_cgroup,
        .drained = on_drained,
        .lost = on_lost,
        .cgroups_lost = on_cgroups_lost,
        .failed = on_failed,
    };

    memset(&t, 0, sizeof(t));
    t.alarm = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    assert_true(t.alarm >= 0);
    t.skeleton.bss = &t.bss;
    t.tracer = (struct tracer){
        .backend = backend_find("tracepoint"),
        .skeleton = &t.skeleton,
        .listener = &listener,
        .missed_read_ns = clock_ns(CLOCK_BOOTTIME),
        .spill.size_max = RING_SIZE,
    };
    fake_ring_open(RING_SIZE, &t.tracer.ring);
    return sd_event_new(&t.event) < 0 ? -1 : 0;
}

static int tear_down(UNUSED void **state)
{
    sd_event_source_unref(t.tracer.readable);
    sd_event_source_unref(t.tracer.tick);
    spill_clear(&t.tracer.spill);
    sd_event_unref(t.event);
    close_fd(&t.alarm);
    fake_ring_close(&t.tracer.ring);
    return 0;
}

/* The kernel's side: so many records. */
static void put_records(uint32_t count)
{
    while (count--) {
        const struct cgroup_event event = { .kind = EVENT_CGROUP_GONE, .cgroup_id = t.made++ };

        assert_true(fake_ring_write(&event, sizeof(event), 0));
    }
}

/* The whole ring is mapped by its first record; from then on its descriptor is for waiting only. */
static void start(void)
{
    put_records(1);
    assert_int_equal(tracer_drain(&t.tracer), 0);
    t.made = t.shown = 0;
    t.drained = 0;
    start_waiting();
}

/* And a word to a reader that sleeps. */
static void write_records(uint32_t count)
{
    put_records(count);
    if (t.bss.reader_state == READER_IDLE)
        assert_int_equal(eventfd_write(t.alarm, 1), 0);
}

/* Until `condition`; the guard is against hanging only. */
#define RUN_UNTIL(condition)                                 \
    do {                                                     \
        for (int turns_ = 0; !(condition); turns_++) {       \
            assert_in_range(turns_, 0, 100000);              \
            assert_true(sd_event_run(t.event, 100000) >= 0); \
        }                                                    \
    } while (0)

/* -------- when it looks -------- */

static void test_shows_what_comes(UNUSED void **state)
{
    start();
    write_records(3);
    RUN_UNTIL(t.drained);
    assert_int_equal(t.shown, 3);
    assert_int_equal(t.bss.reader_state, READER_TIMER); /* nobody has to wake it up for now */
    write_records(2);
    RUN_UNTIL(t.shown == 5);
}

static void test_sleeps_and_is_woken_up(UNUSED void **state)
{
    size_t drained;

    start();
    RUN_UNTIL(t.bss.reader_state == READER_IDLE);
    RUN_UNTIL(t.tracer.dozing);
    drained = t.drained;
    /* Its one more look finds nothing, and it stays asleep. */
    assert_int_equal(sd_event_run(t.event, 50000), 1);
    assert_int_equal(sd_event_run(t.event, 50000), 0);
    assert_int_equal(t.drained, drained);
    write_records(4);
    RUN_UNTIL(t.shown == 4);
    assert_int_equal(t.bss.reader_state, READER_TIMER);
}

/* A writer that had looked before we fell asleep wakes nobody. */
static void test_last_look_finds_who_was_late(UNUSED void **state)
{
    start();
    RUN_UNTIL(t.tracer.dozing);
    put_records(1);
    RUN_UNTIL(t.shown == 1);
}

/* -------- a storm -------- */

static void test_storm_keeps_order_and_others(UNUSED void **state)
{
    int busy = eventfd(1, EFD_CLOEXEC);
    sd_event_source *others;

    start();
    assert_true(sd_event_add_io(t.event, &others, busy, EPOLLIN, count_turn, NULL) >= 0);
    write_records(STORM);
    RUN_UNTIL(t.shown);
    assert_in_range(t.shown, 1, STORM - 1); /* one turn is not all */
    assert_int_equal(t.drained, 0);
    t.turns_of_others = 0;
    RUN_UNTIL(t.shown == STORM);
    assert_true(t.turns_of_others > 0);
    RUN_UNTIL(t.drained);
    sd_event_source_disable_unref(others);
    (void)close(busy);
}

static void test_end_takes_all(UNUSED void **state)
{
    put_records(STORM);
    assert_int_equal(tracer_drain(&t.tracer), 0);
    assert_int_equal(t.shown, STORM);
    assert_int_equal(t.drained, 1);
}

/* -------- what goes wrong -------- */

static void test_unreadable_ring(UNUSED void **state)
{
    start_waiting(); /* what is waited on here cannot be mapped */
    put_records(1);
    RUN_UNTIL(t.failed);
    assert_int_equal(t.drained, 0);
    assert_int_equal(tracer_drain(&t.tracer), -ENODEV);
    assert_int_equal(t.drained, 0);
}

/* The kernel is asked every second; what two looks agree upon is said. */
static void test_misses_are_said_while_it_runs(UNUSED void **state)
{
    start();
    t.misses = 5;
    for (size_t i = 0; i < 2; i++) {
        size_t drained = t.drained;

        assert_int_equal(t.lost[LOSS_PREEMPTED], 0);
        t.tracer.missed_read_ns = 0; /* long ago */
        write_records(1);
        RUN_UNTIL(t.drained > drained);
    }
    assert_int_equal(t.lost[LOSS_PREEMPTED], 5);
    assert_true(t.lost_cgroups > 0);
}

/* -------- its other words -------- */

static void test_counts_begin_at_the_start(UNUSED void **state)
{
    t.bss.counters[0][COUNTER_FILTERED] = 7;
    start();
    t.bss.counters[1][COUNTER_FILTERED] = 2;
    assert_int_equal(tracer_not_passed_up(&t.tracer, COUNTER_FILTERED), 2);
}

static void test_policies(UNUSED void **state)
{
    uint64_t set = 0;

    assert_int_equal(tracer_set_policy(&t.tracer, 42, POLICY_IGNORE), 0);
    assert_int_equal(policy_table_get((uint64_t *)t.bss.policy_table, 42), POLICY_IGNORE);
    assert_int_equal(tracer_policy_misses(&t.tracer), 0);
    for (uint64_t id = 43; tracer_set_policy(&t.tracer, id, POLICY_IGNORE) >= 0; id++)
        set++;
    assert_true(set > POLICY_SLOTS / 4);
    assert_int_equal(tracer_policy_misses(&t.tracer), 1);
}

static void test_stop_detaches(UNUSED void **state)
{
    tracer_stop(&t.tracer);
    assert_int_equal(t.detached, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_shows_what_comes),
        TEST(test_sleeps_and_is_woken_up),
        TEST(test_last_look_finds_who_was_late),
        TEST(test_storm_keeps_order_and_others),
        TEST(test_end_takes_all),
        TEST(test_unreadable_ring),
        TEST(test_misses_are_said_while_it_runs),
        TEST(test_counts_begin_at_the_start),
        TEST(test_policies),
        TEST(test_stop_detaches),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
