/* SPDX-License-Identifier: GPL-2.0-or-later */
/* runc's and crun's state directories: recorded ones, and a host with processes that are real. */
#include "runtimes/oci_state.h"

#include "runtimes/drivers.h"
#include "runtimes/files/process.h"
#include "tests/unit/child.h"
#include "tests/unit/recorder.h"

#define USER 61234

struct fixture {
    struct runtime runtime;
    const struct runtime_driver *driver;
    void *connection;
    pid_t child; /* stands for a container's init */
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    assert_non_null(fixture);
    recorder_open(&fixture->runtime);
    fixture->driver = &runc_driver;
    fixture->child = child_start(NULL, NULL);
    *state = fixture;
    return 0;
}

static void end_child(struct fixture *fixture)
{
    child_end(fixture->child);
    fixture->child = 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    if (fixture->connection)
        fixture->driver->close(fixture->connection);
    if (fixture->child)
        end_child(fixture);
    recorder_close(&fixture->runtime);
    free(fixture);
    return 0;
}

static void connect_driver(struct fixture *fixture)
{
    struct error error = { 0 };
    assert_int_equal(fixture->driver->open(&fixture->runtime, &fixture->connection, &error), 0);
    assert_int_equal(fixture->runtime.reports, 0);
    RUN_UNTIL(&fixture->runtime, fixture->runtime.up);
}

static char *runc_state(pid_t pid, uint64_t start, const char *labels)
{
    char *text = NULL;
    assert_true(asprintf(&text,
                         "{\"init_process_pid\":%d,\"init_process_start\":%llu,"
                         "\"cgroup_paths\":{\"\":\"/sys/fs/cgroup/demo\"},"
                         "\"config\":{\"labels\":[%s]}}",
                         pid, (unsigned long long)start, labels) > 0);
    return text;
}

static void put_state(struct fixture *fixture, const char *directory, uid_t owner,
                      const char *labels)
{
    uint64_t start;
    assert_int_equal(process_start_time(fixture->child, &start), 0);
    _cleanup_(free_string)
    char *text = runc_state(fixture->child, start, labels), *path = NULL;
    assert_true(asprintf(&path, "%s/state.json", directory) > 0);
    put_text(&fixture->runtime, path, owner, text);
}

static struct container *parse_fixture(const char *path, bool crun, uint64_t *ret_start)
{
    size_t length;
    _cleanup_(free_string)
    char *text = fixture(path, &length);
    struct container *container = container_new("runc", "x");
    assert_int_equal(
        (crun ? oci_state_parse_crun : oci_state_parse_runc)(text, length, container, ret_start),
        0);
    return container;
}

static void test_recordings(UNUSED void **state)
{
    uint64_t start;
    _cleanup_(container_unref)
    struct container *container = parse_fixture("tests/fixtures/runc/state.json", false, &start);
    assert_int_equal(container->pid, 243);
    assert_int_equal(start, 1084925);
    assert_string_equal(container->cgroup_path, "/plain3");
    assert_string_equal(container_label(container, "bundle"), "/run/b");
    assert_string_equal(container->bundle, "/run/b");
    assert_true(oci_state_id_is_name(container));
    container_unref(&container);

    container = parse_fixture("tests/fixtures/crun/plain.status", true, &start);
    assert_int_equal(container->pid, 219);
    assert_int_equal(start, 1078912);
    assert_string_equal(container->cgroup_path, "/plain1");
    assert_string_equal(container->bundle, "/run/b");
    assert_true(oci_state_id_is_name(container));
    container_unref(&container);

    container = parse_fixture("tests/fixtures/crun/podman.status", true, &start);
    assert_int_equal(container->pid, 95);
    assert_false(oci_state_id_is_name(container)); /* podman's, whatever its id looks like */
}

