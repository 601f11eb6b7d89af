/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <cjson/cJSON.h>
#include <signal.h>

#include "tests/unit/commands/run_command.h"

#define ID(number) "a17f0c2e0000000000000000000000000000000000000000000000000000000" number

#define FIRST      11
#define SECOND     12
#define POD        13
#define LATE       20

static int set_up(void **state)
{
    (void)set_up_host(state);
    fake_tree_add(&host_tree, FIRST, "/docker/" ID("1"));
    fake_tree_add(&host_tree, SECOND, "/machine.slice/libpod-" ID("2") ".scope");
    fake_tree_add(&host_tree, POD, "/docker/" ID("3"));
    return 0;
}

#define LIST_TEST(function) cmocka_unit_test_setup(function, set_up)

/* The rows of -o json, as names with blanks behind them. */
static const char *names(void)
{
    static char text[512];
    cJSON *rows = cJSON_Parse(printed()), *row;
    size_t length = 0;

    assert_true(cJSON_IsArray(rows));
    text[0] = '\0';
    cJSON_ArrayForEach (row, rows) {
        const cJSON *name = cJSON_GetObjectItem(row, "name");

        if (!cJSON_IsString(name))
            name = cJSON_GetObjectItem(row, "id");
        length += (size_t)snprintf(text + length, sizeof(text) - length, "%.12s ",
                                   name ? name->valuestring : "?");
    }
    cJSON_Delete(rows);
    return text;
}

/* -------- without --watch -------- */

static void test_no_engine(UNUSED void **state)
{
    assert_int_equal(run_command("list-containers -o json"), EXIT_STATUS_DONE);
    assert_string_equal(names(), "a17f0c2e0000 a17f0c2e0000 a17f0c2e0000 ");
    assert_string_equal(said(), "");
}

static void test_only_some_engines(UNUSED void **state)
{
    fake_engine("podman")->state = RUNTIME_UP;
    assert_int_equal(run_command("list-containers -r podman --fields runtime"), EXIT_STATUS_DONE);
    assert_int_equal(count_of(printed(), "podman"), 1);
    assert_int_equal(count_of(printed(), "docker"), 0);
    assert_int_equal(run_command("list-containers -r docker"), EXIT_STATUS_FAILURE);
    assert_non_null(strstr(said(), "docker was asked for"));
}

/* Of several engines those that are not there are left out. */
static void test_some_of_several_engines(UNUSED void **state)
{
    fake_engine("podman")->state = RUNTIME_UP;
    assert_int_equal(run_command("list-containers -r podman,docker,containerd --fields runtime"),
                     EXIT_STATUS_DONE);
    assert_int_equal(run_command("list-containers -r docker,containerd"), EXIT_STATUS_FAILURE);
    assert_non_null(strstr(said(), "none of the engines that were asked for is here"));
}

static void test_chosen_and_sorted(UNUSED void **state)
{
    assert_int_equal(run_command("list-containers -v -o json -c a17f0c2e0000,!" ID("2")),
                     EXIT_STATUS_DONE);
    assert_string_equal(names(), "a17f0c2e0000 a17f0c2e0000 ");
    assert_int_equal(
        run_command("-v list-containers --fields runtime --runtime-containername " ID("2")),
        EXIT_STATUS_DONE);
    assert_int_equal(count_of(printed(), "podman"), 1);
    assert_int_equal(count_of(printed(), "docker"), 0);
    assert_int_equal(run_command("list-containers --fields id -F runtime:docker --sort=-id"),
                     EXIT_STATUS_DONE);
    assert_true(strstr(printed(), ID("3")) < strstr(printed(), ID("1")));
    assert_null(strstr(printed(), ID("2")));
    assert_int_equal(run_command("list-containers --fields id --sort runtime,id --sort pid"),
                     EXIT_STATUS_DONE);
    assert_true(strstr(printed(), ID("3")) < strstr(printed(), ID("2")));
}

static void test_wrong_choices(UNUSED void **state)
{
    assert_int_equal(run_command("list-containers --sort nme"), EXIT_STATUS_USAGE);
    assert_non_null(strstr(said(), "--sort: unknown field 'nme'; did you mean name?"));
    assert_int_equal(run_command("list-containers -F pid:x"), EXIT_STATUS_USAGE);
    assert_int_equal(run_command("list-containers --sort labels"), EXIT_STATUS_USAGE);
    assert_int_equal(run_command("list-containers --fields id --fields name,"), EXIT_STATUS_USAGE);
    assert_non_null(strstr(said(), "has an empty word in it"));
    assert_int_equal(run_command("list-containers --fields id --fields name"), EXIT_STATUS_DONE);
    assert_non_null(strstr(printed(), "ID"));
    assert_non_null(strstr(printed(), "NAME"));
}

static void test_silent_engine(UNUSED void **state)
{
    fake_engine("docker")->state = RUNTIME_CONNECTING;
    assert_int_equal(run_command("list-containers -o json"), EXIT_STATUS_DONE);
    assert_non_null(strstr(said(), "not every engine has answered"));
    assert_string_equal(names(), "a17f0c2e0000 a17f0c2e0000 a17f0c2e0000 ");
}

