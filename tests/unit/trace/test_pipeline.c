/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which checks become rows, under which name, and when: each is shown or counted. */
#include "tests/unit/trace/pipeline_world.h"

/* -------- names -------- */

static void test_named_before(UNUSED void **state)
{
    fake_engine("docker")->state = RUNTIME_CONNECTING;
    start();
    fake_engine_finds("docker", ID, "web");
    fake_engine_becomes("docker", RUNTIME_UP, NULL);
    assert_int_equal(fake_policy(WEB), POLICY_REPORT);
    check(WEB, 0);
    assert_int_equal(count_rows(), 1);
    assert_string_equal(last_row("container"), "web");
    assert_string_equal(last_row("runtime"), "docker");
    assert_string_equal(last_row("type"), "normal");
    assert_int_equal(fake_engine("docker")->asked, 0);
    assert_int_equal(t.engine_words, 1);
    finish();
    assert_int_equal(t.counts.shown, 1);
    assert_int_equal(t.counts.unnamed, 0);
    assert_int_equal(t.counts.lost, 0);
}

/* The engine is asked at the birth; what happens meanwhile waits for the answer, in order. */
static void test_answer_ends_the_wait(UNUSED void **state)
{
    fake_engine("docker")->state = RUNTIME_UP;
    start();
    born(NEW, "/docker/" OTHER_ID);
    assert_int_equal(fake_engine("docker")->asked, 2); /* the one that was there, too */
    assert_string_equal(fake_engine("docker")->last_id, OTHER_ID);
    assert_int_equal(fake_policy(NEW), POLICY_UNKNOWN);
    executed(NEW, 0);
    check(NEW, 0);
    check(NEW, 0);
    assert_int_equal(count_rows(), 0);
    fake_engine_finds("docker", OTHER_ID, "late");
    fake_engine_answers("docker", OTHER_ID);
    assert_int_equal(count_rows(), 2);
    assert_string_equal(last_row("container"), "late");
    assert_int_equal(fake_policy(NEW), POLICY_REPORT);
}

static void test_answer_without_a_name(UNUSED void **state)
{
    fake_engine("docker")->state = RUNTIME_UP;
    start();
    born(NEW, "/docker/" OTHER_ID);
    executed(NEW, 0);
    check(NEW, 0);
    fake_engine_answers("docker", ID);
    assert_int_equal(count_rows(), 0); /* that was another's */
    fake_engine_answers("docker", OTHER_ID);
    assert_int_equal(count_rows(), 1);
    assert_string_equal(last_row("containerId"), OTHER_ID);
    finish();
    assert_int_equal(t.counts.unnamed, 1);
}

/* No answer: after a while the id has to do. */
static void test_silent_engine(UNUSED void **state)
{
    fake_engine("docker")->state = RUNTIME_UP;
    start();
    born(NEW, "/docker/" OTHER_ID);
    executed(NEW, 0);
    check(NEW, 0);
    RUN_UNTIL(count_rows() == 1);
    assert_int_equal(fake_policy(NEW), POLICY_REPORT);
    assert_string_equal(last_row("containerId"), OTHER_ID);
    check(NEW, 0);
    assert_int_equal(count_rows(), 2);
    fake_engine_finds("docker", OTHER_ID, "later"); /* from now on */
    check(NEW, 0);
    assert_string_equal(last_row("container"), "later");
}

/* One that is just being connected to is waited for, as it tells all it has; then it is asked. */
static void test_engine_that_connects(UNUSED void **state)
{
    fake_engine("docker")->state = RUNTIME_CONNECTING;
    start();
    check(WEB, 0);
    assert_int_equal(count_rows(), 0);
    assert_int_equal(fake_engine("docker")->asked, 0);
    fake_engine_becomes("docker", RUNTIME_UP, NULL);
    assert_int_equal(count_rows(), 0);
    assert_int_equal(fake_engine("docker")->asked, 1);
    fake_engine_answers("docker", ID);
    assert_int_equal(count_rows(), 1);
}