static void test_cgroup_paths(UNUSED void **state)
{
    static const struct {
        const char *paths, *expected;
    } rows[] = {
        { "{\"\":\"/sys/fs/cgroup/a/b\"}", "/a/b" },
        { "{\"\":\"/sys/fs/cgroup/unified/a\",\"pids\":\"/sys/fs/cgroup/pids/z\"}", "/a" },
        { "{\"cpu\":\"/sys/fs/cgroup/cpu,cpuacct/c\",\"memory\":\"/sys/fs/cgroup/memory/m\"}",
          "/m" },
        { "{\"pids\":\"/elsewhere/p\"}", NULL },
        { "{\"pids\":\"/sys/fs/cgroup/pids\"}", NULL },
        { "{\"\":7}", NULL },
        { "[]", NULL },
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        _cleanup_(free_string)
        char *text = NULL;
        assert_true(asprintf(&text, "{\"cgroup_paths\":%s}", rows[i].paths) > 0);
        _cleanup_(container_unref)
        struct container *container = container_new("runc", "x");
        uint64_t start;
        assert_int_equal(oci_state_parse_runc(text, strlen(text), container, &start), 0);
        if (rows[i].expected)
            assert_string_equal(container->cgroup_path, rows[i].expected);
        else
            assert_null(container->cgroup_path);
    }
}

static void test_hostile_states(UNUSED void **state)
{
    static const char *const rejected[] = { "", "{", "[]", "7", "null", "\xff" };
    static const char *const harmless[] = {
        "{}",
        "{\"init_process_pid\":\"1\",\"pid\":[]}",
        "{\"init_process_pid\":1e308,\"pid\":1e308}",
        "{\"init_process_pid\":-5,\"pid\":-5}",
        "{\"init_process_pid\":4294967297,\"pid\":4294967297}",
        "{\"config\":{\"labels\":[1,null,\"\",\"=\",\"=x\",\"novalue\"]}}",
        "{\"config\":[],\"cgroup_paths\":\"x\",\"cgroup-path\":{},\"bundle\":3}",
    };
    uint64_t start;
    for (size_t i = 0; i < ARRAY_SIZE(rejected) + ARRAY_SIZE(harmless); i++) {
        bool bad = i < ARRAY_SIZE(rejected);
        const char *text = bad ? rejected[i] : harmless[i - ARRAY_SIZE(rejected)];
        _cleanup_(container_unref)
        struct container *container = container_new("runc", "x");
        assert_int_equal(oci_state_parse_runc(text, strlen(text), container, &start),
                         bad ? -EBADMSG : 0);
        assert_int_equal(oci_state_parse_crun(text, strlen(text), container, &start),
                         bad ? -EBADMSG : 0);
        assert_int_equal(container->pid, 0);
        assert_int_equal(container->label_count, 0);
    }
}

static void test_names_from_annotations(UNUSED void **state)
{
    _cleanup_(free_string)
    char *text = runc_state(1, 0,
                            "\"io.kubernetes.cri.container-type=container\","
                            "\"io.kubernetes.cri.container-name=app\","
                            "\"io.kubernetes.cri.sandbox-name=web=1\","
                            "\"io.kubernetes.cri.sandbox-namespace=shop\"");
    _cleanup_(container_unref)
    struct container *container = container_new("runc", "x");
    uint64_t start;
    assert_int_equal(oci_state_parse_runc(text, strlen(text), container, &start), 0);
    assert_string_equal(container->name, "app");
    assert_string_equal(container->pod, "web=1");
    assert_string_equal(container->pod_namespace, "shop");
    assert_false(container->sandbox);
}

/* As runc does it: the directory first, the state some time later. */
static void test_birth(void **state)
{
    struct fixture *fixture = *state;
    struct runtime *runtime = &fixture->runtime;
    connect_driver(fixture);
    make_directories(runtime, "/run/runc/demo", 0);
    assert_int_equal(fixture->driver->lookup(fixture->connection, "demo"), 0);
    RUN_UNTIL(runtime, recorded(runtime, "demo"));
    assert_string_equal(recorded(runtime, "demo")->name, "demo");
    assert_null(runtime->looked_up); /* without its path the answer would be of no use */
    put_state(fixture, "/run/runc/demo", 0, "\"bundle=/b\"");
    RUN_UNTIL(runtime, runtime->looked_up);
    const struct container *container = recorded(runtime, "demo");
    assert_string_equal(container->cgroup_path, "/demo");
    assert_int_equal(container->pid, fixture->child);
    assert_int_equal(container->state, CONTAINER_STATE_RUNNING);
    assert_true(container->named);
}

