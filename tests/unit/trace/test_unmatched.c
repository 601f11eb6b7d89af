/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sentences about what was asked for and is not there, over a tree that is a table. */
#include "src/trace/unmatched.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "tests/unit/containers/fake_tree.h"

static struct {
    struct fake_tree fake;
    struct registry registry;
    struct match match;
    char said[4096]; /* a line for each sentence */
} t;

static void on_changed(UNUSED void *userdata, struct member *member)
{
    member->use.wanted = match_container(&t.match, member->container);
}

static void on_mapped(UNUSED void *userdata, UNUSED uint64_t cgroup_id,
                      UNUSED struct member *member)
{
}

static void on_forgotten(UNUSED void *userdata, UNUSED struct member *member)
{
}

static void add(uint64_t cgroup_id, const char *id, const char *name)
{
    static char paths[32][128];
    static size_t count;
    char *path = paths[count++ % ARRAY_SIZE(paths)];
    _cleanup_(container_unref)
    struct container *container = container_new("runc", id);

    (void)snprintf(path, sizeof(paths[0]), "/%s", id);
    fake_tree_add(&t.fake, cgroup_id, path);
    assert_int_equal(container_set_text(&container->name, name), 0);
    assert_int_equal(container_set_text(&container->cgroup_path, path), 0);
    assert_int_equal(container_add_label(container, "app", name), 0);
    container->named = true;
    container->state = CONTAINER_STATE_RUNNING;
    assert_int_equal(registry_describe(&t.registry, container->runtime, container), 0);
}

static int set_up(UNUSED void **state)
{
    static const struct registry_listener listener = { .changed = on_changed,
                                                       .mapped = on_mapped,
                                                       .forgotten = on_forgotten };

    memset(&t, 0, sizeof(t));
    fake_tree_init(&t.fake);
    registry_init(&t.registry, &t.fake.tree, &listener);
    return 0;
}

static int tear_down(UNUSED void **state)
{
    registry_clear(&t.registry);
    return 0;
}

static void on_said(UNUSED void *userdata, const char *sentence)
{
    size_t length = strlen(t.said);

    (void)snprintf(t.said + length, sizeof(t.said) - length, "%s\n", sentence);
}

static const char *ask(const char *name, const char *selector, const char *unit, uint32_t pid)
{
    const char *const names[] = { name }, *const selectors[] = { selector },
                      *const units[] = { unit };
    struct unmatched_options options = {
        .registry = &t.registry,
        .match = &t.match,
        .units = units,
        .unit_count = unit != NULL,
        .pid = pid,
    };

    t.said[0] = '\0';
    assert_int_equal(match_init(&t.match, names, name != NULL, selectors, selector != NULL, NULL),
                     0);
    unmatched_explain(&options, on_said, NULL);
    match_clear(&t.match);
    return t.said;
}

static void test_nothing_runs(UNUSED void **state)
{
    assert_string_equal(ask("web", NULL, NULL, 0),
                        "no container is called 'web' yet; none is running\n");
    assert_string_equal(ask("!web", NULL, NULL, 0), "");
    assert_string_equal(ask(NULL, "app=web", NULL, 0),
                        "no container matches --selector app=web yet; none is running\n");
    assert_string_equal(ask(NULL, NULL, "web", 0),
                        "there is no cgroup yet of unit 'web'; none is running\n");
}

static void test_names_and_selectors(UNUSED void **state)
{
    add(10, "one", "web");
    add(11, "two", "admin");
    assert_string_equal(ask("web", NULL, NULL, 0), "");
    assert_string_equal(ask("two", NULL, NULL, 0), "");
    assert_string_equal(ask("wbe", NULL, NULL, 0),
                        "no container is called 'wbe' (did you mean 'web'?) yet; "
                        "running: admin, web\n");
    assert_string_equal(ask("web", "app=web", NULL, 0), "");
    assert_string_equal(ask("web", "!app", NULL, 0),
                        "no container that -c allows matches --selector !app yet; "
                        "running: admin, web\n");
    assert_string_equal(ask(NULL, "app!=x", NULL, 0), "");
    registry_gone(&t.registry, 10);
    assert_string_equal(ask("web", NULL, NULL, 0),
                        "no container is called 'web' yet; running: admin\n");
}

static void test_many_and_hostile(UNUSED void **state)
{
    char id[16], name[300];

    memset(name, 'a', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    add(100, "long", name);
    add(101, "odd", "a\x1b[31m\n");
    for (uint64_t i = 0; i < 20; i++) {
        (void)snprintf(id, sizeof(id), "c%02u", (unsigned int)i);
        add(10 + i, id, id);
    }
    ask("x\x1b[2Jyz", NULL, NULL, 0);
    assert_null(strchr(t.said, '\x1b'));
    assert_in_range(strlen(t.said), 1, 600);
    assert_non_null(strstr(t.said, "c05 and 14 more\n"));
}

static void test_units(UNUSED void **state)
{
    static const char *const units[] = { "nginx.service" };

    t.registry.units = units;
    t.registry.unit_count = 1;
    fake_tree_add(&t.fake, 20, "/system.slice");
    fake_tree_add(&t.fake, 21, "/system.slice/nginx.service");
    fake_tree_add(&t.fake, 22, "/system.slice/nginx.service/workers");
    fake_tree_add(&t.fake, 23, "/system.slice/cron.service");
    assert_int_equal(registry_scan(&t.registry), 0);
    assert_string_equal(ask(NULL, NULL, "nginx", 0), "");
    assert_string_equal(ask(NULL, NULL, "nginx.service", 0), "");
    assert_string_equal(ask(NULL, NULL, "ngnix", 0),
                        "there is no cgroup yet of unit 'ngnix' (did you mean 'nginx.service'?); "
                        "running: cron.service, nginx.service\n");
}

static void test_processes(UNUSED void **state)
{
    char expected[128];

    fake_tree_add(&t.fake, 30, "/user.slice");
    fake_tree_process(&t.fake, getpid(), "/user.slice");
    (void)snprintf(expected, sizeof(expected), "process %d is in no container: add --host\n",
                   getpid());
    assert_string_equal(ask(NULL, NULL, NULL, (uint32_t)getpid()), expected);
    assert_string_equal(ask(NULL, NULL, NULL, UINT32_MAX), "there is no process 4294967295\n");
    t.fake.process_count = 0; /* it ends meanwhile */
    assert_string_equal(ask(NULL, NULL, NULL, (uint32_t)getpid()), "");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_nothing_runs), TEST(test_names_and_selectors), TEST(test_many_and_hostile),
        TEST(test_units),        TEST(test_processes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
