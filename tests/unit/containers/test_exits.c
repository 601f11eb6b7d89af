/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ends of containers whose cgroups stay: real processes, in cgroups that are a fake. */
#include "src/containers/exits.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "tests/unit/child.h"
#include "tests/unit/containers/fake_tree.h"

#define JOB 11

static struct {
    struct fake_tree tree;
    sd_event *event;
    struct exits *exits;
    uint64_t ended;
    size_t count;
    char directory[64]; /* has the cgroup's cgroup.procs */
} t;

/* The processes of the cgroup, one a line. */
static void put_processes(const char *text)
{
    char path[128];
    (void)snprintf(path, sizeof(path), "%s/job/cgroup.procs", t.directory);
    _cleanup_(close_file)
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
}

static void put_process(pid_t pid)
{
    char text[16];

    (void)snprintf(text, sizeof(text), "%d\n", (int)pid);
    put_processes(text);
}

static void on_ended(UNUSED void *userdata, uint64_t cgroup_id)
{
    t.ended = cgroup_id;
    t.count++;
}

static int set_up(UNUSED void **state)
{
    memset(&t, 0, sizeof(t));
    fake_tree_init(&t.tree);
    fake_tree_add(&t.tree, JOB, "/job");
    (void)snprintf(t.directory, sizeof(t.directory), "/tmp/local-gadget-test-XXXXXX");
    assert_non_null(mkdtemp(t.directory));
    t.tree.tree.fd = open(t.directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(mkdirat(t.tree.tree.fd, "job", 0700), 0);
    put_processes("");
    assert_int_equal(sd_event_new(&t.event), 0);
    return exits_new(t.event, &t.tree.tree, on_ended, NULL, &t.exits);
}

static int tear_down(UNUSED void **state)
{
    assert_int_equal(unlinkat(t.tree.tree.fd, "job/cgroup.procs", 0), 0);
    assert_int_equal(unlinkat(t.tree.tree.fd, "job", AT_REMOVEDIR), 0);
    assert_int_equal(rmdir(t.directory), 0);
    exits_free(&t.exits);
    assert_null(t.exits);
    exits_free(&t.exits);
    close_fd(&t.tree.tree.fd);
    sd_event_unref(t.event);
    return 0;
}

static void run_quiet(void)
{
    while (sd_event_run(t.event, 0) > 0)
        continue;
}

static void test_last_process_ends(UNUSED void **state)
{
    pid_t first = child_start(NULL, NULL), second = child_start(NULL, NULL);

    put_process(first);
    exits_follow(t.exits, JOB, "/job");
    exits_follow(t.exits, JOB, "/job"); /* is followed already */
    assert_int_equal(exits_count(t.exits), 1);
    run_quiet();
    assert_int_equal(t.count, 0);
    put_process(second);
    child_end(first);
    run_quiet();
    assert_int_equal(t.count, 0);
    put_processes("");
    child_end(second);
    run_quiet();
    assert_int_equal(t.count, 1);
    assert_int_equal(t.ended, JOB);
    assert_int_equal(exits_count(t.exits), 0);
    exits_follow(t.exits, JOB, "/job"); /* nobody is in it by now */
    assert_int_equal(t.count, 2);
}

static void test_forgotten(UNUSED void **state)
{
    pid_t pid = child_start(NULL, NULL);

    put_process(pid);
    exits_follow(t.exits, JOB, "/job");
    assert_true(exits_forget(t.exits, JOB));
    assert_false(exits_forget(t.exits, JOB));
    child_end(pid);
    run_quiet();
    assert_int_equal(t.count, 0);
}

/* Processes that cannot be held, as of another pid namespace: looked at again and again. */
static void test_unseen_processes(UNUSED void **state)
{
    put_processes("0\n");
    exits_follow(t.exits, JOB, "/job");
    assert_int_equal(t.count, 0);
    assert_int_equal(exits_count(t.exits), 1);
    put_processes("");
    for (int turns = 0; !t.count; turns++) {
        assert_in_range(turns, 0, 1000);
        assert_true(sd_event_run(t.event, 1000000) >= 0);
    }
    assert_int_equal(t.ended, JOB);
}

/* Ended just now, and still listed: not asked for without an end, and not taken for the end. */
static void test_process_that_has_ended(UNUSED void **state)
{
    pid_t pid = child_start(NULL, NULL);

    child_end(pid);
    put_process(pid);
    exits_follow(t.exits, JOB, "/job");
    assert_int_equal(t.count, 0);
    assert_int_equal(exits_count(t.exits), 1);
}

static void test_freed_while_followed(UNUSED void **state)
{
    pid_t pid = child_start(NULL, NULL);

    put_process(pid);
    exits_follow(t.exits, JOB, "/job");
    exits_free(&t.exits);
    child_end(pid);
    run_quiet();
    assert_int_equal(t.count, 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_last_process_ends),    TEST(test_forgotten),
        TEST(test_unseen_processes),     TEST(test_process_that_has_ended),
        TEST(test_freed_while_followed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
