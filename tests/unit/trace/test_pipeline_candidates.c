/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cgroups whose paths are of no engine's shape: containers of plain runtimes, home-made ones, or
 * the host's. And an index that is full. */
#include <sched.h>

#include "src/trace/pipeline_private.h"
#include "tests/unit/child.h"
#include "tests/unit/trace/pipeline_world.h"

#define JOB NEW

static bool leave_namespaces(const void *flags)
{
    return unshare(*(const int *)flags) == 0;
}

/* In namespaces of its own; `flags`: see unshare(2). */
static pid_t start_process(int flags)
{
    return child_start(leave_namespaces, &flags);
}

/* A process in the host's namespaces; the first one may be more than we may look at. */
static pid_t of_host(void)
{
    return access("/proc/1/ns/mnt", F_OK) == 0 ? 1 : getpid();
}

/* A check in namespaces that are no kernel's first ones. */
static void foreign_check(uint64_t cgroup_id, uint32_t flags)
{
    fake_check(&(struct capability_event){
        .cgroup_id = cgroup_id,
        .flags = flags,
        .capability = 21,
        .denied = 1,
        .mount_namespace = 1,
    });
}

/* What was there at the start has been asked about by then. */
static void start_with(const char *engine)
{
    fake_engine(engine)->state = RUNTIME_UP;
    start();
    fake_engine(engine)->asked = 0;
    born(JOB, "/job");
}

/* -------- who is asked -------- */

/* Only engines that take any name for an id, and only once the first program runs. */
static void test_who_is_asked(UNUSED void **state)
{
    fake_engine("docker")->state = RUNTIME_UP;
    fake_engine("containerd")->state = RUNTIME_UP;
    start_with("runc");
    assert_int_equal(fake_engine("docker")->asked, 1); /* for the one that is its own */
    assert_int_equal(fake_engine("runc")->asked, 0);
    assert_int_equal(fake_policy(JOB), POLICY_UNKNOWN);
    check(JOB, 0);
    executed(JOB, 1);
    assert_int_equal(fake_engine("runc")->asked, 1);
    assert_string_equal(fake_engine("runc")->last_id, "job");
    assert_int_equal(fake_engine("containerd")->asked, 1);
    assert_int_equal(fake_engine("docker")->asked, 1);
    assert_int_equal(count_rows(), 0);
    fake_engine_answers("runc", "job");
    assert_int_equal(count_rows(), 0); /* the other may know it */
}

/* runc tells where its container is: from then on it is one. */
static void test_engine_knows_it(UNUSED void **state)
{
    _cleanup_(container_unref)
    struct container *container = container_new("runc", "job");

    start_with("runc");
    executed(JOB, 1);
    check(JOB, 0);
    assert_int_equal(container_set_text(&container->name, "job"), 0);
    assert_int_equal(container_set_text(&container->cgroup_path, "/job"), 0);
    container->named = true;
    fake_engine_listener.found(fake_engine_listener.userdata, container->runtime, container);
    fake_engine_answers("runc", "job");
    assert_int_equal(count_rows(), 1);
    assert_string_equal(last_row("container"), "job");
    assert_string_equal(last_row("runtime"), "runc");
    assert_int_equal(fake_policy(JOB), POLICY_REPORT);
}

/* That its first program has begun counts from then on, also when it is known only later that it is
 * a container. */
static void test_first_program(UNUSED void **state)
{
    const struct cgroup_event begun = {
        .kind = EVENT_CGROUP_EXEC, .cgroup_id = JOB, .pid = 1, .time_ns = 5
    };
    _cleanup_(container_unref)
    struct container *container = container_new("runc", "job");

    t.options.first_program = true;
    start_with("runc");
    fake_check(&(struct capability_event){ .cgroup_id = JOB, .time_ns = 4 });
    fake_source.listener->cgroup(fake_source.listener->userdata, &begun, NULL);
    fake_check(&(struct capability_event){ .cgroup_id = JOB, .time_ns = 6 });
    assert_int_equal(container_set_text(&container->cgroup_path, "/job"), 0);
    container->named = true;
    fake_engine_listener.found(fake_engine_listener.userdata, container->runtime, container);
    fake_engine_answers("runc", "job");
    assert_int_equal(count_rows(), 1);
    finish();
    assert_int_equal(t.counts.setup, 1);
}

