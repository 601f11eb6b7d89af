/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tracer says of checks that were not seen. The kernel is stood in for by functions of
 * libbpf's names: ours come first.
 */
#include "src/source/tracer_private.h"

#include <bpf/bpf.h>

#include "tests/unit/source/fake_ring.h"

/* -------- the kernel -------- */

/* Descriptors of programs, by which the kernel is asked how often they were not entered. */
enum { CHECKS = 100, BORN, GONE, EXEC };

static uint64_t misses[EXEC + 1];

int bpf_program__fd(const struct bpf_program *program)
{
    return (int)(intptr_t)program;
}

struct bpf_program *bpf_object__find_program_by_name(UNUSED const struct bpf_object *object,
                                                     const char *name)
{
    assert_string_equal(name, "capable_tracepoint");
    return (struct bpf_program *)CHECKS;
}

int bpf_obj_get_info_by_fd(int fd, void *info, UNUSED __u32 *size)
{
    assert_in_range(fd, CHECKS, EXEC);
    ((struct bpf_prog_info *)info)->recursion_misses = misses[fd];
    return 0;
}

/* -------- who listens -------- */

static uint64_t lost[LOSS_KINDS], lost_since[LOSS_KINDS], lost_cgroups;

static void on_lost(UNUSED void *userdata, enum loss_kind kind, uint64_t count, uint64_t since_ns)
{
    assert_true(count > 0);
    lost[kind] += count;
    lost_since[kind] = since_ns;
}

static void on_cgroups_lost(UNUSED void *userdata, uint64_t count)
{
    assert_true(count > 0);
    lost_cgroups += count;
}

static void on_drained(UNUSED void *userdata)
{
}

static const struct tracer_listener listener = {
    .lost = on_lost,
    .cgroups_lost = on_cgroups_lost,
    .drained = on_drained,
};

struct setting {
    struct tracer tracer;
    struct gadget_bpf skeleton;
    struct gadget_bpf__bss *bss;
};

static int set_up(void **state)
{
    struct setting *setting = calloc(1, sizeof(*setting));

    assert_non_null(setting);
    setting->bss = calloc(1, sizeof(*setting->bss));
    assert_non_null(setting->bss);
    setting->skeleton.bss = setting->bss;
    setting->skeleton.progs.cgroup_born = (struct bpf_program *)BORN;
    setting->skeleton.progs.cgroup_gone = (struct bpf_program *)GONE;
    setting->skeleton.progs.cgroup_exec = (struct bpf_program *)EXEC;
    setting->tracer = (struct tracer){ .backend = backend_find("tracepoint"),
                                       .skeleton = &setting->skeleton,
                                       .listener = &listener,
                                       .drained_ns = 77 };
    fake_ring_open(TRACER_BUFFER_MIN, &setting->tracer.ring);
    memset(misses, 0, sizeof(misses));
    memset(lost, 0, sizeof(lost));
    lost_cgroups = 0;
    *state = setting;
    return 0;
}

static int tear_down(void **state)
{
    struct setting *setting = *state;

    fake_ring_close(&setting->tracer.ring);
    free(setting->bss);
    free(setting);
    return 0;
}

/* As a processor's program counts. */
static void count(struct setting *setting, size_t line, enum counter counter, uint64_t add)
{
    setting->bss->counters[line][counter] += add;
    setting->bss->lost_any = 1;
}

/* -------- what is said -------- */

static void test_full_ring_is_said_once(void **state)
{
    struct setting *setting = *state;

    count(setting, 0, COUNTER_LOST, 3);
    count(setting, COUNTER_LINES - 1, COUNTER_LOST, 4);
    assert_int_equal(tracer_read_all(&setting->tracer), 0);
    assert_int_equal(lost[LOSS_RING_FULL], 7);
    assert_int_equal(lost_since[LOSS_RING_FULL], 77);
    assert_int_equal(tracer_read_all(&setting->tracer), 0);
    assert_int_equal(lost[LOSS_RING_FULL], 7);
    count(setting, 1, COUNTER_LOST, 1);
    assert_int_equal(tracer_read_all(&setting->tracer), 0);
    assert_int_equal(lost[LOSS_RING_FULL], 8);
    assert_int_equal(lost_cgroups, 0);
}

