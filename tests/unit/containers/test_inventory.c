/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who waits for whose answer, and what comes of it: a fake tree, and engines that say what they are
 * told to. */
#include "src/containers/inventory.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "runtimes/runtime_driver.h"
#include "tests/unit/containers/fake_tree.h"

#define ID     "a17f0c2e00000000000000000000000000000000000000000000000000000002"
#define ID_TOO "b17f0c2e00000000000000000000000000000000000000000000000000000003"
#define DOCKER "/docker/" ID

enum { DOCKER_ENGINE, RUNC_ENGINE, ENGINES };

static struct {
    sd_event *event;
    struct fake_tree tree;
    struct inventory *inventory;
    struct engine {
        struct runtime *runtime;
        unsigned int lookups;
    } engines[ENGINES];
    unsigned int settled, dismissed, forgotten, to_host, to_container;
    const struct member *last;
} t;

/* -------- engines -------- */

static int open_engine(size_t which, struct runtime *runtime, void **ret_connection)
{
    t.engines[which].runtime = runtime;
    *ret_connection = &t.engines[which];
    return 0;
}

static int open_docker(struct runtime *runtime, void **ret_connection, UNUSED struct error *error)
{
    return open_engine(DOCKER_ENGINE, runtime, ret_connection);
}

static int open_runc(struct runtime *runtime, void **ret_connection, UNUSED struct error *error)
{
    return open_engine(RUNC_ENGINE, runtime, ret_connection);
}

static void close_engine(UNUSED void *connection)
{
}

static int look_up(void *connection, UNUSED const char *id)
{
    struct engine *engine = connection;

    engine->lookups++;
    return 0;
}

static const struct runtime_driver docker = {
    .name = "docker", .rank = 4, .open = open_docker, .close = close_engine, .lookup = look_up
};
static const struct runtime_driver runc = { .name = "runc",
                                            .rank = 1,
                                            .any_id = true,
                                            .open = open_runc,
                                            .close = close_engine,
                                            .lookup = look_up };

/* In the place of the real ones. */
const struct runtime_driver *const runtime_drivers[] = { &docker, &runc, NULL };

const struct runtime_driver *runtime_driver_find(const char *name, size_t length)
{
    return strncmp(name, docker.name, length) == 0 ? &docker
           : strncmp(name, runc.name, length) == 0 ? &runc
                                                   : NULL;
}

static void up(size_t which)
{
    runtime_report_up(t.engines[which].runtime);
}

static void tell(size_t which, const char *id, const char *name)
{
    _cleanup_(container_unref)
    struct container *container = container_new(which == DOCKER_ENGINE ? "docker" : "runc", id);

    assert_non_null(container);
    container->named = true;
    assert_int_equal(container_set_text(&container->name, name), 0);
    runtime_report_found(t.engines[which].runtime, container);
}

static void answer(size_t which, const char *id)
{
    runtime_report_looked_up(t.engines[which].runtime, id);
}

/* -------- the listener -------- */

static void on_settled(UNUSED void *userdata, struct member *member)
{
    assert_false(member->candidate);
    t.settled++;
    t.last = member;
}

static void on_dismissed(UNUSED void *userdata, struct member *member)
{
    assert_true(member->candidate);
    assert_int_equal(t.forgotten, t.dismissed);
    t.dismissed++;
}

static void on_forgotten(UNUSED void *userdata, UNUSED struct member *member)
{
    t.forgotten++;
}

static void on_policy(UNUSED void *userdata, UNUSED uint64_t cgroup_id, const struct member *member)
{
    t.to_host += member == NULL;
    t.to_container += member != NULL;
}

static int set_up(UNUSED void **state)
{
    static const struct discovery_options discovery = { 0 };
    const struct inventory_options options = { .discovery = &discovery, .tree = &t.tree.tree };
    const struct inventory_listener listener = {
        .settled = on_settled,
        .dismissed = on_dismissed,
        .forgotten = on_forgotten,
        .policy = on_policy,
    };
    struct error error;

    memset(&t, 0, sizeof(t));
    fake_tree_init(&t.tree);
    fake_tree_add(&t.tree, 2, "/docker");
    assert_int_equal(sd_event_new(&t.event), 0);
    assert_int_equal(inventory_new(&options, t.event, &listener, &t.inventory, &error), 0);
    assert_int_equal(inventory_scan(t.inventory, &error), 0);
    while (!t.engines[DOCKER_ENGINE].runtime || !t.engines[RUNC_ENGINE].runtime)
        assert_true(sd_event_run(t.event, UINT64_MAX) >= 0);
    t.to_host = t.to_container = 0;
    return 0;
}

static int tear_down(UNUSED void **state)
{
    inventory_free(&t.inventory);
    sd_event_unref(t.event);
    return 0;
}

static void notice(enum event_kind kind, uint64_t id)
{
    const struct cgroup_event event = { .kind = kind, .cgroup_id = id, .parent_id = 2, .pid = 1 };

    (void)inventory_cgroup(t.inventory, &event, NULL);
}

static struct member *born(uint64_t id, const char *path)
{
    fake_tree_add(&t.tree, id, path);
    notice(EVENT_CGROUP_BORN, id);
    return inventory_resolve(t.inventory, id);
}

static bool is_host(const struct member *member)
{
    return registry_is_host(inventory_registry(t.inventory), member);
}

/* -------- a container of an engine's shape -------- */

