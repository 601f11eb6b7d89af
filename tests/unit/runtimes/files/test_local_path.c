/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which directories are opened: links, mounts of this host's own, and those of others. What is
 * mounted is so for this program alone. */
#include "runtimes/files/local_path.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <cmocka.h>

static char top[64];

static const char *path_of(const char *name)
{
    static char path[128];

    (void)snprintf(path, sizeof(path), "%s/%s", top, name);
    return path;
}

/* A file system of a kind that is known to be local, with nothing else in it. */
static int set_up(UNUSED void **state)
{
    (void)snprintf(top, sizeof(top), "/tmp/local-gadget-test-XXXXXX");
    assert_non_null(mkdtemp(top));
    assert_int_equal(unshare(CLONE_NEWNS), 0);
    assert_int_equal(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
    assert_int_equal(mount("none", top, "tmpfs", 0, NULL), 0);
    return mkdir(path_of("home"), 0755);
}

static int tear_down(UNUSED void **state)
{
    assert_int_equal(umount2(top, MNT_DETACH), 0);
    return rmdir(top);
}

/* 0 when it leads to `name`, else a negative errno. */
static int open_path(const char *path, const char *name)
{
    _cleanup_(close_fd)
    int fd = -1;
    struct stat status, wanted;
    int r = local_path_open(path, &fd);

    if (r < 0) {
        assert_int_equal(fd, -1);
        return r;
    }
    assert_int_equal(fstat(fd, &status), 0);
    assert_int_equal(stat(path_of(name), &wanted), 0);
    assert_true(status.st_ino == wanted.st_ino && status.st_dev == wanted.st_dev);
    return 0;
}

static void test_directories(UNUSED void **state)
{
    char path[128];

    assert_int_equal(open_path(path_of("home"), "home"), 0);
    (void)snprintf(path, sizeof(path), "%s//home/./../home/", top);
    assert_int_equal(open_path(path, "home"), 0);
    assert_int_equal(open_path(path_of("none"), "home"), -ENOENT);
    assert_int_equal(open_path("/proc/version", "home"), -EREMOTE);
}

static void test_no_directory(UNUSED void **state)
{
    int fd = open(path_of("file"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    close_fd(&fd);
    assert_int_equal(open_path(path_of("file"), "home"), -ENOTDIR);
    assert_int_equal(open_path(path_of("file/home"), "home"), -ENOTDIR);
}

/* Names that are too long are none. */
static void test_too_long(UNUSED void **state)
{
    static char path[8192];

    memset(path, '/', sizeof(path) - 1);
    assert_int_equal(open_path(path, "home"), -ENAMETOOLONG);
}

static void test_links(UNUSED void **state)
{
    char absolute[128], path[128];

    (void)snprintf(absolute, sizeof(absolute), "%s/home", top);
    assert_int_equal(symlink(absolute, path_of("absolute")), 0);
    assert_int_equal(symlink("home", path_of("relative")), 0);
    assert_int_equal(symlink("loop", path_of("loop")), 0);
    assert_int_equal(symlink(".", path_of("here")), 0);
    assert_int_equal(open_path(path_of("absolute"), "home"), 0);
    assert_int_equal(open_path(path_of("relative"), "home"), 0);
    assert_int_equal(open_path(path_of("loop"), "home"), -ELOOP);
    (void)snprintf(path, sizeof(path), "%s/here/here/relative/../absolute", top);
    assert_int_equal(open_path(path, "home"), 0);
}

/* Of proc nobody waits, but it stands here for all that is not known to be local. */
static void test_other_file_systems(UNUSED void **state)
{
    char path[128];

    assert_int_equal(mkdir(path_of("home/remote"), 0755), 0);
    assert_int_equal(mount("none", path_of("home/remote"), "proc", 0, NULL), 0);
    assert_int_equal(open_path(path_of("home/remote"), "home"), -EREMOTE);
    (void)snprintf(path, sizeof(path), "%s/home/remote/self", top);
    assert_int_equal(open_path(path, "home"), -EREMOTE);
    assert_int_equal(symlink("home/remote", path_of("link")), 0);
    assert_int_equal(open_path(path_of("link"), "home"), -EREMOTE);
    (void)snprintf(path, sizeof(path), "%s/home/remote/..", top);
    assert_int_equal(open_path(path, "home"), -EREMOTE); /* it would have to be entered */
    assert_int_equal(mkdir(path_of("home/local"), 0755), 0);
    assert_int_equal(mount("none", path_of("home/local"), "tmpfs", 0, NULL), 0);
    assert_int_equal(open_path(path_of("home/local"), "home/local"), 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_directories), TEST(test_no_directory),       TEST(test_too_long),
        TEST(test_links),       TEST(test_other_file_systems),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