static void test_each_kind_is_its_own(void **state)
{
    struct setting *setting = *state;

    count(setting, 5, COUNTER_UNPAIRED, 2);
    count(setting, 6, COUNTER_LOST_CGROUPS, 9);
    assert_int_equal(tracer_read_all(&setting->tracer), 0);
    assert_int_equal(lost[LOSS_UNPAIRED], 2);
    assert_int_equal(lost[LOSS_RING_FULL], 0);
    assert_int_equal(lost_cgroups, 9);
}

static void test_garbled_record_is_a_loss(void **state)
{
    struct setting *setting = *state;
    struct capability_event garbled = { .kind = 99 };

    assert_true(fake_ring_write(&garbled, sizeof(garbled.kind), 0));
    assert_int_equal(tracer_read_all(&setting->tracer), 0);
    assert_int_equal(lost[LOSS_UNREADABLE], 1);
    assert_int_equal(tracer_read_all(&setting->tracer), 0);
    assert_int_equal(lost[LOSS_UNREADABLE], 1);
}

/* Missed by the first copy, less what the second one caught, since the trace began. */
static void test_preempted_checks_are_said(void **state)
{
    struct setting *setting = *state;

    misses[CHECKS] = 40;
    tracer_forget_misses(&setting->tracer);
    misses[CHECKS] = 60;
    setting->bss->caught_checks = 15;
    assert_int_equal(tracer_drain(&setting->tracer), 0);
    assert_int_equal(lost[LOSS_PREEMPTED], 5);
    assert_int_equal(tracer_drain(&setting->tracer), 0);
    assert_int_equal(lost[LOSS_PREEMPTED], 5);
    assert_int_equal(lost_cgroups, 0);
}

static void test_what_the_second_copy_caught_is_no_loss(void **state)
{
    struct setting *setting = *state;

    tracer_forget_misses(&setting->tracer);
    misses[CHECKS] = setting->bss->caught_checks = 12;
    assert_int_equal(tracer_drain(&setting->tracer), 0);
    assert_int_equal(lost[LOSS_PREEMPTED], 0);
}

static void test_preempted_notices_are_said(void **state)
{
    struct setting *setting = *state;

    tracer_forget_misses(&setting->tracer);
    misses[BORN] = 1;
    misses[GONE] = 2;
    misses[EXEC] = 4;
    setting->bss->caught_cgroups = 1;
    assert_int_equal(tracer_drain(&setting->tracer), 0);
    assert_int_equal(lost_cgroups, 6);
    assert_int_equal(lost[LOSS_PREEMPTED], 0);
}

/* While the back-end is tested a return may come without its entry. */
static void test_what_was_before_the_trace_is_no_loss(void **state)
{
    struct setting *setting = *state;

    count(setting, 0, COUNTER_UNPAIRED, 8);
    tracer_forget_misses(&setting->tracer);
    count(setting, 0, COUNTER_UNPAIRED, 1);
    assert_int_equal(tracer_read_all(&setting->tracer), 0);
    assert_int_equal(lost[LOSS_UNPAIRED], 1);
}

static void test_hidden_checks_are_no_loss(void **state)
{
    struct setting *setting = *state;

    count(setting, 0, COUNTER_REPEATS, 1);
    count(setting, 1, COUNTER_REPEATS, 1);
    count(setting, 2, COUNTER_OVERRIDDEN, 5);
    count(setting, 3, COUNTER_FOREIGN, 6);
    assert_int_equal(tracer_read_all(&setting->tracer), 0);
    for (size_t i = 0; i < LOSS_KINDS; i++)
        assert_int_equal(lost[i], 0);
    assert_int_equal(tracer_not_passed_up(&setting->tracer, COUNTER_REPEATS), 2);
    assert_int_equal(tracer_not_passed_up(&setting->tracer, COUNTER_OVERRIDDEN), 5);
    assert_int_equal(tracer_not_passed_up(&setting->tracer, COUNTER_FOREIGN), 6);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_full_ring_is_said_once),
        TEST(test_each_kind_is_its_own),
        TEST(test_garbled_record_is_a_loss),
        TEST(test_preempted_checks_are_said),
        TEST(test_what_the_second_copy_caught_is_no_loss),
        TEST(test_preempted_notices_are_said),
        TEST(test_what_was_before_the_trace_is_no_loss),
        TEST(test_hidden_checks_are_no_loss),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
