/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections that come, fail and go. The driver is a fake: no real engine fails on demand. */
#include "runtimes/runtime_driver.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <time.h>

#include <cmocka.h>

#include "runtimes/socket_path.h"

static struct {
    sd_event *event;
    struct runtime *runtime;
    sd_event_source *up_soon;
    char directory[64];
    char path[96];
    const char *sockets[2];

    int open_result; /* what the fake answers next */
    bool stays_silent;
    size_t opened, connected, closed, asked;
    uint64_t opened_usec[16]; /* when, by the loop's clock */

    size_t found, removed, looked_up, downs;
    char last_id[64];
    char reason[ERROR_MESSAGE_SIZE];
    enum runtime_state states[64];
    size_t state_count;
} t;

static int report_up(UNUSED sd_event_source *source, UNUSED void *userdata)
{
    runtime_report_up(t.runtime);
    return 0;
}

static int fake_open(struct runtime *runtime, void **ret_connection, struct error *error)
{
    if (t.opened < ARRAY_SIZE(t.opened_usec))
        assert_true(sd_event_now(t.event, CLOCK_MONOTONIC, &t.opened_usec[t.opened]) >= 0);
    t.opened++;
    if (t.open_result < 0)
        return error_set(error, t.open_result, "refused by %s", runtime_socket(runtime));
    *ret_connection = &t;
    t.connected++;
    if (!t.stays_silent)
        assert_true(sd_event_add_defer(t.event, &t.up_soon, report_up, NULL) >= 0);
    return 0;
}

static void fake_close(UNUSED void *connection)
{
    t.up_soon = sd_event_source_disable_unref(t.up_soon);
    t.closed++;
}

static int fake_lookup(UNUSED void *connection, const char *id)
{
    if (strcmp(id, "refused") == 0)
        return -EIO;
    t.asked++;
    return 0;
}

static struct runtime_driver fake = {
    .name = "fake",
    .open = fake_open,
    .close = fake_close,
    .lookup = fake_lookup,
};

static void on_found(UNUSED void *userdata, UNUSED const char *runtime,
                     UNUSED struct container *container)
{
    t.found++;
}

static void on_removed(UNUSED void *userdata, const struct container_origin *origin)
{
    assert_string_equal(origin->runtime, "fake");
    t.removed++;
}

static void on_looked_up(UNUSED void *userdata, UNUSED const char *runtime, const char *id)
{
    t.looked_up++;
    (void)snprintf(t.last_id, sizeof(t.last_id), "%s", id);
}

static void on_state(UNUSED void *userdata, UNUSED const char *runtime, enum runtime_state state,
                     const struct error *reason)
{
    assert_true((state == RUNTIME_DOWN) == (reason != NULL));
    if (reason)
        (void)snprintf(t.reason, sizeof(t.reason), "%s", reason->message);
    t.downs += state == RUNTIME_DOWN;
    assert_in_range(t.state_count, 0, ARRAY_SIZE(t.states) - 1);
    t.states[t.state_count++] = state;
}

static const struct runtime_listener listener = { on_found, on_removed, on_looked_up, on_state,
                                                  NULL };

static int set_up(UNUSED void **state)
{
    memset(&t, 0, sizeof(t));
    (void)snprintf(t.directory, sizeof(t.directory), "/tmp/local-gadget-test-XXXXXX");
    assert_non_null(mkdtemp(t.directory));
    (void)snprintf(t.path, sizeof(t.path), "%s/fake.sock", t.directory);
    t.sockets[0] = t.path;
    fake.socket_paths = t.sockets;
    (void)unsetenv("HOST_ROOT");
    return sd_event_new(&t.event);
}

static int tear_down(UNUSED void **state)
{
    runtime_free(&t.runtime);
    assert_int_equal(t.connected, t.closed);
    sd_event_unref(t.event);
    (void)unlink(t.path);
    return rmdir(t.directory);
}

static void start(void)
{
    const struct runtime_options options = { 0 };
    struct error error = { 0 };
    assert_int_equal(runtime_new(&fake, &options, t.event, &listener, &t.runtime, &error), 0);
    assert_int_equal(t.state_count, 0); /* nothing from inside the call */
}

static void put_socket(void)
{
    int fd = open(t.path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600); /* whether it is there matters */
    assert_true(fd >= 0);
    close_fd(&fd);
}