static void test_timeout(UNUSED void **state)
{
    fake_engine("docker")->state = RUNTIME_CONNECTING;
    assert_int_equal(run_command("list-containers -o json -t 1ms"), EXIT_STATUS_DONE);
    assert_string_equal(names(), "a17f0c2e0000 a17f0c2e0000 a17f0c2e0000 ");
}

static void test_failures(UNUSED void **state)
{
    assert_int_equal(run_command("list-containers --fields nope"), EXIT_STATUS_USAGE);
    assert_non_null(strstr(said(), "unknown field"));
    fake_source.refusal = -EPERM;
    assert_int_equal(run_command("list-containers --watch"), EXIT_STATUS_FAILURE);
    assert_non_null(strstr(said(), "the kernel says no"));
    host_tree.cgroup_count = 0;
    assert_int_equal(run_command("list-containers"), EXIT_STATUS_FAILURE);
    assert_non_null(strstr(said(), "no cgroup file system"));
}

/* -------- with it: a play of several acts, each once the one before has shown -------- */

static int act;

static bool has_printed(const char *what)
{
    return strstr(printed(), what);
}

static void play_engine(void)
{
    if (act == 0) {
        fake_engine_finds("docker", ID("1"), "zebra");
        fake_engine_finds("docker", ID("3"), "ant");
        fake_engine_becomes("docker", RUNTIME_UP, NULL);
        fake_engine_answers("docker", ID("1"));
    } else if (act == 1 && has_printed("CREATED")) {
        (void)raise(SIGTERM);
    } else {
        return;
    }
    act++;
}

/* Sorted by engine and name, once all have answered. */
static void test_sorted(UNUSED void **state)
{
    act = 0;
    fake_engine("docker")->state = RUNTIME_CONNECTING;
    fake_source.play = play_engine;
    assert_int_equal(run_command("list-containers --watch --fields event,runtime,name"),
                     EXIT_STATUS_DONE);
    assert_int_equal(count_of(printed(), "CREATED"), 3);
    assert_true(strstr(printed(), "ant") < strstr(printed(), "zebra"));
    assert_true(strstr(printed(), "zebra") < strstr(printed(), "podman"));
}

static void play_life(void)
{
    switch (act) {
    case 0:
        if (!has_printed("CREATED"))
            return;
        fake_tree_add(&host_tree, LATE, "/docker/" ID("4"));
        fake_cgroup(EVENT_CGROUP_BORN, LATE, 1, 1);
        fake_cgroup(EVENT_CGROUP_EXEC, LATE, 0, 0);
        break;
    case 1:
        if (!has_printed(ID("4")))
            return;
        fake_tree_remove(&host_tree, LATE);
        fake_cgroup(EVENT_CGROUP_GONE, LATE, 0, 1);
        fake_drained();
        break;
    case 2:
        if (!has_printed("DELETED"))
            return;
        /* Notices were lost: one has gone meanwhile. */
        fake_tree_remove(&host_tree, FIRST);
        fake_source.listener->cgroups_lost(fake_source.listener->userdata, 1);
        fake_drained();
        break;
    case 3:
        if (count_of(printed(), "DELETED") < 2)
            return;
        (void)raise(SIGTERM);
        break;
    default:
        return;
    }
    act++;
}

static void test_watch(UNUSED void **state)
{
    act = 0;
    fake_source.play = play_life;
    assert_int_equal(run_command("list-containers --watch -o json"), EXIT_STATUS_DONE);
    assert_int_equal(count_of(printed(), "CREATED"), 4);
    assert_int_equal(count_of(printed(), "DELETED"), 2);
    assert_int_equal(count_of(printed(), ID("4")), 6);    /* as id and two paths, twice */
    assert_int_equal(fake_policy(SECOND), POLICY_IGNORE); /* no check is wanted */
    assert_non_null(strstr(said(), "1 starts or stops were lost"));
}

static void fail_at_once(void)
{
    const struct error error = { .code = -EIO, .message = "the ring is broken" };

    fake_source.listener->failed(fake_source.listener->userdata, &error);
}

static void test_source_fails(UNUSED void **state)
{
    fake_source.play = fail_at_once;
    assert_int_equal(run_command("list-containers --watch"), EXIT_STATUS_FAILURE);
    assert_non_null(strstr(said(), "the ring is broken"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LIST_TEST(test_no_engine),
        LIST_TEST(test_only_some_engines),
        LIST_TEST(test_silent_engine),
        LIST_TEST(test_some_of_several_engines),
        LIST_TEST(test_chosen_and_sorted),
        LIST_TEST(test_wrong_choices),
        LIST_TEST(test_timeout),
        LIST_TEST(test_failures),
        LIST_TEST(test_sorted),
        LIST_TEST(test_watch),
        LIST_TEST(test_source_fails),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