/* It is away: nobody is waited for. The user hears of that once. */
static void test_engine_that_fails(UNUSED void **state)
{
    fake_engine("docker")->state = RUNTIME_CONNECTING;
    start();
    check(WEB, 0);
    fake_engine_becomes("docker", RUNTIME_DOWN, "it has gone");
    assert_int_equal(count_rows(), 1);
    assert_int_equal(t.engine_words, 1);
    fake_engine_becomes("docker", RUNTIME_CONNECTING, NULL);
    fake_engine_becomes("docker", RUNTIME_DOWN, "it has gone");
    assert_int_equal(t.engine_words, 2);
    check(WEB, 0);
    assert_int_equal(count_rows(), 2);
}

/* No engine at all: its id, or its cgroup's number, is all that there is. */
static void test_nobody_names_it(UNUSED void **state)
{
    start();
    check(WEB, 0);
    assert_string_equal(last_row("containerId"), ID);
    check(NOWHERE, 0);
    assert_int_equal(count_rows(), 2);
    assert_string_equal(last_row("containerId"), "cgroup:99");
    finish();
    assert_int_equal(t.counts.unnamed, 2);
    assert_int_equal(t.counts.unresolved, 1);
    assert_int_equal(t.counts.shown, 2);
}

/* -------- what the kernel is told -------- */

static void test_policy_is_cleared_at_death(UNUSED void **state)
{
    start();
    born(NEW, "/docker/" OTHER_ID);
    executed(NEW, 0);
    assert_int_equal(fake_policy(NEW), POLICY_REPORT);
    gone(NEW);
    assert_int_equal(fake_policy(NEW), POLICY_UNKNOWN);
    check(NEW, 0); /* was still in the ring */
    assert_int_equal(count_rows(), 1);
    fake_drained();
}

static void test_filter(UNUSED void **state)
{
    static const char *const names[] = { "web" };
    struct error error;

    match_clear(&t.match);
    assert_int_equal(match_init(&t.match, names, 1, NULL, 0, &error), 0);
    fake_engine("docker")->state = RUNTIME_UP;
    start();
    fake_engine_finds("docker", ID, "web");
    assert_int_equal(fake_policy(WEB), POLICY_REPORT);
    born(NEW, "/docker/" OTHER_ID);
    executed(NEW, 0);
    check(NEW, 0);
    fake_engine_finds("docker", OTHER_ID, "other");
    check(NEW, 0);
    assert_int_equal(fake_policy(NEW), POLICY_IGNORE);
    assert_int_equal(count_rows(), 0);
    check(WEB, 0);
    assert_int_equal(count_rows(), 1);
    fake_engine_finds("docker", OTHER_ID, "web"); /* renamed */
    assert_int_equal(fake_policy(NEW), POLICY_REPORT);
}

static void test_host(UNUSED void **state)
{
    start();
    check(UNIT, 0);
    assert_int_equal(count_rows(), 0);
    assert_int_equal(fake_policy(UNIT), POLICY_IGNORE);
    assert_int_equal(tear_down(NULL), 0);
    assert_int_equal(set_up(NULL), 0);
    t.options.host = true;
    start();
    check(UNIT, EVENT_SETUP); /* the host has no engine */
    assert_int_equal(fake_policy(UNIT), POLICY_REPORT);
    assert_int_equal(count_rows(), 1);
    assert_string_equal(last_row("container"), "");
}

static void test_units(UNUSED void **state)
{
    static const char *const units[] = { "job" };

    t.options.units = units;
    t.options.unit_count = 1;
    t.options.only_units = true;
    start();
    check(WEB, 0);
    assert_int_equal(count_rows(), 0);
    assert_int_equal(fake_policy(WEB), POLICY_IGNORE);
    check(UNIT, EVENT_SETUP); /* systemd's work is the unit's */
    assert_int_equal(count_rows(), 1);
    assert_string_equal(last_row("container"), "job.service");
    assert_string_equal(last_row("runtime"), "systemd");
}

/* -------- what is hidden -------- */

/* What an engine does in a container is not the container's: hidden and counted. */
static void test_setup(UNUSED void **state)
{
    start();
    check(WEB, EVENT_SETUP);
    assert_int_equal(count_rows(), 0);
    check(WEB, 0);
    assert_int_equal(count_rows(), 1);
    finish();
    assert_int_equal(t.counts.setup, 1);
    assert_int_equal(t.counts.shown, 1);
    assert_int_equal(tear_down(NULL), 0);
    assert_int_equal(set_up(NULL), 0);
    t.options.all = true;
    start();
    check(WEB, EVENT_SETUP);
    assert_int_equal(count_rows(), 1);
    finish();
    assert_int_equal(t.counts.setup, 0);
}