static void test_lookup_ends_without_state(void **state)
{
    struct fixture *fixture = *state;
    struct runtime *runtime = &fixture->runtime;
    make_directories(runtime, "/run/runc/demo", 0);
    connect_driver(fixture);
    assert_int_equal(fixture->driver->lookup(fixture->connection, "demo"), 0);
    RUN_UNTIL(runtime, runtime->looked_up);
}

static void test_removal(void **state)
{
    struct fixture *fixture = *state;
    struct runtime *runtime = &fixture->runtime;
    make_directories(runtime, "/run/runc/demo", 0);
    put_state(fixture, "/run/runc/demo", 0, "");
    connect_driver(fixture);
    assert_int_equal(recorded(runtime, "demo")->pid, fixture->child);
    _cleanup_(free_string)
    char *file = host_path(runtime, "/run/runc/demo/state.json");
    _cleanup_(free_string)
    char *directory = host_path(runtime, "/run/runc/demo");
    assert_int_equal(unlink(file), 0);
    assert_int_equal(rmdir(directory), 0);
    RUN_UNTIL(runtime, runtime->found.count == 0);
}

static void test_stale_pid(void **state)
{
    struct fixture *fixture = *state;
    struct runtime *runtime = &fixture->runtime;
    uint64_t start;
    assert_int_equal(process_start_time(fixture->child, &start), 0);
    _cleanup_(free_string)
    char *text = runc_state(fixture->child, start + 1, "");
    make_directories(runtime, "/run/runc/demo", 0);
    put_text(runtime, "/run/runc/demo/state.json", 0, text);
    connect_driver(fixture);
    assert_int_equal(recorded(runtime, "demo")->pid, 0);
    assert_int_equal(recorded(runtime, "demo")->state, CONTAINER_STATE_EXITED);
}

/* An id that is made anew: its old state must not stay. */
static void test_id_again(void **state)
{
    struct fixture *fixture = *state;
    struct runtime *runtime = &fixture->runtime;
    make_directories(runtime, "/run/runc/demo", 0);
    put_state(fixture, "/run/runc/demo", 0, "\"n=1\"");
    connect_driver(fixture);
    end_child(fixture);
    fixture->child = child_start(NULL, NULL);
    make_directories(runtime, "/run/runc/other", 0); /* any change in the root */
    put_state(fixture, "/run/runc/demo", 0, "\"n=2\"");
    make_directories(runtime, "/run/runc/another", 0);
    RUN_UNTIL(runtime, recorded(runtime, "demo")->pid == fixture->child);
    assert_string_equal(container_label(recorded(runtime, "demo"), "n"), "2");
}

/* The next process of the kernel's gets the pid of the one that has ended; others may be faster. */
static void take_pid_again(struct fixture *fixture)
{
    pid_t wanted = fixture->child;
    char text[16];
    int length = snprintf(text, sizeof(text), "%d", wanted - 1);
    end_child(fixture);
    for (int tries = 0; fixture->child != wanted; tries++) {
        assert_in_range(tries, 0, 10000);
        if (fixture->child)
            end_child(fixture);
        _cleanup_(close_fd)
        int fd = open("/proc/sys/kernel/ns_last_pid", O_WRONLY | O_CLOEXEC);
        assert_true(fd >= 0);
        assert_int_equal(write(fd, text, (size_t)length), length);
        fixture->child = child_start(NULL, NULL);
    }
}