/* -------- where nobody knows it -------- */

static void test_hosts_after_all(UNUSED void **state)
{
    fake_tree_process(&host_tree, of_host(), "/job");
    start_with("runc");
    executed(JOB, 1);
    check(JOB, 0);
    fake_engine_answers("runc", "job");
    assert_int_equal(count_rows(), 0);
    assert_int_equal(fake_policy(JOB), POLICY_IGNORE);
    finish();
    assert_int_equal(t.counts.shown, 0);
    assert_int_equal(t.counts.lost, 0);
}

static void test_hosts_with_host(UNUSED void **state)
{
    t.options.host = true;
    fake_tree_process(&host_tree, of_host(), "/job");
    start_with("runc");
    check(JOB, EVENT_SETUP);
    executed(JOB, 1);
    check(JOB, 0);
    fake_engine_answers("runc", "job");
    assert_int_equal(count_rows(), 2); /* what was taken for an engine's work is nobody's */
    assert_string_equal(last_row("container"), "");
    assert_int_equal(fake_policy(JOB), POLICY_REPORT);
}

/* The notice of its birth was lost, and nothing was in it yet when it was found. */
static void test_home_made_whose_birth_was_lost(UNUSED void **state)
{
    pid_t pid = start_process(CLONE_NEWNS);

    fake_engine("runc")->state = RUNTIME_UP;
    start();
    fake_tree_add(&host_tree, JOB, "/job");
    fake_source.listener->cgroups_lost(fake_source.listener->userdata, 1);
    fake_drained();
    assert_int_equal(fake_policy(JOB), POLICY_UNKNOWN);
    fake_tree_process(&host_tree, pid, "/job");
    executed(JOB, (uint32_t)pid);
    foreign_check(JOB, 0);
    fake_engine_answers("runc", "job");
    assert_string_equal(last_row("container"), "job");
    assert_int_equal(fake_policy(JOB), POLICY_REPORT);
    child_end(pid);
}

/* What has a process says what it is: with the host's namespaces it is the host's. */
static void test_hosts_whose_birth_was_lost(UNUSED void **state)
{
    fake_engine("runc")->state = RUNTIME_UP;
    start();
    fake_tree_add(&host_tree, JOB, "/job");
    fake_tree_process(&host_tree, of_host(), "/job");
    fake_source.listener->cgroups_lost(fake_source.listener->userdata, 1);
    fake_drained();
    assert_int_equal(fake_policy(JOB), POLICY_IGNORE);
}

/* Its process has namespaces of its own. */
static void test_home_made(UNUSED void **state)
{
    pid_t pid = start_process(CLONE_NEWNS);

    fake_tree_process(&host_tree, pid, "/job");
    start_with("runc");
    check(JOB, EVENT_SETUP);
    executed(JOB, (uint32_t)pid);
    check(JOB, 0);
    fake_engine_answers("runc", "job");
    assert_int_equal(count_rows(), 1);
    assert_string_equal(last_row("container"), "job");
    assert_string_equal(last_row("runtime"), "unknown");
    assert_int_equal(fake_policy(JOB), POLICY_REPORT);
    finish();
    assert_int_equal(t.counts.setup, 1);
    child_end(pid);
}

/* It has ended before anybody could look: its checks say where they were made. */
static void test_short_lived(UNUSED void **state)
{
    start_with("runc");
    foreign_check(JOB, EVENT_SETUP);
    executed(JOB, 0);
    foreign_check(JOB, 0);
    gone(JOB);
    fake_drained(); /* those that wait stay */
    assert_int_equal(count_rows(), 0);
    fake_engine_answers("runc", "job");
    assert_int_equal(count_rows(), 1);
    assert_string_equal(last_row("container"), "job");
    finish();
    assert_int_equal(t.counts.shown, 1);
    assert_int_equal(t.counts.setup, 1);
}