static void test_unique(UNUSED void **state)
{
    struct capability_event event = { .cgroup_id = WEB, .capability = 3, .denied = 1 };

    t.options.unique = true;
    start();
    fake_check(&event);
    fake_check(&event);
    assert_int_equal(count_rows(), 1);
    event.denied = 0;
    fake_check(&event);
    event.capability = 4;
    fake_check(&event);
    event.cgroup_id = NOWHERE;
    fake_check(&event);
    assert_int_equal(count_rows(), 4);
}

/* -------- losses -------- */

static void test_losses_reach_the_sink(UNUSED void **state)
{
    start();
    fake_source.listener->lost(fake_source.listener->userdata, LOSS_PREEMPTED, 3, 1);
    assert_int_equal(count_rows(), 1);
    assert_string_equal(last_row("type"), "lost");
    assert_non_null(strstr(last_row("message"), "preempted"));
    fake_source.listener->lost(fake_source.listener->userdata, LOSS_RING_FULL, 4, 1);
    assert_int_equal(t.losses_told, 7);
    finish();
    assert_int_equal(t.counts.lost, 7);
    assert_int_equal(t.counts.losses[LOSS_PREEMPTED], 3);
    assert_int_equal(t.counts.losses[LOSS_RING_FULL], 4);
    assert_int_equal(t.counts.shown, 0);
}

/* Births and deaths that were lost are found by looking. */
static void test_lost_notices(UNUSED void **state)
{
    start();
    assert_int_equal(fake_policy(WEB), POLICY_REPORT);
    fake_tree_remove(&host_tree, WEB);
    fake_tree_add(&host_tree, NEW, "/docker/" OTHER_ID);
    fake_source.listener->cgroups_lost(fake_source.listener->userdata, 2);
    fake_drained();
    assert_int_equal(fake_policy(NEW), POLICY_REPORT);
    check(NEW, 0);
    assert_string_equal(last_row("containerId"), OTHER_ID);
    check(WEB, 0); /* its number is all that is left */
    assert_string_equal(last_row("containerId"), "cgroup:11");
}

static int walk_slowly(const struct cgroup_tree *tree, const char *from, cgroup_visitor visitor,
                       void *userdata)
{
    const struct timespec pause = { .tv_nsec = 20000000 };

    (void)nanosleep(&pause, NULL);
    return fake_walk(tree, from, visitor, userdata);
}

/* Whoever makes that many cgroups does not keep us busy with looking: the next look has to wait as
 * many times as long as the last one took. It comes by itself, then. */
static void test_looks_are_rare(UNUSED void **state)
{
    static struct cgroup_tree_calls slow;

    slow = *host_tree.tree.calls;
    slow.walk = walk_slowly;
    host_tree.tree.calls = &slow;
    start();
    fake_source.listener->cgroups_lost(fake_source.listener->userdata, 1);
    fake_drained();
    fake_tree_add(&host_tree, NEW, "/docker/" OTHER_ID);
    fake_source.listener->cgroups_lost(fake_source.listener->userdata, 1);
    fake_drained();
    fake_drained();
    assert_int_equal(fake_policy(NEW), POLICY_UNKNOWN);
    RUN_UNTIL(fake_policy(NEW) == POLICY_REPORT);
}

/* More wait than there is room for: the oldest go out without a name, and none is lost. */
static void test_too_many_wait(UNUSED void **state)
{
    uint64_t made = 0;

    fake_engine("docker")->state = RUNTIME_UP;
    start();
    close_fd(&t.fd);
    t.output.fd = t.fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    do {
        check(WEB, 0);
        assert_in_range(++made, 0, 10000000);
    } while (pipeline_counts(t.pipeline).shown == 0);
    assert_int_equal(pipeline_counts(t.pipeline).shown, made);
    assert_int_equal(pipeline_counts(t.pipeline).early, made);
    /* Meanwhile the ring has been looked after, again and again. */
    assert_in_range(fake_source.set_asides, made / 2000, made / 500);
    check(WEB, 0);
    finish();
    assert_int_equal(t.counts.shown, made + 1);
    assert_int_equal(t.counts.lost, 0);
}