/* A later process with the same pid does not keep what is known of the one that has ended. */
static void test_pid_again(void **state)
{
    struct fixture *fixture = *state;
    struct runtime *runtime = &fixture->runtime;
    uint64_t before, after;
    make_directories(runtime, "/run/runc/demo", 0);
    put_state(fixture, "/run/runc/demo", 0, "");
    connect_driver(fixture);
    assert_int_equal(recorded(runtime, "demo")->pid, fixture->child);
    assert_int_equal(process_start_time(fixture->child, &before), 0);
    usleep(100000); /* clock ticks are of 10 ms */
    take_pid_again(fixture);
    assert_int_equal(process_start_time(fixture->child, &after), 0);
    assert_int_not_equal(before, after);
    assert_true(process_still(fixture->child, after));
    assert_false(process_still(fixture->child, before));
    make_directories(runtime, "/run/runc/other", 0); /* any change in the root */
    RUN_UNTIL(runtime, recorded(runtime, "other"));
    assert_int_equal(recorded(runtime, "demo")->pid, 0);
    assert_int_equal(recorded(runtime, "demo")->state, CONTAINER_STATE_EXITED);
}

static void test_engines_own_roots(void **state)
{
    struct fixture *fixture = *state;
    struct runtime *runtime = &fixture->runtime;
    make_directories(runtime, "/run/docker/runtime-runc/moby/abc", 0);
    make_directories(runtime, "/run/containerd/runc/k8s.io/def", 0);
    put_state(fixture, "/run/containerd/runc/k8s.io/def", 0,
              "\"io.kubernetes.cri.container-name=app\"");
    connect_driver(fixture);
    assert_false(recorded(runtime, "abc")->named); /* its name is Docker's to tell */
    assert_null(recorded(runtime, "abc")->name);
    assert_string_equal(recorded(runtime, "def")->name, "app");
    assert_string_equal(recorded(runtime, "def")->engine_namespace, "k8s.io");
}

/* A user claims a process and a cgroup that are not his: it is told whose words they are. The
 * registry knows better, see tests/unit/containers/test_identity.c. */
static void test_users_claims(void **state)
{
    struct fixture *fixture = *state;
    struct runtime *runtime = &fixture->runtime;
    make_directories(runtime, "/run/user", 0);
    make_directories(runtime, "/run/user/61234/runc/demo", USER);
    put_state(fixture, "/run/user/61234/runc/demo", USER, "");
    connect_driver(fixture);
    RUN_UNTIL(runtime, recorded(runtime, "demo"));
    const struct container *container = recorded(runtime, "demo");
    assert_int_equal(container->owner_uid, USER);
    assert_int_equal(container->pid, fixture->child);
    assert_string_equal(container->cgroup_path, "/demo");
}

static void test_crun_status(void **state)
{
    struct fixture *fixture = *state;
    struct runtime *runtime = &fixture->runtime;
    fixture->driver = &crun_driver;
    make_directories(runtime, "/run/crun/demo", 0);
    connect_driver(fixture);
    _cleanup_(free_string)
    char *text = NULL;
    assert_true(asprintf(&text, "{\"pid\":%d,\"cgroup-path\":\"/demo\"}", fixture->child) > 0);
    put_text(runtime, "/run/crun/demo/status", 0, text);
    RUN_UNTIL(runtime, recorded(runtime, "demo")->pid == fixture->child);
    assert_string_equal(recorded(runtime, "demo")->name, "demo");
    assert_string_equal(recorded(runtime, "demo")->runtime, "crun");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recordings),
        cmocka_unit_test(test_cgroup_paths),
        cmocka_unit_test(test_hostile_states),
        cmocka_unit_test(test_names_from_annotations),
        TEST(test_birth),
        TEST(test_lookup_ends_without_state),
        TEST(test_removal),
        TEST(test_stale_pid),
        TEST(test_id_again),
        TEST(test_pid_again),
        TEST(test_engines_own_roots),
        TEST(test_users_claims),
        TEST(test_crun_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
