/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a filter leaves out of a trace, and that it is counted. */
#include "tests/unit/trace/pipeline_world.h"

static void add_filter(const char *expression)
{
    assert_int_equal(filter_add(&t.filter, "--filter", expression, NULL), 0);
}

/* Each check is shown or counted; containers that are not wanted are left to the kernel. */
static void test_filter_by_fields(UNUSED void **state)
{
    add_filter("container:!db,comm:job,pid:1");
    fake_engine("docker")->state = RUNTIME_CONNECTING;
    start();
    born(NEW, "/docker/" OTHER_ID);
    fake_engine_finds("docker", ID, "web");
    fake_engine_finds("docker", OTHER_ID, "db");
    fake_engine_becomes("docker", RUNTIME_UP, NULL);
    assert_int_equal(fake_policy(WEB), POLICY_REPORT);
    executed(NEW, 0);
    assert_int_equal(fake_policy(NEW), POLICY_IGNORE);
    check(WEB, 0);
    fake_check(&(struct capability_event){ .cgroup_id = WEB, .pid = 1, .comm = "sh" });
    fake_check(&(struct capability_event){ .cgroup_id = WEB, .pid = 2, .comm = "job" });
    check(NEW, 0);
    assert_int_equal(count_rows(), 1);
    finish();
    assert_int_equal(t.counts.shown, 1);
    assert_int_equal(t.counts.filtered, 2);
}

/* What waits for a name is counted only if its container turns out to be wanted. */
static void test_filter_while_waiting(UNUSED void **state)
{
    add_filter("container:web,comm:job");
    fake_engine("docker")->state = RUNTIME_CONNECTING;
    start();
    born(NEW, "/docker/" OTHER_ID);
    executed(NEW, 0);
    for (int i = 0; i < 3; i++) {
        fake_check(&(struct capability_event){ .cgroup_id = WEB, .pid = 1, .comm = "sh" });
        fake_check(&(struct capability_event){ .cgroup_id = NEW, .pid = 1, .comm = "sh" });
    }
    check(WEB, 0);
    fake_engine_finds("docker", ID, "web");
    fake_engine_finds("docker", OTHER_ID, "db");
    fake_engine_becomes("docker", RUNTIME_UP, NULL);
    assert_int_equal(count_rows(), 1);
    finish();
    assert_int_equal(t.counts.filtered, 3);
}

/* Of the host there is no container: that is a value, too. */
static void test_filter_of_the_host(UNUSED void **state)
{
    t.options.host = true;
    add_filter("container:web");
    start();
    check(UNIT, 0);
    assert_int_equal(count_rows(), 0);
    assert_int_equal(fake_policy(UNIT), POLICY_IGNORE);
    pipeline_free(&t.pipeline);
    filter_clear(&t.filter);
    t.filter.table = &record_fields;
    add_filter("container:");
    start();
    check(UNIT, 0);
    check(WEB, 0);
    assert_int_equal(count_rows(), 1);
    assert_int_equal(fake_policy(UNIT), POLICY_REPORT);
}

/* What the filter leaves out is not taken for shown. */
static void test_filter_and_unique(UNUSED void **state)
{
    t.options.unique = true;
    add_filter("comm:job");
    start();
    assert_false(fake_source.options.unique);
    fake_check(&(struct capability_event){
        .cgroup_id = WEB, .pid = 1, .comm = "sh", .capability = 21, .denied = 1 });
    check(WEB, 0);
    check(WEB, 0);
    assert_int_equal(count_rows(), 1);
    finish();
    assert_int_equal(t.counts.filtered, 1);
    assert_int_equal(t.counts.repeats, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_filter_by_fields),
        TEST(test_filter_while_waiting),
        TEST(test_filter_of_the_host),
        TEST(test_filter_and_unique),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
