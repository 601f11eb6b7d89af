/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Members: how they come, what leads to them, what is left of them, and that there is an end to
 * their number. */
#include "src/containers/registry_private.h"
#include "tests/unit/containers/identity_world.h"

enum { CHILD = FIRST_FREE, AGAIN };

static void run_as(const char *runtime, const char *id, const char *name, pid_t pid)
{
    _cleanup_(container_unref)
    struct container *container = container_new(runtime, id);

    assert_non_null(container);
    assert_int_equal(container_set_text(&container->name, name), 0);
    container->named = true;
    container->pid = pid;
    container->pid_start_ticks = 5;
    container->state = CONTAINER_STATE_RUNNING;
    assert_int_equal(registry_describe(&registry, container->runtime, container), 0);
}

/* -------- what leads to them -------- */

static void test_ids_move(UNUSED void **state)
{
    struct member *web = of(WEB_TOP), *other = of(OTHER_TOP);

    registry_map(&registry, CHILD, web);
    registry_map(&registry, CHILD, web);
    assert_int_equal(web->id_count, 2);
    registry_map(&registry, CHILD, other);
    assert_int_equal(web->id_count, 1);
    assert_int_equal(other->id_count, 2);
    assert_ptr_equal(registry_unmap(&registry, CHILD), other);
    assert_int_equal(other->id_count, 1);
    assert_null(registry_unmap(&registry, CHILD));
    /* The host's are not kept: they are all others. */
    registry_map(&registry, CHILD, &registry.host);
    assert_int_equal(registry.host.id_count, 0);
}

static void test_no_room(UNUSED void **state)
{
    registry.members.limit = registry.members.count;
    fake_tree_add(&fake, CHILD, "/docker");
    fake_tree_add(&fake, AGAIN, "/docker/" WEB "0");
    assert_null(registry_add(&registry, "/new", strlen("/new"), 0));
    assert_int_equal(registry.evictions, 1);
    registry.cgroups.limit = registry.cgroups.count;
    registry_map(&registry, CHILD, of(WEB_TOP));
    assert_int_equal(registry.evictions, 2);
    assert_int_equal(of(WEB_TOP)->id_count, 1);
}

/* -------- what is left of them -------- */

/* An engine goes on to know it; of its processes nothing is true any more. */
static void test_stopped_and_started(UNUSED void **state)
{
    const struct member *web;

    run_as("docker", WEB, "web", 4321);
    registry_gone(&registry, WEB_TOP);
    registry_drained(&registry);
    web = named("web");
    assert_non_null(web);
    assert_int_equal(web->top_cgroup, 0);
    assert_int_equal(web->id_count, 0);
    assert_int_equal(web->container->pid, 0);
    assert_int_equal(web->container->pid_start_ticks, 0);
    assert_int_equal(web->container->state, CONTAINER_STATE_EXITED);
    assert_true(web->setup);
    fake_tree_remove(&fake, WEB_TOP);
    assert_ptr_equal(make(AGAIN, WEB_PATH), web);
    assert_int_equal(web->top_cgroup, AGAIN);
    registry_gone(&registry, AGAIN);
    registry_undescribe(&registry, &(struct container_origin){ "docker", NULL, 0, WEB });
    registry_drained(&registry);
    assert_null(named("web"));
}

/* It is started again before the end of the first life was dealt with. */
static void test_started_at_once(UNUSED void **state)
{
    const struct member *web;

    run_as("docker", WEB, "web", 4321);
    registry_gone(&registry, WEB_TOP);
    fake_tree_remove(&fake, WEB_TOP);
    web = make(AGAIN, WEB_PATH);
    assert_false(web->gone);
    assert_string_equal(name_of(web), "web");
    assert_int_equal(web->container->pid, 0);
    registry_drained(&registry);
    assert_ptr_equal(of(AGAIN), web);
}

static void test_rescan(UNUSED void **state)
{
    fake_tree_remove(&fake, WEB_TOP);
    fake_tree_add(&fake, CHILD, OTHER_PATH "/below");
    assert_int_equal(registry_rescan(&registry), 0);
    registry_drained(&registry);
    assert_null(named(WEB_SHORT));
    assert_ptr_equal(number_table_get(&registry.cgroups, CHILD), of(OTHER_TOP));
}

/* -------- what is known of them -------- */

static void test_named_inside(UNUSED void **state)
{
    _cleanup_(container_unref)
    struct container *inner = container_new("docker", OTHER);

    assert_non_null(inner);
    assert_int_equal(registry_name_inside(of(WEB_TOP), inner), 0);
    assert_string_equal(inner->name, WEB_SHORT "/" OTHER_SHORT);
    assert_string_equal(inner->id, WEB "/" OTHER);
    /* Anew, and not in addition. */
    run_as("docker", WEB, "web", 0);
    assert_int_equal(registry_name_inside(of(WEB_TOP), inner), 0);
    assert_string_equal(inner->name, "web/" OTHER_SHORT);
    assert_string_equal(inner->id, WEB "/" OTHER);
    assert_true(inner->named);
}

static void test_namespaces(UNUSED void **state)
{
    assert_int_equal(registry_namespace(0, "mnt"), 0);
    assert_int_equal(registry_namespace(-1, "mnt"), 0);
    assert_int_not_equal(registry_namespace(getpid(), "mnt"), 0);
    assert_int_not_equal(registry.mount_namespace, 0);
}

static void test_runtime_of_a_path(UNUSED void **state)
{
    _cleanup_(container_unref)
    struct container *container = container_new("runc", WEB);

    assert_non_null(container);
    registry_prefer_runtime(container, NULL);
    assert_string_equal(container->runtime, "runc");
    registry_prefer_runtime(container, "docker");
    assert_string_equal(container->runtime, "docker");
    registry_prefer_runtime(container, "crun");
    assert_string_equal(container->runtime, "docker");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_ids_move),
        TEST(test_no_room),
        TEST(test_stopped_and_started),
        TEST(test_started_at_once),
        TEST(test_rescan),
        TEST(test_named_inside),
        TEST(test_namespaces),
        TEST(test_runtime_of_a_path),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