#define RUN_UNTIL(condition)                                \
    do {                                                    \
        for (int turns_ = 0; !(condition); turns_++) {      \
            assert_in_range(turns_, 0, 1000);               \
            assert_true(sd_event_run(t.event, 20000) >= 0); \
        }                                                   \
    } while (0)

static void go_up(void)
{
    put_socket();
    start();
    RUN_UNTIL(runtime_get_state(t.runtime) == RUNTIME_UP);
}

static void fail_connection(const char *why)
{
    struct error reason = { 0 };
    (void)error_set(&reason, -EPIPE, "%s", why);
    runtime_report_down(t.runtime, &reason);
}

static void test_socket_appears(UNUSED void **state)
{
    start();
    assert_int_equal(runtime_get_state(t.runtime), RUNTIME_ABSENT);
    while (sd_event_run(t.event, 20000) > 0)
        continue;
    assert_int_equal(t.opened, 0);
    assert_int_equal(runtime_lookup(t.runtime, "a"), -ENOTCONN);
    put_socket();
    RUN_UNTIL(runtime_get_state(t.runtime) == RUNTIME_UP);
    assert_int_equal(t.opened, 1);
    assert_string_equal(runtime_socket(t.runtime), t.path);
}

/* Its directory too comes later, as with a package that is installed while we run. */
static void test_directory_appears(UNUSED void **state)
{
    char directory[128], path[160];
    (void)snprintf(directory, sizeof(directory), "%s/sub", t.directory);
    (void)snprintf(path, sizeof(path), "%s/fake.sock", directory);
    t.sockets[0] = path;
    start();
    while (sd_event_run(t.event, 20000) > 0)
        continue;
    assert_int_equal(mkdir(directory, 0700), 0);
    while (sd_event_run(t.event, 20000) > 0)
        continue;
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    close_fd(&fd);
    RUN_UNTIL(runtime_get_state(t.runtime) == RUNTIME_UP);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(directory), 0);
}

static void test_required(UNUSED void **state)
{
    const struct runtime_options options = { .required = true };
    struct error error = { 0 };
    assert_int_equal(runtime_new(&fake, &options, t.event, &listener, &t.runtime, &error), -ENOENT);
    assert_non_null(strstr(error.message, t.path));
    assert_null(t.runtime);
}

/* Fails to start, with these words. */
static void refuse(const struct runtime_options *options, const char *words)
{
    struct error error = { 0 };
    assert_int_equal(runtime_new(&fake, options, t.event, &listener, &t.runtime, &error), -ENOENT);
    assert_string_equal(error.message, words);
    assert_null(t.runtime);
}

static void test_named_socket(UNUSED void **state)
{
    static const char *const variables[] = { "FAKE_HOST", "FAKE_OTHER", NULL };
    fake.environment = variables;
    put_socket(); /* at the usual place, which is not asked for */
    assert_int_equal(unsetenv("FAKE_OTHER"), 0);
    assert_int_equal(setenv("FAKE_HOST", "unix:///nonexistent/a", 1), 0);
    refuse(&(struct runtime_options){ 0 },
           "fake was asked for, but there is no socket at /nonexistent/a (FAKE_HOST)");
    refuse(&(struct runtime_options){ .socket_path = "/nonexistent/b" },
           "fake was asked for, but there is no socket at /nonexistent/b");
    assert_int_equal(setenv("FAKE_HOST", "tcp://192.0.2.1:2375", 1), 0);
    refuse(&(struct runtime_options){ 0 },
           "fake was asked for, but tcp://192.0.2.1:2375 (FAKE_HOST) is no socket of this host: "
           "its engines are asked at unix:///PATH");
    refuse(&(struct runtime_options){ .socket_path = "ssh://host" },
           "fake was asked for, but ssh://host is no socket of this host: its engines are asked at "
           "unix:///PATH");
    assert_int_equal(setenv("FAKE_OTHER", t.path, 1), 0);
    start(); /* the other variable is of use */
    fake.environment = NULL;
}

static void test_root_of_the_host(UNUSED void **state)
{
    char file[256];
    put_socket();
    (void)snprintf(file, sizeof(file),
                   "there is no directory %s, which HOST_ROOT names as the "
                   "root of the host",
                   t.path);
    assert_int_equal(setenv("HOST_ROOT", t.path, 1), 0);
    refuse(&(struct runtime_options){ 0 }, file);
    assert_int_equal(setenv("HOST_ROOT", "", 1), 0);
    start();
}

