/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What /proc says of cgroups and of their mounts. */
#include "src/containers/cgroup.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

static bool parse(const char *line, struct cgroup_mount *ret_mount)
{
    return cgroup_mount_parse(line, strlen(line), ret_mount);
}

static void test_mount_v2(void **state)
{
    struct cgroup_mount mount = { 0 };

    (void)state;
    assert_true(parse(
        "30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate", &mount));
    assert_true(mount.v2);
    assert_string_equal(mount.root, "/");
    assert_string_equal(mount.mount_point, "/sys/fs/cgroup");
    cgroup_mount_clear(&mount);
}

static void test_mount_v1(void **state)
{
    struct cgroup_mount mount = { 0 };

    (void)state;
    assert_true(
        parse("33 30 0:29 /docker/01 /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids", &mount));
    assert_false(mount.v2);
    assert_string_equal(mount.root, "/docker/01");
    assert_string_equal(mount.mount_point, "/sys/fs/cgroup/pids");
    assert_string_equal(mount.options, "rw,pids");
    cgroup_mount_clear(&mount);
}

/* proc_pid_mountinfo(5): optional fields are any number; some characters are written in octal. */
static void test_mount_unusual(void **state)
{
    struct cgroup_mount mount = { 0 };

    (void)state;
    assert_true(
        parse("1 2 0:3 / /a\\040b\\134c\\12 rw shared:1 master:2 - cgroup2 none rw", &mount));
    assert_string_equal(mount.mount_point, "/a b\\c\\12");
    cgroup_mount_clear(&mount);
    assert_true(parse("1 2 0:3 / - rw - cgroup2 - rw", &mount));
    assert_string_equal(mount.mount_point, "-");
    cgroup_mount_clear(&mount);
}

static void test_mount_none(void **state)
{
    static const char whole[] = "1 2 0:3 / /sys/fs/cgroup rw shared:1 - cgroup2 cgroup2 rw";
    const char *lines[] = {
        "1 2 0:3 / /home rw - ext4 /dev/sda1 rw",
        "1 2 0:3 / /cgroup rw - tmpfs cgroup rw",
        "1 2 0:3 / /cgroup rw - cgroup3 cgroup rw",
        "1 2 0:3 / /cgroup rw - cgroup",
        "1 2 0:3 / /cgroup rw cgroup cgroup rw",
        "",
        " ",
        "-",
    };
    struct cgroup_mount mount;

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
        assert_false(parse(lines[i], &mount));
    /* Cut off anywhere: nothing behind the end is looked at, and nothing leaks. */
    for (size_t length = 0; length < strlen(whole); length++) {
        char *cut = malloc(length + 1);

        assert_non_null(cut);
        memcpy(cut, whole, length);
        cut[length] = '\0';
        if (cgroup_mount_parse(cut, length, &mount)) {
            assert_true(length > strlen(whole) - 3);
            cgroup_mount_clear(&mount);
        }
        free(cut);
    }
}

static void finds(const char *text, const char *controller, const char *path, uint32_t number)
{
    const char *found;
    uint32_t found_number;
    size_t length;

    assert_true(cgroup_file_find(text, strlen(text), controller, &found, &length, &found_number));
    assert_int_equal(length, strlen(path));
    assert_memory_equal(found, path, length);
    assert_int_equal(found_number, number);
}

static void finds_none(const char *text, const char *controller)
{
    const char *found;
    uint32_t number;
    size_t length;

    assert_false(cgroup_file_find(text, strlen(text), controller, &found, &length, &number));
}

static void test_file(void **state)
{
    static const char hybrid[] =
        "12:cpu,cpuacct:/c\n8:pids:/docker/01\n1:name=systemd:/s:d\n0::/u\n";

    (void)state;
    finds(hybrid, NULL, "/u", 0);
    finds(hybrid, "pids", "/docker/01", 8);
    finds(hybrid, "cpu", "/c", 12);
    finds(hybrid, "cpuacct", "/c", 12);
    finds(hybrid, "name=systemd", "/s:d", 1);
    finds_none(hybrid, "acct");
    finds_none(hybrid, "memory");
    finds("0::/\n", NULL, "/", 0);
    finds("0::/no/newline", NULL, "/no/newline", 0);
}

