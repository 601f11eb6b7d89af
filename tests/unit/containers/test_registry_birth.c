/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Births are looked into by name, and those of users only when something happens in them. */
#include "src/containers/registry_private.h"
#include "tests/unit/containers/identity_world.h"

#define BOX "docker-c39f0c2e00000000000000000000000000000000000000000000000000000003.scope"

enum { MANAGERS = 12, CHILD = FIRST_FREE, GRANDCHILD };

static void born(uint64_t id, uint64_t parent, const char *path)
{
    fake_tree_add(&fake, id, path);
    registry_born(&registry, id, parent, strrchr(path, '/') + 1);
}

/* What is known of a cgroup without looking. */
static const struct member *known(uint64_t id)
{
    return number_table_get(&registry.cgroups, id);
}

/* The kernel finds it without a search: the path is never asked for by its number. */
static void test_found_by_name(UNUSED void **state)
{
    fake_tree_add(&fake, CHILD, "/system.slice/" BOX);
    fake_tree_fail(&fake, CHILD, -EIO);
    registry_born(&registry, CHILD, SLICE, BOX);
    assert_non_null(known(CHILD));
    assert_string_equal(known(CHILD)->container->runtime, "docker");
    assert_true(known(CHILD)->setup);
    /* At the top of the tree, too. */
    born(GRANDCHILD, 1, "/box");
    assert_true(known(GRANDCHILD)->candidate);
    assert_string_equal(known(GRANDCHILD)->container->cgroup_path, "/box");
}

/* A directory can be renamed with cgroup v1, and another made with its name. */
static void test_another_has_the_name(UNUSED void **state)
{
    fake_tree_add(&fake, GRANDCHILD, "/system.slice/" BOX);
    fake_tree_add(&fake, CHILD, "/system.slice/renamed");
    registry_born(&registry, CHILD, SLICE, BOX);
    assert_string_equal(known(CHILD)->container->cgroup_path, "/system.slice/renamed");
}

static void test_put_off(UNUSED void **state)
{
    const struct member *member;
    unsigned int asked;

    born(CHILD, MANAGERS, MANAGER "/" BOX);
    assert_null(known(CHILD));
    assert_int_equal(registry.births.count, 1);
    /* Nothing is asked for more of the same, nor for what is in it. */
    asked = fake.asked;
    born(GRANDCHILD, CHILD, MANAGER "/" BOX "/container");
    for (uint64_t i = 0; i < 100; i++)
        registry_born(&registry, 1000 + i, MANAGERS, "more");
    assert_int_equal(fake.asked, asked);
    assert_int_equal(registry.births.count, 102);
    /* Something happens below it: it is there, too. */
    member = registry_executed(&registry, GRANDCHILD, 0);
    assert_non_null(member);
    assert_string_equal(name_of(member), "user/1000/c39f0c2e0000");
    assert_ptr_equal(known(CHILD), member);
    assert_ptr_equal(known(GRANDCHILD), known(CHILD));
    assert_int_equal(known(CHILD)->top_cgroup, CHILD);
    assert_false(known(CHILD)->setup);
    assert_int_equal(registry.births.count, 100);
    /* And ends as any other. */
    registry_gone(&registry, GRANDCHILD);
    registry_gone(&registry, CHILD);
    registry_drained(&registry);
    assert_null(named("user/1000/c39f0c2e0000"));
}

static void test_a_check_is_enough(UNUSED void **state)
{
    born(CHILD, MANAGERS, MANAGER "/app");
    assert_null(known(CHILD));
    assert_true(of(CHILD)->candidate);
    assert_true(of(CHILD)->setup);
    assert_int_equal(of(CHILD)->container->owner_uid, USER);
    assert_int_equal(registry.births.count, 0);
}

static void test_gone_before_anything(UNUSED void **state)
{
    born(CHILD, MANAGERS, MANAGER "/app");
    registry_gone(&registry, CHILD);
    assert_int_equal(registry.births.count, 0);
    /* What a lost notice would have said, the tree says. */
    born(CHILD, MANAGERS, MANAGER "/app");
    born(GRANDCHILD, MANAGERS, MANAGER "/other");
    fake_tree_remove(&fake, CHILD);
    assert_int_equal(registry_rescan(&registry), 0);
    assert_null(registry_find_birth(&registry, CHILD));
}

/* At the end even root's are put off, and there all the same when they are asked for. */
static void test_closing(UNUSED void **state)
{
    unsigned int asked = fake.asked;

    registry.closing = true;
    born(CHILD, SLICE, "/system.slice/" BOX);
    registry_born(&registry, GRANDCHILD, SLICE, "gone");
    registry_gone(&registry, GRANDCHILD);
    assert_int_equal(fake.asked, asked);
    assert_null(known(CHILD));
    assert_string_equal(name_of(of(CHILD)), "c39f0c2e0000");
    assert_true(of(CHILD)->setup);
}

/* Where there is no room to wait it is looked at, and that is counted. */
static void test_full(UNUSED void **state)
{
    registry.births.limit = 1;
    born(CHILD, MANAGERS, MANAGER "/one");
    assert_int_equal(registry.crowded, 0);
    born(GRANDCHILD, MANAGERS, MANAGER "/two");
    assert_int_equal(registry.crowded, 1);
    assert_null(known(CHILD));
    assert_non_null(known(GRANDCHILD));
}

/* Any number of levels; those that are too far above are looked for as before. */
static void test_deep(UNUSED void **state)
{
    static char paths[200][1024];
    size_t length = strlen(MANAGER);

    memcpy(paths[0], MANAGER, length);
    for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
        if (i)
            memcpy(paths[i], paths[i - 1], length);
        memcpy(paths[i] + length, "/d", 3);
        length += 2;
        born(CHILD + i, i ? CHILD + i - 1 : MANAGERS, paths[i]);
    }
    assert_int_equal(registry.births.count, ARRAY_SIZE(paths));
    assert_non_null(of(CHILD + ARRAY_SIZE(paths) - 1));
    assert_int_not_equal(registry.births.count, ARRAY_SIZE(paths));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_found_by_name),
        TEST(test_another_has_the_name),
        TEST(test_put_off),
        TEST(test_a_check_is_enough),
        TEST(test_gone_before_anything),
        TEST(test_closing),
        TEST(test_full),
        TEST(test_deep),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
