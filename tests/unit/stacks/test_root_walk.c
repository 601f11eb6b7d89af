/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/stacks/root_walk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>

#include <cmocka.h>

/* outside/secret and outside/root/..., of which the latter is the root of a process. */
static char outside[] = "/tmp/lg-root-walk.XXXXXX";
static int top = -1, root = -1;

static void make_file(int directory, const char *path, const char *text)
{
    int fd = openat(directory, path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    (void)close(fd);
}

static int set_up(void **state)
{
    static const char *const directories[] = { "usr", "usr/bin", "usr/bin/deep" };
    static const struct {
        const char *target, *name;
    } links[] = {
        { "usr/bin", "bin" },
        { "/usr/bin", "absolute" },
        { "/secret", "out" },
        { "../../../../secret", "usr/bin/up" },
        { "../bin/program", "usr/bin/beside" },
        { "loop", "loop" },
        { "/proc/self/exe", "usr/magic" },
    };

    (void)state;
    assert_non_null(mkdtemp(outside));
    top = open(outside, O_PATH | O_DIRECTORY | O_CLOEXEC);
    make_file(top, "secret", "outside");
    assert_int_equal(mkdirat(top, "root", 0700), 0);
    root = openat(top, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
    for (size_t i = 0; i < ARRAY_SIZE(directories); i++)
        assert_int_equal(mkdirat(root, directories[i], 0700), 0);
    make_file(root, "usr/bin/program", "program");
    for (size_t i = 0; i < ARRAY_SIZE(links); i++)
        assert_int_equal(symlinkat(links[i].target, root, links[i].name), 0);
    return 0;
}

static int tear_down(void **state)
{
    char command[64];

    (void)state;
    (void)close(root);
    (void)close(top);
    (void)snprintf(command, sizeof(command), "rm -rf %s", outside);
    return system(command);
}

/* What is read by that path, or the error. */
static const char *read_by(const char *path, int *ret_error)
{
    static char text[64];
    char link[64];
    int fd = root_walk(root, path), file;
    ssize_t length;

    *ret_error = MIN(fd, 0);
    if (fd < 0)
        return "";
    (void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    file = open(link, O_RDONLY | O_CLOEXEC);
    (void)close(fd);
    assert_true(file >= 0);
    length = read(file, text, sizeof(text) - 1);
    (void)close(file);
    text[MAX(length, 0)] = '\0';
    return text;
}

static void test_ways(void **state)
{
    static const char *const paths[] = {
        "usr/bin/program",        "/usr/bin/program",
        "//usr/./bin//program",   "bin/program",
        "absolute/program",       "usr/bin/beside",
        "usr/bin/../bin/program", "../../usr/bin/program",
        "bin/../bin/program",     "usr/bin/deep/../../../bin/program",
    };
    int error;

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
        assert_string_equal(read_by(paths[i], &error), "program");
        assert_int_equal(error, 0);
    }
}

static void test_none_leads_out(void **state)
{
    static const char *const paths[] = { "out", "usr/bin/up", "../secret", "bin/../../../secret" };
    int error;

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
        assert_string_equal(read_by(paths[i], &error), "");
        assert_int_equal(error, -ENOENT);
    }
    make_file(root, "secret", "inside");
    for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
        assert_string_equal(read_by(paths[i], &error), "inside");
    assert_int_equal(unlinkat(root, "secret", 0), 0);
}

/* A link of /proc leads to a file whatever its text says: here it is text. */
static void test_magic_links_are_text(void **state)
{
    int fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), link;
    struct stat own, found;

    (void)state;
    assert_int_equal(root_walk(root, "usr/magic"), -ENOENT);
    link = root_walk(fd, "/proc/self/exe");
    assert_true(link >= 0);
    assert_int_equal(fstat(link, &found), 0);
    assert_int_equal(stat("/proc/self/exe", &own), 0);
    assert_int_equal(found.st_ino, own.st_ino);
    (void)close(link);
    (void)close(fd);
}

static void test_bounds(void **state)
{
    char path[PATH_MAX + 16];
    int fd;

    (void)state;
    assert_int_equal(root_walk(root, "loop"), -ELOOP);
    assert_int_equal(root_walk(root, "usr/bin/program/x"), -ENOTDIR);
    memset(path, 'a', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    assert_int_equal(root_walk(root, path), -ENAMETOOLONG);
    path[NAME_MAX + 1] = '\0';
    assert_int_equal(root_walk(root, path), -ENAMETOOLONG);
    fd = root_walk(root, "..");
    assert_true(fd >= 0);
    assert_int_equal(faccessat(fd, "usr", F_OK, 0), 0);
    (void)close(fd);
}

/* However a walk ends, nothing stays open. */
static void test_descriptors(void **state)
{
    int before = dup(root), after;

    (void)state;
    (void)close(before);
    assert_int_equal(root_walk(root, "usr/bin/deep/../nothing"), -ENOENT);
    assert_int_equal(root_walk(root, "loop"), -ELOOP);
    after = root_walk(root, "usr/bin/deep/../program");
    (void)close(after);
    after = dup(root);
    assert_int_equal(after, before);
    (void)close(after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ways),
        cmocka_unit_test(test_none_leads_out),
        cmocka_unit_test(test_magic_links_are_text),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_descriptors),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