static void test_file_hostile(void **state)
{
    const char *texts[] = {
        "", "\n", ":", "0:", "0::", "0::\n", "x::/\n", "::/\n", "0::relative\n", "12345678901::/\n",
    };
    char list[600];

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
        finds_none(texts[i], NULL);
    memset(list, 'x', sizeof(list));
    memcpy(list, "1:", 2);
    memcpy(list + sizeof(list) - 9, ",pids:/a", 9);
    finds_none(list, "pids");
    /* A name that looks like another line's start stays a name. */
    finds("0::/8:pids:/docker/01\n8:pids:/true\n", "pids", "/true", 8);
}

static void put_processes(const char *path, const char *first, pid_t second, pid_t third)
{
    _cleanup_(close_file)
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    (void)fprintf(file, "%s%d\n%d\n", first, (int)second, (int)third);
}

/* A process of a tick later comes first in the file, as on v1 when numbers have begun anew. */
static void test_first_process(void **state)
{
    struct cgroup_tree tree = { .fd = -1 };
    char directory[] = "/tmp/local-gadget-test-XXXXXX", path[64];
    (void)state;
    usleep(20000);
    pid_t child = fork();
    if (child == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails does not end it */
        (void)pause();
        _exit(0);
    }
    assert_non_null(mkdtemp(directory));
    tree.fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    (void)snprintf(path, sizeof(path), "%s/cgroup.procs", directory);
    assert_int_equal(cgroup_tree_first_process(&tree, "/"), 0);
    put_processes(path, "0\n", child, getpid());
    assert_int_equal(cgroup_tree_first_process(&tree, "/"), getpid());
    put_processes(path, "", getpid(), child);
    assert_int_equal(cgroup_tree_first_process(&tree, "/"), getpid());
    put_processes(path, "", child, 0);
    assert_int_equal(cgroup_tree_first_process(&tree, "/"), child);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    (void)unlink(path);
    (void)rmdir(directory);
    cgroup_tree_clear(&tree);
}

static void put_file(const char *directory, const char *name, const char *text)
{
    char path[128];
    (void)snprintf(path, sizeof(path), "%s/%s", directory, name);
    _cleanup_(close_file)
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
}

/* Empty from the top down, as a container's cgroup is whose processes were in one below it. */
static void test_is_empty(void **state)
{
    struct cgroup_tree tree = { .fd = -1 };
    char directory[] = "/tmp/local-gadget-test-XXXXXX", command[64];
    (void)state;
    assert_non_null(mkdtemp(directory));
    tree.fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(mkdirat(tree.fd, "top", 0700), 0);
    assert_int_equal(mkdirat(tree.fd, "top/below", 0700), 0);
    put_file(directory, "top/cgroup.procs", "");
    put_file(directory, "top/below/cgroup.procs", "7\n");
    assert_false(cgroup_tree_is_empty(&tree, "/top"));
    assert_false(cgroup_tree_is_empty(&tree, "/top/below"));
    put_file(directory, "top/below/cgroup.procs", "");
    assert_true(cgroup_tree_is_empty(&tree, "/top"));
    put_file(directory, "top/cgroup.procs", "0\n"); /* of another pid namespace */
    assert_false(cgroup_tree_is_empty(&tree, "/top"));
    assert_true(cgroup_tree_is_empty(&tree, "/gone"));
    cgroup_tree_clear(&tree);
    (void)snprintf(command, sizeof(command), "rm -r %s", directory);
    assert_int_equal(system(command), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mount_v2),      cmocka_unit_test(test_mount_v1),
        cmocka_unit_test(test_mount_unusual), cmocka_unit_test(test_mount_none),
        cmocka_unit_test(test_file),          cmocka_unit_test(test_file_hostile),
        cmocka_unit_test(test_first_process), cmocka_unit_test(test_is_empty),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
