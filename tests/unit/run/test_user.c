/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Of the user database only root is sure to be there, and that 4200000001 is nobody's number. */
#include "src/run/user.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct run_user user;
static struct error error;

static void set(const char *name, const char *value)
{
    assert_int_equal(value ? setenv(name, value, 1) : unsetenv(name), 0);
}

static int choose(const char *text, bool as_root, const char *sudo_uid, const char *sudo_gid)
{
    run_user_clear(&user);
    user = (struct run_user){ 0 };
    error = (struct error){ 0 };
    set("SUDO_UID", sudo_uid);
    set("SUDO_GID", sudo_gid);
    return run_user_choose(text, as_root, &user, &error);
}

static void assert_user(uid_t uid, gid_t gid, const char *name, const char *home)
{
    bool found = false;

    assert_int_equal(user.uid, uid);
    assert_int_equal(user.gid, gid);
    assert_string_equal(user.name, name);
    assert_string_equal(user.home, home);
    for (size_t i = 0; i < user.group_count; i++)
        found = found || user.groups[i] == gid;
    assert_true(found);
}

static void test_ourselves(UNUSED void **state)
{
    assert_int_equal(choose(NULL, false, NULL, NULL), 0);
    assert_int_equal(user.uid, getuid());
    assert_false(user.other);
    assert_false(user.by_sudo);
    assert_int_equal(run_user_become(&user), 0);
    assert_int_equal(choose(NULL, false, "", ""), 0);
    assert_int_equal(user.uid, getuid());
}

static void test_who_called_sudo(UNUSED void **state)
{
    assert_int_equal(choose(NULL, false, "4200000001", "4200000002"), 0);
    assert_user(4200000001, 4200000002, "4200000001", "/");
    assert_int_equal(user.group_count, 1);
    assert_true(user.other && user.by_sudo);
    assert_int_equal(choose(NULL, true, "4200000001", "4200000002"), 0);
    assert_user(0, getgid(), "root", user.home);
    assert_false(user.other);
    assert_int_equal(choose(NULL, false, "0", "0"), 0);
    assert_int_equal(user.uid, 0);
    assert_false(user.other);
    assert_int_equal(choose("root", false, "4200000001", "4200000002"), 0);
    assert_int_equal(user.uid, 0);
    assert_false(user.by_sudo);
}

static void test_names_and_numbers(UNUSED void **state)
{
    assert_int_equal(choose("root", false, NULL, NULL), 0);
    assert_user(0, 0, "root", user.home);
    assert_true(user.other);
    assert_int_equal(choose("0:0", false, NULL, NULL), 0);
    assert_user(0, 0, "root", user.home);
    assert_int_equal(choose("root:4200000002", false, NULL, NULL), 0);
    assert_user(0, 4200000002, "root", user.home);
    assert_int_equal(choose("4200000001:root", false, NULL, NULL), 0);
    assert_user(4200000001, 0, "4200000001", "/");
    assert_int_equal(user.group_count, 1);
}

static const struct {
    const char *text;
    bool as_root;
    const char *sudo_uid, *sudo_gid;
    const char *message;
} mistakes[] = {
    { "", false, NULL, NULL, "NAME:GROUP" },
    { ":", false, NULL, NULL, "NAME:GROUP" },
    { "root:", false, NULL, NULL, "NAME:GROUP" },
    { ":root", false, NULL, NULL, "NAME:GROUP" },
    { "no such user", false, NULL, NULL, "no user 'no such user'" },
    { "root:no such group", false, NULL, NULL, "no group 'no such group'" },
    { "root:root:root", false, NULL, NULL, "no group 'root:root'" },
    { "4200000001", false, NULL, NULL, "its group, too" },
    { "4294967295:0", false, NULL, NULL, "no user" }, /* -1: "leave it as it is" */
    { "0:4294967295", false, NULL, NULL, "no group" },
    { "4294967296:0", false, NULL, NULL, "no user" },
    { "18446744073709551616:0", false, NULL, NULL, "no user" },
    { "-1:0", false, NULL, NULL, "no user" },
    { "+1:0", false, NULL, NULL, "no user" },
    { "root", true, NULL, NULL, "exclude" },
    { NULL, false, "-1", "0", "no number" },
    { NULL, false, "4294967295", "0", "no number" },
    { NULL, false, "0x10", "0", "no number" },
    { NULL, false, "1", "", "no number" },
    { NULL, false, "1", "users", "no number" },
    { NULL, false, "4200000001", NULL, "4200000001 of SUDO_UID" },
};

static void test_mistakes(UNUSED void **state)
{
    for (size_t i = 0; i < ARRAY_SIZE(mistakes); i++) {
        assert_int_equal(choose(mistakes[i].text, mistakes[i].as_root, mistakes[i].sudo_uid,
                                mistakes[i].sudo_gid),
                         -EINVAL);
        assert_non_null(strstr(error.message, mistakes[i].message));
        assert_null(user.name);
    }
}

static int tear_down(UNUSED void **state)
{
    run_user_clear(&user);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ourselves),
        cmocka_unit_test(test_who_called_sudo),
        cmocka_unit_test(test_names_and_numbers),
        cmocka_unit_test(test_mistakes),
    };

    /* Only root may choose. */
    return cmocka_run_group_tests(tests, NULL, tear_down);
}
