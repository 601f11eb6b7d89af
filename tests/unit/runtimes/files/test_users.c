/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtimes/files/users.h"

#include "tests/unit/recorder.h"

static struct runtime host;

static int set_up(UNUSED void **state)
{
    recorder_open(&host);
    return 0;
}

static int tear_down(UNUSED void **state)
{
    recorder_close(&host);
    return 0;
}

static void test_list(UNUSED void **state)
{
    uid_t uids[3];
    assert_int_equal(users_list(host.root, uids, ARRAY_SIZE(uids)), 0);
    make_directories(&host, "/run/user", 0);
    make_directories(&host, "/run/user/2000", 2000);
    make_directories(&host, "/run/user/1000", 1000);
    make_directories(&host, "/run/user/0", 0);
    make_directories(&host, "/run/user/1001", 1002); /* another's: not made by logind */
    make_directories(&host, "/run/user/99999999999999999999", 0);
    make_directories(&host, "/run/user/1003x", 1003);
    put_text(&host, "/run/user/1004", 1004, "");
    assert_int_equal(users_list(host.root, uids, ARRAY_SIZE(uids)), 2);
    assert_int_equal(uids[0], 1000);
    assert_int_equal(uids[1], 2000);
    assert_int_equal(users_list(host.root, uids, 1), 1);
}

static void assert_home(uid_t uid, const char *expected)
{
    _cleanup_(free_string)
    char *home = NULL;
    assert_int_equal(users_home(host.root, uid, &home), expected ? 0 : -ENOENT);
    if (expected)
        assert_string_equal(home + strlen(host.root), expected);
}

static void test_homes(UNUSED void **state)
{
    make_directories(&host, "/etc", 0);
    make_directories(&host, "/run/systemd/users", 0);
    assert_home(1000, NULL);
    put_text(&host, "/etc/passwd", 0,
             "# not a user\n:::\nann:x:1000:1000:Ann:/srv/ann:/bin/sh\nodd:x:1001:1001::here:\n");
    put_text(&host, "/run/systemd/users/1002", 0, "# written down\nNAME=bob\nSTATE=active\n");
    put_text(&host, "/run/systemd/users/1003", 0, "NAME=../../etc\n");
    put_text(&host, "/run/systemd/users/1004", 0, "STATE=active\nNAME=");
    put_text(&host, "/run/systemd/users/1005", 0, "NAME=..\n");
    assert_home(1000, "/srv/ann");
    assert_home(1001, NULL);
    assert_home(1002, "/home/bob");
    assert_home(1003, NULL);
    assert_home(1004, NULL);
    assert_home(1005, NULL);
}

/* A line that no buffer would hold hides nobody behind it. */
static void test_long_line(UNUSED void **state)
{
    make_directories(&host, "/etc", 0);
    size_t size = 1 << 16;
    char *text = NULL, *comment = malloc(size + 1);
    memset(comment, 'x', size);
    comment[size] = '\0';
    assert_true(asprintf(&text,
                         "long:x:1000:1000:%s:/srv/long:/bin/sh\nann:x:1001:1:Ann:/srv/ann:\n",
                         comment) > 0);
    put_text(&host, "/etc/passwd", 0, text);
    free(comment);
    free(text);
    assert_home(1000, "/srv/long");
    assert_home(1001, "/srv/ann");
    assert_home(1002, NULL);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = { TEST(test_list), TEST(test_homes), TEST(test_long_line) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
