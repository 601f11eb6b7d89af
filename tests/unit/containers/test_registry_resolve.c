/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the registry makes of a tree that cannot answer, and of paths that lead astray. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "src/containers/registry.h"
#include "tests/unit/containers/fake_tree.h"

static void changed(UNUSED void *userdata, UNUSED struct member *member)
{
}

static unsigned int hosts; /* how many cgroups were said to be the host's */

static void mapped(UNUSED void *userdata, UNUSED uint64_t id, struct member *member)
{
    hosts += member == NULL;
}

static void test_failures(void **state)
{
    static const int failures[] = { -EMFILE, -ENFILE, -ENOMEM, -EPERM, -ENAMETOOLONG, -EIO };
    static const char path[] =
        "/docker/0123456789012345678901234567890123456789012345678901234567890123";
    const struct registry_listener listener = { .changed = changed,
                                                .mapped = mapped,
                                                .forgotten = changed };
    struct fake_tree fake;
    struct registry registry;

    (void)state;
    hosts = 0;
    fake_tree_init(&fake);
    fake_tree_add(&fake, 6, "/docker");
    fake_tree_add(&fake, 7, path);
    registry_init(&registry, &fake.tree, &listener);
    for (size_t i = 0; i < ARRAY_SIZE(failures); i++) {
        struct member *member;

        fake_tree_fail(&fake, 7, failures[i]);
        member = registry_resolve(&registry, 7);
        assert_non_null(member);
        assert_false(registry_is_host(&registry, member));
        assert_string_equal(member->container->id, "cgroup:7");
        assert_int_equal(fake.asked, i + 1); /* and not out of what was known */
    }
    assert_int_equal(hosts, 0);
    assert_int_equal(registry.unresolved, 1);
    /* As soon as it can be told, it is who it is. */
    fake_tree_fail(&fake, 7, 0);
    assert_string_equal(registry_resolve(&registry, 7)->container->id, path + strlen("/docker/"));
    registry_drained(&registry);
    assert_string_equal(registry_resolve(&registry, 7)->container->id, path + strlen("/docker/"));
    /* What is outside is, and is learnt; what has gone has its number. */
    fake_tree_add(&fake, 8, "/outside");
    fake_tree_fail(&fake, 8, -EXDEV);
    assert_ptr_equal(registry_resolve(&registry, 8), &registry.outside);
    assert_int_equal(hosts, 1);
    assert_string_equal(registry_resolve(&registry, 9)->container->id, "cgroup:9");
    registry_clear(&registry);
}

/* A state file's path is taken without its "..", or not at all. */
static void test_described(void **state)
{
    const struct registry_listener listener = { .changed = changed,
                                                .mapped = mapped,
                                                .forgotten = changed };
    static const struct {
        const char *told;
        uint64_t cgroup; /* 0: none */
    } cases[] = {
        { "/a/b/", 11 },
        { "/a/../a/b", 11 },
        { "/../a/b", 0 },
        { "/user.slice/user-1000.slice/user@1000.service/../../../a/b", 0 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct fake_tree fake;
        struct registry registry;
        struct container *container = container_new("runc", "web");
        struct member *member;
        size_t at = 0;

        assert_non_null(container);
        container->owner_uid = i == 3 ? 1000 : 0;
        assert_int_equal(container_set_text(&container->cgroup_path, cases[i].told), 0);
        fake_tree_init(&fake);
        fake_tree_add(&fake, 10, "/a");
        fake_tree_add(&fake, 11, "/a/b");
        fake_tree_add(&fake, 11, cases[i].told); /* as the kernel would find it */
        registry_init(&registry, &fake.tree, &listener);
        assert_int_equal(registry_describe(&registry, container->runtime, container), 0);
        member = registry_next(&registry, &at);
        assert_int_equal(member ? member->top_cgroup : 0, cases[i].cgroup);
        container_unref(&container);
        registry_clear(&registry);
    }
}

/* One that has gone before it was looked at is known by its name, below where its parent is. */
static void test_gone_at_birth(UNUSED void **state)
{
    static const char id[] = "0123456789012345678901234567890123456789012345678901234567890123";
    const struct registry_listener listener = { .changed = changed,
                                                .mapped = mapped,
                                                .forgotten = changed };
    struct fake_tree fake;
    struct registry registry;

    fake_tree_init(&fake);
    fake_tree_add(&fake, 10, "/docker");
    registry_init(&registry, &fake.tree, &listener);
    registry_born(&registry, 11, 10, id);
    registry_born(&registry, 12, 1, "box");
    registry_born(&registry, 13, 99, "orphan");
    registry_born(&registry, 14, 10, NULL);
    assert_string_equal(registry_resolve(&registry, 11)->container->id, id);
    assert_string_equal(registry_resolve(&registry, 11)->container->runtime, "docker");
    assert_string_equal(registry_resolve(&registry, 12)->container->id, "box");
    assert_true(registry_resolve(&registry, 12)->candidate);
    assert_string_equal(registry_resolve(&registry, 13)->container->id, "cgroup:13");
    assert_string_equal(registry_resolve(&registry, 14)->container->id, "cgroup:14");
    registry_clear(&registry);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_failures),
        cmocka_unit_test(test_described),
        cmocka_unit_test(test_gone_at_birth),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
