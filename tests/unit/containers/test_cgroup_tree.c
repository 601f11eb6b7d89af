/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tree, as far as it is the same for directories of any file system: on one in a temporary
 * place. What needs cgroups is in tests/integration/test_namespace.sh. */
#include "src/containers/cgroup_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cmocka.h>

static char top[] = "/tmp/lg-tree.XXXXXX";

/* What was visited, a line each. */
struct visited {
    char text[512];
    unsigned int count, stop_after;
};

static int visit(void *userdata, uint64_t id, const char *path)
{
    struct visited *visited = userdata;
    size_t length = strlen(visited->text);

    assert_true(id > 0);
    (void)snprintf(visited->text + length, sizeof(visited->text) - length, "%s\n", path);
    return ++visited->count == visited->stop_after ? -ENOSPC : 0;
}

static int set_up(void **state)
{
    static struct cgroup_tree tree;

    if (!mkdtemp(top))
        return -1;
    tree = (struct cgroup_tree){ .calls = &cgroup_tree_calls,
                                 .fd = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC),
                                 .mount_point = strdup(top),
                                 .mount_root = strdup("/") };
    if (tree.fd < 0 || mkdirat(tree.fd, "a", 0700) < 0 || mkdirat(tree.fd, "a/b", 0700) < 0 ||
        mkdirat(tree.fd, "a/b/c (deleted)", 0700) < 0)
        return -1;
    *state = &tree;
    return 0;
}

static int tear_down(void **state)
{
    struct cgroup_tree *tree = *state;
    static const char *const directories[] = { "a/b/c (deleted)", "a/b", "a" };

    for (size_t i = 0; i < ARRAY_SIZE(directories); i++)
        (void)unlinkat(tree->fd, directories[i], AT_REMOVEDIR);
    (void)rmdir(top);
    cgroup_tree_clear(tree);
    return 0;
}

static void test_walk(void **state)
{
    struct visited all = { 0 }, some = { .stop_after = 2 }, below = { 0 }, none = { 0 };

    assert_int_equal(cgroup_tree_walk(*state, "/", visit, &all), 0);
    assert_string_equal(all.text, "/\n/a\n/a/b\n/a/b/c (deleted)\n");
    assert_int_equal(cgroup_tree_walk(*state, "/", visit, &some), -ENOSPC);
    assert_string_equal(some.text, "/\n/a\n");
    assert_int_equal(cgroup_tree_walk(*state, "/a/b", visit, &below), 0);
    assert_string_equal(below.text, "/a/b\n/a/b/c (deleted)\n");
    assert_int_equal(cgroup_tree_walk(*state, "/gone", visit, &none), 0);
    assert_int_equal(none.count, 0);
}

/* What keeps us from reading is no empty directory. */
static void test_walk_failure(void **state)
{
    struct rlimit before, none;
    struct visited visited = { 0 };
    int r;

    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = before;
    none.rlim_cur = 0;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    r = cgroup_tree_walk(*state, "/", visit, &visited);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(r, -EMFILE);
}

static void leads_to(const struct cgroup_tree *tree, uint64_t id, const char *link,
                     const char *expected)
{
    _cleanup_(free_string)
    char *whole = NULL, *path = NULL;

    assert_true(asprintf(&whole, "%s%s", top, link) > 0);
    assert_int_equal(cgroup_tree_below(tree, id, whole, &path), 0);
    assert_string_equal(path, expected);
}

static void leads_nowhere(const struct cgroup_tree *tree, uint64_t id, const char *link, int r)
{
    _cleanup_(free_string)
    char *whole = NULL, *path = NULL;

    assert_true(asprintf(&whole, "%s%s", top, link) > 0);
    assert_int_equal(cgroup_tree_below(tree, id, whole, &path), r);
    assert_null(path);
}

static void test_below(void **state)
{
    char *path = NULL;
    uint64_t id;

    assert_int_equal(cgroup_tree_id(*state, "/a/b/c (deleted)", &id), 0);
    leads_to(*state, 1, "", "/");
    leads_to(*state, 1, "/a/b", "/a/b");
    /* One that is called like that, one that has gone, and one that has taken its place. */
    leads_to(*state, id, "/a/b/c (deleted)", "/a/b/c (deleted)");
    leads_nowhere(*state, id, "/a/d (deleted)", -ESTALE);
    leads_nowhere(*state, id + 1, "/a/b/c (deleted)", -ESTALE);
    leads_nowhere(*state, 1, "x/a", -EXDEV);
    assert_int_equal(cgroup_tree_below(*state, 1, "/docker/01", &path), -EXDEV);
}

static void test_process(void **state)
{
    char *path = NULL;

    assert_int_equal(cgroup_tree_of_process(*state, INT_MAX, &path), -ESRCH);
    assert_null(path);
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
    struct cgroup_tree tree = { .calls = &cgroup_tree_calls, .fd = -1 };
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
        cmocka_unit_test(test_walk),     cmocka_unit_test(test_walk_failure),
        cmocka_unit_test(test_below),    cmocka_unit_test(test_process),
        cmocka_unit_test(test_is_empty),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
