/* SPDX-License-Identifier: GPL-2.0-or-later */
/* In whose hands a cgroup is, by the directories above it. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "tests/unit/containers/fake_tree.h"

#define MANAGER "/user.slice/user-1000.slice/user@1000.service"

static struct fake_tree fake;

static int set_up(UNUSED void **state)
{
    fake_tree_init(&fake);
    fake_tree_add(&fake, 2, "/user.slice");
    fake_tree_add(&fake, 3, "/user.slice/user-1000.slice");
    fake_tree_add(&fake, 4, MANAGER);
    fake_tree_give(&fake, 4, 1000);
    fake_tree_add(&fake, 5, MANAGER "/app.slice");
    fake_tree_add(&fake, 6, MANAGER "/app.slice/made by setuid");
    fake_tree_add(&fake, 7, MANAGER "/app.slice/made by setuid/x");
    fake_tree_add(&fake, 8, "/docker");
    fake_tree_add(&fake, 9, "/docker/01");
    fake_tree_give(&fake, 9, 100000);
    return 0;
}

static void assert_owner(const char *path, uid_t expected)
{
    uid_t owner = 4321;

    assert_int_equal(cgroup_tree_owner(&fake.tree, path, strlen(path), &owner), 0);
    assert_int_equal(owner, expected);
}

static void test_owner(UNUSED void **state)
{
    assert_owner("/", 0);
    assert_owner("/docker", 0);
    assert_owner(MANAGER, 0); /* root has named it, for whomever */
    assert_owner(MANAGER "/app.slice", 1000);
    assert_owner(MANAGER "/app.slice/made by setuid", 1000);
    assert_owner(MANAGER "/app.slice/made by setuid/x", 1000); /* root's is in a user's hands */
    assert_owner("/docker/01", 0);
    assert_owner("/docker/01/x", 100000);
    assert_owner("/docker/01/x/y/../z", 100000); /* below it nobody is asked */
}

static void test_the_length_counts(UNUSED void **state)
{
    static const char path[] = MANAGER "/app.slice";
    uid_t owner = 4321;

    assert_int_equal(cgroup_tree_owner(&fake.tree, path, strlen(MANAGER), &owner), 0);
    assert_int_equal(owner, 0);
}

static void test_the_mount_itself(UNUSED void **state)
{
    fake_tree_give(&fake, 1, 1001);
    assert_owner("/docker", 1001);
    assert_owner(MANAGER "/app.slice", 1001);
}

/* What cannot be looked at is not root's for that. */
static void test_gone(UNUSED void **state)
{
    char path[PATH_MAX + 1];
    uid_t owner = 4321;

    assert_int_equal(cgroup_tree_owner(&fake.tree, "/gone/x", 7, &owner), -ENOENT);
    memset(path, 'x', sizeof(path));
    assert_int_equal(cgroup_tree_owner(&fake.tree, path, sizeof(path), &owner), -ENAMETOOLONG);
    assert_int_equal(owner, 4321);
}

static void test_a_real_directory(UNUSED void **state)
{
    char top[] = "/tmp/lg-owner.XXXXXX";
    struct cgroup_tree tree = { .calls = &cgroup_tree_calls };
    uid_t mine = getuid(), owner = 4321;

    assert_non_null(mkdtemp(top));
    tree.fd = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(mkdirat(tree.fd, "a", 0700), 0);
    if (mine == 0) {
        mine = 61234;
        assert_int_equal(fchownat(tree.fd, "a", mine, mine, 0), 0);
    }
    assert_int_equal(cgroup_tree_owner(&tree, "/a/b", 4, &owner), 0);
    assert_int_equal(owner, mine);
    assert_int_equal(cgroup_tree_owner(&tree, "/a", 2, &owner), 0);
    assert_int_equal(owner, getuid());
    assert_int_equal(unlinkat(tree.fd, "a", AT_REMOVEDIR), 0);
    assert_int_equal(rmdir(top), 0);
    close_fd(&tree.fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_owner, set_up),
        cmocka_unit_test_setup(test_the_length_counts, set_up),
        cmocka_unit_test_setup(test_the_mount_itself, set_up),
        cmocka_unit_test_setup(test_gone, set_up),
        cmocka_unit_test(test_a_real_directory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