/* The set-up of an engine may be made in any namespace: it proves nothing. */
static void test_set_up_proves_nothing(UNUSED void **state)
{
    start_with("runc");
    foreign_check(JOB, EVENT_SETUP);
    executed(JOB, 0);
    gone(JOB);
    fake_engine_answers("runc", "job");
    assert_int_equal(count_rows(), 0);
}

/* No process in it yet: it is waited for, and then looked at again. */
static void test_slow_start(UNUSED void **state)
{
    pid_t pid = start_process(CLONE_NEWNS);

    start_with("runc");
    executed(JOB, 0);
    check(JOB, 0);
    fake_engine_answers("runc", "job");
    assert_int_equal(count_rows(), 0);
    assert_int_equal(fake_policy(JOB), POLICY_UNKNOWN);
    fake_tree_process(&host_tree, pid, "/job");
    RUN_UNTIL(count_rows() == 1);
    assert_string_equal(last_row("container"), "job");
    child_end(pid);
}

/* The time is up, but nothing was executed: a busy host is slow to start containers. */
static void test_late_first_program(UNUSED void **state)
{
    pid_t pid = start_process(CLONE_NEWNS);

    start_with("runc");
    check(JOB, 0);
    for (int i = 0; i < 8; i++)
        assert_true(sd_event_run(t.event, 100000) >= 0);
    assert_int_equal(fake_policy(JOB), POLICY_UNKNOWN);
    assert_int_equal(fake_engine("runc")->asked, 0);
    fake_tree_process(&host_tree, pid, "/job");
    executed(JOB, (uint32_t)pid);
    assert_int_equal(fake_engine("runc")->asked, 1);
    fake_engine_answers("runc", "job");
    assert_int_equal(count_rows(), 1);
    child_end(pid);
}

/* One that was there at the start needs no engine to be seen. */
static void test_there_at_the_start(UNUSED void **state)
{
    pid_t pid = start_process(CLONE_NEWNS);

    fake_tree_add(&host_tree, JOB, "/job");
    fake_tree_add(&host_tree, JOB + 1, "/other");
    fake_tree_process(&host_tree, pid, "/job");
    fake_tree_process(&host_tree, of_host(), "/other");
    start();
    check(JOB, 0);
    check(JOB + 1, 0);
    assert_int_equal(count_rows(), 1);
    assert_string_equal(last_row("container"), "job");
    child_end(pid);
}

/* -------- a full index -------- */

/* No room to remember it: shown by its cgroup's number, and the kernel is told nothing. */
static void test_full_index(UNUSED void **state)
{
    struct registry *registry;

    start();
    registry = inventory_registry(t.pipeline->inventory);
    registry->cgroups.limit = registry->cgroups.count;
    registry->members.limit = registry->members.count;
    fake_tree_add(&host_tree, JOB, "/docker/" OTHER_ID);
    check(JOB, 0);
    check(JOB, 0);
    assert_int_equal(count_rows(), 2);
    assert_string_equal(last_row("containerId"), "cgroup:20");
    assert_int_equal(fake_policy(JOB), POLICY_UNKNOWN);
    check(WEB, 0); /* who is known stays so */
    assert_string_equal(last_row("containerId"), ID);
    finish();
    assert_int_equal(t.counts.shown, 3);
    assert_true(t.counts.evictions >= 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_who_is_asked),
        TEST(test_engine_knows_it),
        TEST(test_first_program),
        TEST(test_hosts_after_all),
        TEST(test_hosts_with_host),
        TEST(test_home_made_whose_birth_was_lost),
        TEST(test_hosts_whose_birth_was_lost),
        TEST(test_home_made),
        TEST(test_short_lived),
        TEST(test_set_up_proves_nothing),
        TEST(test_slow_start),
        TEST(test_late_first_program),
        TEST(test_there_at_the_start),
        TEST(test_full_index),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
