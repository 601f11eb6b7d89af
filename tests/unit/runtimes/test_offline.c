/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose files are read when something changes: an engine that counts stands on the real kernel's
 * notices. */
#include "runtimes/offline.h"

#include <time.h>

#include "runtimes/files/state_file.h"
#include "tests/unit/recorder.h"

#define USER    61234
#define OTHER   61235
#define TOUCHES 2000
#define REST_NS 100000000 /* between two readings of users' files, at least */

static struct runtime host;
static struct offline *offline;
static size_t root_readings, user_readings, other_readings;
static uint64_t slowness_ns;               /* what a reading takes, at least */
static uint64_t began_ns, ended_ns;        /* the last one */
static uint64_t last_took_ns, last_rested; /* the one before it, and how long it was quiet then */

static uint64_t now_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void take_time(void)
{
    last_took_ns = ended_ns - began_ns;
    began_ns = now_ns();
    last_rested = began_ns - ended_ns;
    do
        ended_ns = now_ns();
    while (ended_ns - began_ns < slowness_ns);
}

/* Each file is a container. */
static int count_reading(struct offline_place *place, int directory_fd, struct container_list *list)
{
    offline_watch(place, directory_fd);
    size_t *readings = place->owner == 0      ? &root_readings
                       : place->owner == USER ? &user_readings
                                              : &other_readings;
    ++*readings;
    if (place->owner != 0)
        take_time();
    static const char *const names[] = { "first", "second", "last" };
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        struct stat status;
        if (fstatat(directory_fd, names[i], &status, 0) < 0)
            continue;
        struct container *container = container_new("counter", names[i]);
        container->owner_uid = place->owner;
        assert_int_equal(container_list_add(list, &container, SIZE_MAX), 0);
    }
    return 0;
}

static const struct offline_user_location user_locations[] = {
    { OFFLINE_RUN_DIR, "counter", NULL },
    { 0 },
};

static const struct offline_engine engine = { user_locations, count_reading, false };

static int set_up(UNUSED void **state)
{
    recorder_open(&host);
    root_readings = user_readings = other_readings = 0;
    slowness_ns = 0;
    make_directories(&host, "/run/counter", 0);
    make_directories(&host, "/run/user/61234/counter", 0);
    _cleanup_(free_string)
    char *path = host_path(&host, "/run/user/61234");
    assert_int_equal(chown(path, USER, USER), 0);
    assert_int_equal(offline_new(&host, &engine, &offline), 0);
    assert_int_equal(offline_add_place(offline, "/run/counter", NULL, NULL), 0);
    RUN_UNTIL(&host, host.up && user_readings == 1);
    return 0;
}

static int tear_down(UNUSED void **state)
{
    offline_free(&offline);
    recorder_close(&host);
    return 0;
}

static void turn_until_quiet(void)
{
    while (sd_event_run(host.event, 0) > 0)
        continue;
}

/* A user keeps his own directory busy: root's files are left alone, and his are read now and then,
 * the last change included. */
static void test_busy_user(UNUSED void **state)
{
    size_t of_root = root_readings, of_user = user_readings;
    uint64_t start = now_ns();
    /* Where files are quick, TOUCHES are done before he is read again. */
    for (int i = 0; i < TOUCHES || user_readings == of_user; i++) {
        put_text(&host, "/run/user/61234/counter/first", USER, "");
        turn_until_quiet();
    }
    size_t readings = user_readings - of_user;
    assert_in_range(readings, 1, 1 + (now_ns() - start) / REST_NS);
    assert_int_equal(root_readings, of_root);
    put_text(&host, "/run/user/61234/counter/last", USER, "");
    RUN_UNTIL(&host, recorded(&host, "last"));
    assert_int_equal(recorded(&host, "last")->owner_uid, USER);
    assert_int_equal(root_readings, of_root);
}

/* The longer his files take, the longer he waits: he has a part of our time, and no more. */
static void test_slow_user(UNUSED void **state)
{
    slowness_ns = 20000000;
    for (size_t i = 0; i < 3; i++) {
        size_t of_user = user_readings;
        put_text(&host, "/run/user/61234/counter/first", USER, "");
        RUN_UNTIL(&host, user_readings > of_user);
    }
    assert_true(last_took_ns >= slowness_ns);
    assert_true(last_rested >= last_took_ns * (OFFLINE_USERS_SHARE - 1));
}

/* What root does is read at once, however busy a user is, and nobody else's files are. */
static void test_root_does_not_wait(UNUSED void **state)
{
    put_text(&host, "/run/user/61234/counter/first", USER, "");
    RUN_UNTIL(&host, recorded(&host, "first"));
    size_t of_user = user_readings;
    put_text(&host, "/run/counter/second", 0, "");
    turn_until_quiet();
    assert_non_null(recorded(&host, "second"));
    assert_int_equal(recorded(&host, "second")->owner_uid, 0);
    assert_int_equal(user_readings, of_user);
}

/* Users come and go while we watch. A run-time directory is not its owner's at first. */
static void test_users_come_and_go(UNUSED void **state)
{
    make_directories(&host, "/run/user/61235", 0);
    run_quiet(&host);
    assert_int_equal(other_readings, 0);
    make_directories(&host, "/run/user/61235/counter", OTHER);
    put_text(&host, "/run/user/61235/counter/second", OTHER, "");
    _cleanup_(free_string)
    char *path = host_path(&host, "/run/user/61235");
    assert_int_equal(chown(path, OTHER, OTHER), 0);
    RUN_UNTIL(&host, recorded(&host, "second"));
    assert_int_equal(recorded(&host, "second")->owner_uid, OTHER);
    size_t of_user = user_readings;
    _cleanup_(free_string)
    char *away = host_path(&host, "/gone");
    assert_int_equal(rename(path, away), 0);
    RUN_UNTIL(&host, !recorded(&host, "second"));
    assert_int_equal(user_readings, of_user);
}

/* An id that nobody has is answered, also while a user's changes wait. */
static void test_lookup_beside_busy_user(UNUSED void **state)
{
    put_text(&host, "/run/user/61234/counter/first", USER, "");
    RUN_UNTIL(&host, recorded(&host, "first"));
    put_text(&host, "/run/user/61234/counter/second", USER, "");
    assert_int_equal(offline_lookup(offline, "second"), 0);
    RUN_UNTIL(&host, host.looked_up);
    assert_non_null(recorded(&host, "second")); /* it may be in what was still to be read */
    assert_int_equal(offline_lookup(offline, "nobody's"), 0);
    RUN_UNTIL(&host, strcmp(host.looked_up, "nobody's") == 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_busy_user),
        TEST(test_slow_user),
        TEST(test_root_does_not_wait),
        TEST(test_users_come_and_go),
        TEST(test_lookup_beside_busy_user),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
