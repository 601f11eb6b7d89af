/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tree as this kernel has it: ids to paths and back, in a cgroup of our own. Where none can be
 * made, there is nothing to be tested. */
#include "src/containers/cgroup_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "tests/unit/child.h"

static struct cgroup_tree tree = { .fd = -1 };
static char own[PATH_MAX]; /* our cgroup's path; "": none could be made */

static int set_up(UNUSED void **state)
{
    _cleanup_(free_string)
    char *path = NULL;
    struct error error = { 0 };

    if (cgroup_tree_open(&tree, &error) < 0 || cgroup_tree_of_process(&tree, getpid(), &path) < 0)
        return 0;
    (void)snprintf(own, sizeof(own), "%s/local-gadget-unit-%d", path[1] ? path : "", (int)getpid());
    if (mkdirat(tree.fd, own + 1, 0755) < 0)
        own[0] = '\0';
    return 0;
}

static int tear_down(UNUSED void **state)
{
    if (own[0])
        (void)unlinkat(tree.fd, own + 1, AT_REMOVEDIR);
    cgroup_tree_clear(&tree);
    return 0;
}

static uint64_t id_of(const char *path)
{
    uint64_t id = 0;

    assert_int_equal(cgroup_tree_id(&tree, path, &id), 0);
    return id;
}

static void test_there_and_back(UNUSED void **state)
{
    _cleanup_(free_string)
    char *path = NULL;

    if (!own[0])
        skip();
    assert_int_equal(cgroup_tree_path(&tree, id_of(own), &path), 0);
    assert_string_equal(path, own);
    free_string(&path);
    assert_int_equal(cgroup_tree_path(&tree, id_of("/"), &path), 0);
    assert_string_equal(path, "/");
    free_string(&path);
    assert_int_equal(cgroup_tree_path(&tree, UINT64_C(1) << 40, &path), -ESTALE);
    assert_int_equal(cgroup_tree_id(&tree, "/no/such/cgroup", &(uint64_t){ 0 }), -ENOENT);
    assert_int_equal(cgroup_tree_id(&tree, "/cgroup.procs", &(uint64_t){ 0 }), -ENOTDIR);
}

static void test_gone(UNUSED void **state)
{
    _cleanup_(free_string)
    char *path = NULL;
    char below[PATH_MAX + 8];
    uint64_t id;

    if (!own[0])
        skip();
    (void)snprintf(below, sizeof(below), "%s/gone", own);
    assert_int_equal(mkdirat(tree.fd, below + 1, 0755), 0);
    id = id_of(below);
    assert_int_equal(unlinkat(tree.fd, below + 1, AT_REMOVEDIR), 0);
    assert_int_equal(cgroup_tree_path(&tree, id, &path), -ESTALE);
    assert_null(path);
}

/* -------- processes -------- */

static pid_t start_process_in(const char *path)
{
    char file[PATH_MAX + 32], text[16];
    pid_t pid = child_start(NULL, NULL);
    int fd;

    (void)snprintf(file, sizeof(file), "%s/cgroup.procs", path + 1);
    fd = openat(tree.fd, file, O_WRONLY | O_CLOEXEC);
    (void)snprintf(text, sizeof(text), "%d", (int)pid);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close_fd(&fd);
    return pid;
}

static void test_processes(UNUSED void **state)
{
    static const char *const below[] = { "container", "init.scope", "payload" };
    _cleanup_(free_string)
    char *path = NULL;
    char inner[PATH_MAX + 16];
    pid_t pid;

    if (!own[0])
        skip();
    assert_true(cgroup_tree_is_empty(&tree, own));
    assert_int_equal(cgroup_tree_first_process(&tree, own), 0);
    for (size_t i = 0; i < ARRAY_SIZE(below); i++) {
        (void)snprintf(inner, sizeof(inner), "%s/%s", own, below[i]);
        assert_int_equal(mkdirat(tree.fd, inner + 1, 0755), 0);
        pid = start_process_in(inner);
        assert_false(cgroup_tree_is_empty(&tree, own));
        assert_int_equal(cgroup_tree_first_process(&tree, own), pid);
        assert_int_equal(cgroup_tree_first_process(&tree, inner), pid);
        assert_int_equal(cgroup_tree_of_process(&tree, pid, &path), 0);
        assert_string_equal(path, inner);
        free_string(&path);
        assert_int_equal(kill(pid, SIGKILL), 0);
        assert_int_equal(waitpid(pid, NULL, 0), pid);
        assert_int_equal(unlinkat(tree.fd, inner + 1, AT_REMOVEDIR), 0);
    }
}

/* -------- a path that the kernel does not tell -------- */

#define LEVELS 40

/* So many levels of a name of 200 letters, below `fd`. The deepest one's id. */
static uint64_t make_deep(int fd)
{
    char name[201];
    struct stat status;

    memset(name, 'x', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    fd = dup(fd);
    for (size_t i = 0; i < LEVELS; i++) {
        int deeper;

        assert_int_equal(mkdirat(fd, name, 0755), 0);
        deeper = openat(fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert_true(deeper >= 0);
        close_fd(&fd);
        fd = deeper;
    }
    assert_int_equal(fstat(fd, &status), 0);
    close_fd(&fd);
    return status.st_ino;
}

/* From the deepest one upwards. */
static void remove_deep(int fd)
{
    char name[201];

    memset(name, 'x', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    for (size_t levels = LEVELS; levels > 0; levels--) {
        int at = dup(fd);

        for (size_t i = 1; i < levels; i++) {
            int deeper = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

            close_fd(&at);
            at = deeper;
        }
        (void)unlinkat(at, name, AT_REMOVEDIR);
        close_fd(&at);
    }
}

static int count_visit(void *userdata, UNUSED uint64_t id, UNUSED const char *path)
{
    ++*(size_t *)userdata;
    return 0;
}

static void test_long_path(UNUSED void **state)
{
    _cleanup_(free_string)
    char *path = NULL;
    size_t visited = 0, length;
    uint64_t id;
    int fd, r;

    if (!own[0])
        skip();
    fd = openat(tree.fd, own + 1, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(fd >= 0);
    id = make_deep(fd);
    r = cgroup_tree_path(&tree, id, &path);
    assert_int_equal(cgroup_tree_walk(&tree, own, count_visit, &visited), 0);
    remove_deep(fd);
    close_fd(&fd);
    assert_int_equal(r, 0);
    length = strlen(path);
    assert_memory_equal(path, own, strlen(own));
    assert_string_equal(path + length - 4, "/...");
    assert_true(length > 1000); /* as much as can be told */
    assert_in_range(visited, 10, LEVELS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_gone),
        cmocka_unit_test(test_processes),
        cmocka_unit_test(test_long_path),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