static void test_named(UNUSED void **state)
{
    struct member *member;

    up(DOCKER_ENGINE);
    up(RUNC_ENGINE);
    member = born(10, DOCKER);
    assert_int_equal(member->naming.state, NAMING_WAITING);
    assert_int_equal(t.engines[DOCKER_ENGINE].lookups, 1);
    assert_int_equal(t.engines[RUNC_ENGINE].lookups, 0); /* its path names docker */
    assert_int_equal(t.settled, 0);
    t.to_container = 0;
    tell(DOCKER_ENGINE, ID, "web");
    assert_int_equal(t.settled, 1);
    assert_ptr_equal(t.last, member);
    assert_int_equal(member->naming.state, NAMING_DONE);
    assert_string_equal(member->container->name, "web");
    assert_int_equal(t.to_container, 1);
}

static void test_an_answer_ends_the_wait(UNUSED void **state)
{
    struct member *member;

    up(DOCKER_ENGINE);
    member = born(10, DOCKER);
    answer(DOCKER_ENGINE, ID_TOO);
    assert_int_equal(member->naming.state, NAMING_WAITING);
    answer(DOCKER_ENGINE, ID);
    assert_int_equal(member->naming.state, NAMING_DONE);
    assert_int_equal(t.settled, 1);
}

/* An engine that still tells its list is waited for, and asked if it did not tell of this one. */
static void test_asked_when_the_list_is_told(UNUSED void **state)
{
    struct member *member = born(10, DOCKER);

    assert_int_equal(member->naming.state, NAMING_WAITING);
    assert_int_equal(t.engines[DOCKER_ENGINE].lookups, 0);
    up(DOCKER_ENGINE);
    assert_int_equal(t.engines[DOCKER_ENGINE].lookups, 1);
    assert_int_equal(member->naming.state, NAMING_WAITING);
}

static void test_gone(UNUSED void **state)
{
    struct member *member;

    up(DOCKER_ENGINE);
    member = born(10, DOCKER);
    fake_tree_remove(&t.tree, 10);
    notice(EVENT_CGROUP_GONE, 10);
    inventory_drained(t.inventory);
    assert_int_equal(t.forgotten, 0); /* its events wait for the answer */
    assert_true(member->gone);
    answer(DOCKER_ENGINE, ID);
    inventory_drained(t.inventory);
    assert_int_equal(t.forgotten, 1);
    assert_int_equal(inventory_registry(t.inventory)->members.count, 0);
}

static void test_finish(UNUSED void **state)
{
    up(DOCKER_ENGINE);
    (void)born(10, DOCKER);
    (void)born(11, "/docker/" ID_TOO);
    inventory_finish(t.inventory);
    assert_int_equal(t.settled, 2);
}

static void test_complete(UNUSED void **state)
{
    assert_false(inventory_is_complete(t.inventory));
    up(DOCKER_ENGINE);
    assert_false(inventory_is_complete(t.inventory));
    up(RUNC_ENGINE);
    assert_true(inventory_is_complete(t.inventory));
}

/* -------- candidates -------- */

/* One whose first program has run, and about which plain runtimes are asked. */
static struct member *candidate(void)
{
    struct member *member;

    up(DOCKER_ENGINE);
    up(RUNC_ENGINE);
    member = born(20, "/home-made");
    assert_true(member->candidate && member->setup);
    assert_int_equal(t.engines[RUNC_ENGINE].lookups, 0);
    t.to_container = 0;
    notice(EVENT_CGROUP_EXEC, 20);
    assert_int_equal(t.to_container, 1);
    assert_int_equal(t.engines[RUNC_ENGINE].lookups, 1);
    assert_int_equal(t.engines[DOCKER_ENGINE].lookups, 0); /* it makes up its ids */
    return member;
}

static void test_candidate_of_runc(UNUSED void **state)
{
    struct member *member = candidate();

    assert_int_equal(t.settled + t.dismissed, 0);
    answer(RUNC_ENGINE, "home-made");
    assert_int_equal(member->naming.state, NAMING_WAITING); /* no process says what it is */
    fake_tree_process(&t.tree, getpid(), "/home-made");
    inventory_finish(t.inventory);
    assert_int_equal(t.dismissed, 1);
    assert_int_equal(t.forgotten, 1);
    assert_int_equal(t.settled, 0);
    assert_int_equal(t.to_host, 1);
    assert_true(is_host(inventory_resolve(t.inventory, 20)));
}

static void test_candidate_with_namespaces(UNUSED void **state)
{
    struct capability_event event = { .flags = EVENT_SETUP, .mount_namespace = 1 };
    struct member *member = candidate();

    inventory_hold(t.inventory, member, &event);
    assert_false(member->foreign); /* runc's own, before the first program */
    event.flags = 0;
    inventory_hold(t.inventory, member, &event);
    fake_tree_process(&t.tree, getpid(), "/home-made");
    answer(RUNC_ENGINE, "home-made");
    assert_int_equal(t.dismissed, 0);
    assert_int_equal(t.settled, 1);
    assert_string_equal(member->container->name, "home-made");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_named),
        TEST(test_an_answer_ends_the_wait),
        TEST(test_asked_when_the_list_is_told),
        TEST(test_gone),
        TEST(test_finish),
        TEST(test_complete),
        TEST(test_candidate_of_runc),
        TEST(test_candidate_with_namespaces),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