static void test_lookups(UNUSED void **state)
{
    go_up();
    assert_int_equal(runtime_lookup(t.runtime, "a"), 0);
    assert_int_equal(runtime_lookup(t.runtime, "b"), 0);
    assert_int_equal(runtime_lookup(t.runtime, "a"), 0);
    assert_int_equal(runtime_lookup(t.runtime, "refused"), -EIO);
    runtime_report_looked_up(t.runtime, "a");
    runtime_report_looked_up(t.runtime, "a");
    runtime_report_looked_up(t.runtime, "a"); /* never asked for a third time */
    runtime_report_looked_up(t.runtime, "refused");
    assert_int_equal(t.looked_up, 2);
    runtime_report_looked_up(t.runtime, "b");
    assert_string_equal(t.last_id, "b");
    assert_int_equal(t.looked_up, 3);
}

static void test_lookups_are_bounded(UNUSED void **state)
{
    go_up();
    int r = 0;
    size_t asked = 0;
    for (; r == 0 && asked < 1000000; asked++) {
        char id[16];
        (void)snprintf(id, sizeof(id), "%zu", asked);
        r = runtime_lookup(t.runtime, id);
    }
    assert_int_equal(r, -EBUSY);
    runtime_report_looked_up(t.runtime, "0");
    assert_int_equal(runtime_lookup(t.runtime, "again"), 0);
}

static void test_failure_ends_lookups(UNUSED void **state)
{
    go_up();
    assert_int_equal(runtime_lookup(t.runtime, "a"), 0);
    fail_connection("the engine has gone");
    assert_int_equal(t.closed, 0); /* a driver may report from deep inside itself */
    assert_int_equal(runtime_lookup(t.runtime, "b"), -ENOTCONN);
    RUN_UNTIL(t.downs == 1);
    assert_string_equal(t.reason, "the engine has gone");
    assert_int_equal(t.looked_up, 1);
    assert_string_equal(t.last_id, "a");
    RUN_UNTIL(runtime_get_state(t.runtime) == RUNTIME_UP);
    assert_int_equal(t.opened, 2);
}

static void test_refused_and_retried(UNUSED void **state)
{
    t.open_result = -ECONNREFUSED;
    put_socket();
    start();
    assert_int_equal(runtime_get_state(t.runtime), RUNTIME_CONNECTING);
    RUN_UNTIL(t.downs == 2);
    assert_non_null(strstr(t.reason, t.path));
    t.open_result = 0;
    RUN_UNTIL(runtime_get_state(t.runtime) == RUNTIME_UP);
    assert_int_equal(t.closed, 0);
}

/* An engine that is down for long is not asked all the time: each pause is twice the last one. */
static void test_back_off(UNUSED void **state)
{
    t.open_result = -ECONNREFUSED;
    put_socket();
    start();
    RUN_UNTIL(t.opened == 5);
    for (size_t i = 1; i < 5; i++)
        assert_true(t.opened_usec[i] - t.opened_usec[i - 1] >= UINT64_C(50000) << i);
}

static void test_socket_goes(UNUSED void **state)
{
    go_up();
    assert_int_equal(unlink(t.path), 0);
    fail_connection("gone");
    RUN_UNTIL(runtime_get_state(t.runtime) == RUNTIME_ABSENT);
    put_socket();
    RUN_UNTIL(runtime_get_state(t.runtime) == RUNTIME_UP);
}

/* The environment names a socket where another engine answers. Opens it, and says so. */
static void meet_another(const char *usual, bool required)
{
    static const char *const variables[] = { "FAKE_HOST", NULL };
    const struct runtime_options options = { .required = required };
    struct error error = { 0 };
    t.sockets[0] = usual;
    t.stays_silent = true;
    fake.environment = variables;
    assert_int_equal(setenv("FAKE_HOST", t.path, 1), 0);
    put_socket();
    assert_int_equal(runtime_new(&fake, &options, t.event, &listener, &t.runtime, &error), 0);
    RUN_UNTIL(t.opened == 1);
    assert_string_equal(runtime_socket(t.runtime), t.path);
    t.stays_silent = false;
    runtime_report_foreign(t.runtime, "other");
    assert_int_equal(t.closed, 0); /* not from inside the call */
}

