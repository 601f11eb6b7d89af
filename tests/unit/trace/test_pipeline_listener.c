/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who listens to a pipeline instead of a sink. */
#include "tests/unit/trace/pipeline_world.h"

static struct {
    size_t subjects, programs, records, folded;
    bool start_seen;
} heard;

static void on_subject(UNUSED void *userdata, const struct pipeline_subject *subject)
{
    heard.subjects++;
    heard.start_seen = subject->start_seen;
}

static void on_program(UNUSED void *userdata, UNUSED const struct container *container, pid_t pid)
{
    assert_int_equal(pid, 77);
    heard.programs++;
}

static void on_record(UNUSED void *userdata, const struct record *record)
{
    assert_non_null(record->container);
    heard.records++;
}

/* Who listens needs no sink, and is told of whom it hears. */
static void start_listening(void)
{
    static const struct pipeline_listener listener = {
        .engine = on_engine,
        .lost = on_lost,
        .ended = on_ended,
        .subject = on_subject,
        .program = on_program,
        .record = on_record,
    };
    struct error error;

    memset(&heard, 0, sizeof(heard));
    t.options.first_program = true;
    assert_int_equal(pipeline_new(&t.options, t.event, NULL, &listener, &t.pipeline, &error), 0);
}

static void test_listener(UNUSED void **state)
{
    start_listening();
    check(WEB, 0);
    fake_cgroup(EVENT_CGROUP_PROGRAM, WEB, 0, 77);
    fake_cgroup(EVENT_CGROUP_PROGRAM, UNIT, 0, 78); /* of the host */
    fake_drained();
    finish();
    assert_true(heard.subjects > 0);
    assert_false(heard.start_seen);
    assert_int_equal(heard.programs, 1);
    assert_int_equal(heard.records, 1);
    assert_int_equal(t.counts.shown, 1);
}

/* Before its first program nothing is a container's own, also when nobody has seen who did it. */
static void test_first_program(UNUSED void **state)
{
    const struct cgroup_event begun = {
        .kind = EVENT_CGROUP_EXEC, .cgroup_id = NEW, .pid = 77, .time_ns = 5
    };

    start_listening();
    born(NEW, "/docker/" OTHER_ID);
    check(NEW, 0);
    assert_false(heard.start_seen);
    fake_source.listener->cgroup(fake_source.listener->userdata, &begun, NULL);
    assert_true(heard.start_seen);
    fake_check(&(struct capability_event){ .cgroup_id = NEW, .time_ns = 6, .denied = 1 });
    fake_drained();
    finish();
    assert_int_equal(heard.records, 1);
    assert_int_equal(t.counts.setup, 1);
}

static void on_folded(UNUSED void *userdata, const struct record *record)
{
    assert_int_equal(record->event->capability, 2);
    assert_int_equal(heard.records, 0);
    heard.folded++;
}

/* What is no row, as its answer is one, is told before that. */
static void test_folded(UNUSED void **state)
{
    static const struct pipeline_listener listener = {
        .engine = on_engine,
        .lost = on_lost,
        .ended = on_ended,
        .record = on_record,
        .folded = on_folded,
    };
    struct error error;

    memset(&heard, 0, sizeof(heard));
    t.options.fold = true;
    assert_int_equal(pipeline_new(&t.options, t.event, NULL, &listener, &t.pipeline, &error), 0);
    fake_check(&(struct capability_event){ .cgroup_id = WEB, .capability = 2, .denied = 1 });
    fake_check(&(struct capability_event){ .cgroup_id = WEB, .capability = 1 });
    finish();
    assert_int_equal(heard.folded, 1);
    assert_int_equal(heard.records, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_listener),
        TEST(test_first_program),
        TEST(test_folded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
