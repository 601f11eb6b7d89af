/* SPDX-License-Identifier: GPL-2.0-or-later */
/* No user fills the index. */
#include "src/containers/registry_private.h"
#include "tests/unit/containers/identity_world.h"

static struct member *add(size_t number, uid_t maker)
{
    char key[32];
    int length = snprintf(key, sizeof(key), "%u-%zu", maker, number);

    return registry_add(&registry, key, (size_t)length, maker);
}

static void fill(uid_t maker)
{
    for (size_t i = 0; i < REGISTRY_USER_MAX; i++)
        assert_non_null(add(i, maker));
}

static void test_a_users_share(UNUSED void **state)
{
    struct member *one;

    fill(USER);
    assert_int_equal(registry.crowded, 0);
    assert_null(add(REGISTRY_USER_MAX, USER));
    assert_int_equal(registry.crowded, 1);
    assert_int_equal(registry.evictions, 0);
    /* Others have room, and so has he when one of his goes. */
    assert_non_null(add(0, USER + 1));
    one = registry_find(&registry, "1000-7", strlen("1000-7"));
    registry_forget(&registry, one);
    assert_non_null(add(REGISTRY_USER_MAX, USER));
    assert_null(add(REGISTRY_USER_MAX + 1, USER));
}

static void test_all_users(UNUSED void **state)
{
    for (uid_t i = 0; i < REGISTRY_USERS_MAX / REGISTRY_USER_MAX; i++)
        fill(USER + i);
    assert_null(add(0, USER + 999));
    for (size_t i = 0; i < REGISTRY_USER_MAX + 1; i++)
        assert_non_null(add(i, 0));
}

/* His cgroup that finds no room belongs to nobody, and still to nobody else; root's are who they
 * are. */
static void test_no_room(UNUSED void **state)
{
    static const char path[] = MANAGER "/docker-" WEB ".scope";

    fill(USER);
    fake_tree_add(&fake, FIRST_FREE, path);
    registry_born(&registry, FIRST_FREE, 12, strrchr(path, '/') + 1);
    assert_null(of(FIRST_FREE));
    assert_null(of(FIRST_FREE));
    assert_int_equal(registry.crowded, 2);
    assert_web_is_itself();
    describe("runc", "his", "his", MANAGER "/his", USER, 0);
    assert_int_equal(registry.crowded, 3);
    assert_null(registry_find(&registry, MANAGER "/his", strlen(MANAGER "/his")));
    describe("docker", WEB, "web", NULL, 0, 0);
    assert_string_equal(name_of(of(WEB_TOP)), "web");
    registry_forget(&registry, registry_find(&registry, "1000-0", strlen("1000-0")));
    assert_string_equal(name_of(of(FIRST_FREE)), "user/1000/" WEB_SHORT);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_users_share),
        TEST(test_all_users),
        TEST(test_no_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
