/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/capability.h>
#include <signal.h>
#include <sys/syscall.h>

#include "tests/unit/commands/job.h"
#include "tests/unit/commands/run_command.h"

#define ID       "a17f0c2e00000000000000000000000000000000000000000000000000000002"
#define OTHER_ID "b17f0c2e00000000000000000000000000000000000000000000000000000003"
#define DOCKER   10
#define WEB      11
#define NEW      20

static void nothing_more(void)
{
}

static void work(void)
{
    fake_source.play = nothing_more;
    job_asks(WEB, CAP_CHOWN, SYS_fchown, 1 << CAP_CHOWN);
    job_asks(WEB, CAP_SYS_NICE, SYS_setpriority, 1 << CAP_CHOWN);
    job_asks(WEB, CAP_SYS_NICE, SYS_setpriority, 1 << CAP_CHOWN);
    fake_check(&(struct capability_event){ .cgroup_id = WEB, .flags = EVENT_SETUP });
    fake_drained();
    (void)raise(SIGTERM);
}

static void test_text(UNUSED void **state)
{
    fake_tree_add(&host_tree, WEB, "/docker/" ID);
    fake_source.play = work;
    assert_int_equal(run_command("advise capabilities"), EXIT_STATUS_DONE);
    assert_non_null(strstr(printed(), "3 checks, its start was not seen\n"));
    assert_non_null(strstr(printed(), "  uses         CHOWN\n"));
    assert_non_null(strstr(printed(), "  lacks        SYS_NICE\n"));
    assert_non_null(strstr(printed(), "start it again while this command runs"));
    assert_non_null(strstr(printed(), "=> --cap-drop ALL --cap-add CHOWN --cap-add SYS_NICE\n"));
    assert_non_null(strstr(said(), "checks added up: 3, lost: 0; kept out: 1 of engines"));
}

static void test_pasted(UNUSED void **state)
{
    fake_tree_add(&host_tree, WEB, "/docker/" ID);
    fake_source.play = work;
    assert_int_equal(run_command("advise capabilities -o docker"), EXIT_STATUS_DONE);
    assert_string_equal(printed(), "--cap-drop ALL --cap-add CHOWN --cap-add SYS_NICE\n");
    assert_non_null(strstr(said(), "was not seen from its start on"));
}

static void begin_and_work(void)
{
    const struct cgroup_event begun = {
        .kind = EVENT_CGROUP_EXEC, .cgroup_id = NEW, .pid = 1, .time_ns = 1
    };

    fake_source.play = nothing_more;
    fake_tree_add(&host_tree, NEW, "/docker/" OTHER_ID);
    fake_cgroup(EVENT_CGROUP_BORN, NEW, DOCKER, 1);
    fake_source.listener->cgroup(fake_source.listener->userdata, &begun, NULL);
    job_asks(NEW, CAP_CHOWN, SYS_fchown, 1 << CAP_CHOWN);
    fake_drained();
    (void)raise(SIGTERM);
}

/* One that is born while it is watched is seen from its start on. */
static void test_born(UNUSED void **state)
{
    fake_tree_add(&host_tree, DOCKER, "/docker");
    fake_source.play = begin_and_work;
    assert_int_equal(run_command("advise capabilities"), EXIT_STATUS_DONE);
    assert_non_null(strstr(printed(), "1 check, seen from its start on\n"));
    assert_null(strstr(printed(), "start it again"));
}

static void end(void)
{
    fake_source.play = nothing_more;
    fake_drained();
    (void)raise(SIGTERM);
}

/* That nothing was seen never reads as if nothing were needed. */
static void test_nothing_seen(UNUSED void **state)
{
    fake_tree_add(&host_tree, WEB, "/docker/" ID);
    fake_source.play = end;
    assert_int_equal(run_command("advise capabilities"), EXIT_STATUS_DONE);
    assert_non_null(strstr(printed(), "No advice: "));
    fake_source.play = end;
    assert_int_equal(run_command("advise capabilities -o docker"), EXIT_STATUS_FAILURE);
    assert_string_equal(printed(), "");
    assert_non_null(strstr(said(), "no advice: nothing was seen"));
}

static void test_nobody_there(UNUSED void **state)
{
    fake_source.play = end;
    assert_int_equal(run_command("advise capabilities -c web"), EXIT_STATUS_FAILURE);
    assert_non_null(strstr(said(), "nothing of what was asked for was there"));
}

static void work_in_two(void)
{
    begin_and_work();
    work();
}

static void test_only_one(UNUSED void **state)
{
    fake_tree_add(&host_tree, WEB, "/docker/" ID);
    fake_tree_add(&host_tree, DOCKER, "/docker");
    fake_source.play = work_in_two;
    assert_int_equal(run_command("advise capabilities -o oci"), EXIT_STATUS_FAILURE);
    assert_non_null(strstr(said(), "choose one with -c"));
    fake_source.play = work_in_two;
    assert_int_equal(run_command("advise capabilities -o compose"), EXIT_STATUS_DONE);
    assert_int_equal(count_of(printed(), "cap_drop:"), 2);
    assert_int_equal(count_of(printed(), "# "), 2);
}

static void lose(void)
{
    fake_source.listener->lost(fake_source.listener->userdata, LOSS_RING_FULL, 4, 1);
    work();
}

static void test_losses(UNUSED void **state)
{
    fake_tree_add(&host_tree, WEB, "/docker/" ID);
    fake_source.play = lose;
    assert_int_equal(run_command("advise capabilities"), EXIT_STATUS_DONE);
    assert_non_null(strstr(said(), "as checks were lost, something may be missing"));
}

static void test_bad_words(UNUSED void **state)
{
    assert_int_equal(run_command("advise capabilities -o columns"), EXIT_STATUS_USAGE);
    assert_int_equal(run_command("advise capabilities --until-exit"), EXIT_STATUS_USAGE);
    assert_int_equal(run_command("advise capabilities --as-root"), EXIT_STATUS_USAGE);
    assert_int_equal(run_command("advise capabilities --output-file /no/such"),
                     EXIT_STATUS_FAILURE);
}

static void test_output_file(UNUSED void **state)
{
    char path[] = "/tmp/advice-XXXXXX", line[64];
    _cleanup_(close_fd)
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    fake_tree_add(&host_tree, WEB, "/docker/" ID);
    fake_source.play = work;
    (void)snprintf(line, sizeof(line), "advise capabilities -o label --output-file %s", path);
    assert_int_equal(run_command(line), EXIT_STATUS_DONE);
    assert_string_equal(printed(), "");
    assert_true(pread(fd, line, sizeof(line), 0) > 0);
    assert_int_equal(strncmp(line, "io.containers.capabilities=CHOWN,SYS_NICE\n", 41), 0);
    assert_int_equal(unlink(path), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_text),         TEST(test_pasted),       TEST(test_born),
        TEST(test_nothing_seen), TEST(test_nobody_there), TEST(test_only_one),
        TEST(test_losses),       TEST(test_bad_words),    TEST(test_output_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