/* -------- ends -------- */

static void last_words(void)
{
    check(WEB, 0);
}

/* Whoever still waits is let go; what is still in the ring is read first. */
static void test_finish_releases_everybody(UNUSED void **state)
{
    fake_engine("docker")->state = RUNTIME_UP;
    t.options.host = true;
    start();
    fake_source.last_words = last_words;
    check(WEB, 0);
    born(NEW, "/docker/" OTHER_ID);
    executed(NEW, 0);
    check(NEW, 0);
    check(NEW, EVENT_SETUP);
    born(NEW + 1, "/job"); /* of no engine's shape, and nothing was executed in it */
    check(NEW + 1, 0);
    check(NEW + 1, EVENT_SETUP);
    assert_int_equal(count_rows(), 0);
    finish();
    assert_int_equal(count_rows(), t.counts.shown);
    assert_int_equal(t.counts.shown + t.counts.setup, 6);
    assert_int_equal(t.counts.lost, 0);
}

static void test_max_events(UNUSED void **state)
{
    t.options.max_events = 2;
    start();
    check(WEB, 0);
    assert_false(t.ended);
    check(WEB, 0);
    assert_true(t.ended);
    assert_int_equal(t.ended_with, 0);
    check(WEB, 0);
    finish();
    assert_int_equal(t.counts.shown, 2);
    assert_int_equal(t.counts.lost, 0); /* nobody wanted more */
}

/* A reader that has gone: what it did not take is lost, and said to be. */
static void test_reader_goes(UNUSED void **state)
{
    int ends[2];

    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    sink_free(&t.sink);
    output_clear(&t.output);
    close_fd(&t.fd);
    open_sink(ends[1]);
    start();
    check(WEB, 0);
    fake_drained();
    assert_false(t.ended);
    close_fd(&ends[0]);
    (void)signal(SIGPIPE, SIG_IGN);
    check(WEB, 0);
    fake_drained();
    assert_true(t.ended);
    assert_int_equal(t.ended_with, -EPIPE);
    check(WEB, 0);
    assert_int_equal(pipeline_finish(t.pipeline), -EPIPE);
    t.counts = pipeline_counts(t.pipeline);
    assert_int_equal(t.counts.shown, 1);
    assert_int_equal(t.counts.losses[LOSS_UNWRITTEN], 2);
    assert_int_equal(t.counts.lost, 2);
}

static void test_source_fails(UNUSED void **state)
{
    const struct error error = { .code = -EIO, .message = "broken" };

    start();
    fake_source.listener->failed(fake_source.listener->userdata, &error);
    assert_true(t.ended);
    assert_int_equal(t.ended_with, -EIO);
}

static void test_what_cannot_be_opened(UNUSED void **state)
{
    static const char *const unknown[] = { "rocket" };
    struct error error = { 0 };

    host_tree.cgroup_count = 0;
    assert_int_equal(try_start(&error), -ENOENT);
    assert_non_null(strstr(error.message, "no cgroup file system"));
    fake_tree_init(&host_tree);
    fake_source.refusal = -EPERM;
    assert_int_equal(try_start(&error), -EPERM);
    assert_string_equal(error.message, "the kernel says no");
    fake_source.refusal = 0;
    t.options.discovery.runtimes = unknown;
    t.options.discovery.runtime_count = 1;
    assert_int_equal(try_start(&error), -EINVAL);
    assert_non_null(strstr(error.message, "rocket"));
    assert_null(t.pipeline);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_named_before),
        TEST(test_answer_ends_the_wait),
        TEST(test_answer_without_a_name),
        TEST(test_silent_engine),
        TEST(test_engine_that_connects),
        TEST(test_engine_that_fails),
        TEST(test_nobody_names_it),
        TEST(test_policy_is_cleared_at_death),
        TEST(test_filter),
        TEST(test_host),
        TEST(test_units),
        TEST(test_setup),
        TEST(test_unique),
        TEST(test_losses_reach_the_sink),
        TEST(test_lost_notices),
        TEST(test_looks_are_rare),
        TEST(test_too_many_wait),
        TEST(test_finish_releases_everybody),
        TEST(test_max_events),
        TEST(test_reader_goes),
        TEST(test_source_fails),
        TEST(test_what_cannot_be_opened),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