static void test_foreign(UNUSED void **state)
{
    char usual[96];
    (void)snprintf(usual, sizeof(usual), "%s/usual.sock", t.directory);
    close_fd(&(int){ open(usual, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) });
    meet_another(usual, false);
    RUN_UNTIL(runtime_get_state(t.runtime) == RUNTIME_UP);
    assert_string_equal(runtime_socket(t.runtime), usual);
    assert_int_equal(t.downs, 0);
    assert_int_equal(unlink(usual), 0);
    /* There, too. */
    runtime_report_foreign(t.runtime, "another");
    RUN_UNTIL(t.downs);
    assert_non_null(strstr(t.reason, "another"));
    assert_non_null(strstr(t.reason, usual));
    fake.environment = NULL;
}

static void test_foreign_and_alone(UNUSED void **state)
{
    meet_another("/nonexistent/a.sock", false);
    RUN_UNTIL(runtime_get_state(t.runtime) == RUNTIME_ABSENT);
    assert_int_equal(t.downs, 0);
    runtime_free(&t.runtime);
    t.opened = t.closed = t.connected = 0;
    meet_another("/nonexistent/a.sock", true);
    RUN_UNTIL(t.downs);
    assert_non_null(strstr(t.reason, "other"));
    assert_non_null(strstr(t.reason, t.path));
    fake.environment = NULL;
}

static void test_choice_of_socket(UNUSED void **state)
{
    static const char *const variables[] = { "FAKE_HOST", "FAKE_OTHER", NULL };
    const char *const defaults[] = { "/nonexistent/a.sock", t.path, NULL };
    const struct runtime_driver driver = { .environment = variables, .socket_paths = defaults };
    static const struct {
        const char *option, *first, *second, *expected;
    } rows[] = {
        { "/opt.sock", "unix:///env.sock", NULL, "/opt.sock" },
        { "unix:///opt.sock", NULL, NULL, "/opt.sock" },
        { NULL, "unix:///env.sock", "/other.sock", "/env.sock" },
        { NULL, "tcp://10.0.0.1:2375", "/other.sock", "/other.sock" },
        { NULL, "tcp://10.0.0.1:2375", "ssh://other", "tcp://10.0.0.1:2375" },
        { NULL, "unix:/env.sock", NULL, "/env.sock" },
        { NULL, "", NULL, "/nonexistent/a.sock" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        assert_int_equal(
            rows[i].first ? setenv("FAKE_HOST", rows[i].first, 1) : unsetenv("FAKE_HOST"), 0);
        assert_int_equal(
            rows[i].second ? setenv("FAKE_OTHER", rows[i].second, 1) : unsetenv("FAKE_OTHER"), 0);
        _cleanup_(free_string)
        char *path = NULL;
        assert_int_equal(
            socket_path_choose(&driver, &(struct runtime_options){ .socket_path = rows[i].option },
                               &path),
            0);
        assert_string_equal(path, rows[i].expected);
        free_string(&path);
        assert_int_equal(
            socket_path_choose(&driver,
                               &(struct runtime_options){ .socket_path = rows[i].option,
                                                          .ignore_environment = true },
                               &path),
            0);
        assert_string_equal(path, rows[i].option ? rows[i].expected : "/nonexistent/a.sock");
    }
    put_socket();
    _cleanup_(free_string)
    char *path = NULL;
    assert_int_equal(socket_path_choose(&driver, &(struct runtime_options){ 0 }, &path), 0);
    assert_string_equal(path, t.path);
}

static void test_find_driver(UNUSED void **state)
{
    assert_ptr_equal(runtime_driver_find("runc,crun", 4), runtime_driver_find("runc", 4));
    assert_string_equal(runtime_driver_find("podman", 6)->name, "podman");
    assert_null(runtime_driver_find("run", 3));
    assert_null(runtime_driver_find("", 0));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_socket_appears),
        TEST(test_directory_appears),
        TEST(test_required),
        TEST(test_named_socket),
        TEST(test_root_of_the_host),
        TEST(test_lookups),
        TEST(test_lookups_are_bounded),
        TEST(test_failure_ends_lookups),
        TEST(test_refused_and_retried),
        TEST(test_back_off),
        TEST(test_socket_goes),
        TEST(test_choice_of_socket),
        TEST(test_foreign),
        TEST(test_foreign_and_alone),
        TEST(test_find_driver),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
