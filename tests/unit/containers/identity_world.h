/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A registry on a made-up tree: two containers of Docker, a user's manager, a delegated unit. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "src/containers/registry.h"
#include "tests/unit/containers/fake_tree.h"

#define WEB         "a17f0c2e00000000000000000000000000000000000000000000000000000001"
#define OTHER       "b28f0c2e00000000000000000000000000000000000000000000000000000002"
#define WEB_SHORT   "a17f0c2e0000"
#define OTHER_SHORT "b28f0c2e0000"
#define WEB_PATH    "/system.slice/docker-" WEB ".scope"
#define OTHER_PATH  "/system.slice/docker-" OTHER ".scope"
#define MANAGER     "/user.slice/user-1000.slice/user@1000.service"
#define SERVICE     "/system.slice/delegated.service"
#define USER        1000

enum { SLICE = 2, WEB_TOP, OTHER_TOP, OLD_TOP, FIRST_FREE = 100 };

static struct registry registry;
static struct fake_tree fake;

static void ignore_change(UNUSED void *userdata, UNUSED struct member *member)
{
}

static void ignore_mapping(UNUSED void *userdata, UNUSED uint64_t id, UNUSED struct member *member)
{
}

static inline int set_up(UNUSED void **state)
{
    static const struct registry_listener listener = { ignore_change, ignore_mapping, ignore_change,
                                                       NULL };

    fake_tree_init(&fake);
    fake_tree_add(&fake, SLICE, "/system.slice");
    fake_tree_add(&fake, WEB_TOP, WEB_PATH);
    fake_tree_add(&fake, OTHER_TOP, OTHER_PATH);
    fake_tree_add(&fake, OLD_TOP, "/old");
    fake_tree_add(&fake, 10, "/user.slice");
    fake_tree_add(&fake, 11, "/user.slice/user-1000.slice");
    fake_tree_add(&fake, 12, MANAGER);
    fake_tree_give(&fake, 12, USER);
    fake_tree_add(&fake, 13, SERVICE);
    fake_tree_give(&fake, 13, USER);
    registry_init(&registry, &fake.tree, &listener);
    registry_born(&registry, WEB_TOP, SLICE, NULL);
    registry_born(&registry, OTHER_TOP, SLICE, NULL);
    return 0;
}

static inline int tear_down(UNUSED void **state)
{
    registry_clear(&registry);
    return 0;
}

/* A cgroup is made, and its member. */
static inline struct member *make(uint64_t id, const char *path)
{
    fake_tree_add(&fake, id, path);
    registry_born(&registry, id, SLICE, NULL);
    return registry_resolve(&registry, id);
}

static inline struct member *of(uint64_t id)
{
    return registry_resolve(&registry, id);
}

static inline const char *name_of(const struct member *member)
{
    static char buffer[CONTAINER_SHORT_ID + 1];

    return container_display_name(member->container, buffer);
}

static inline size_t count(void)
{
    size_t at = 0, members = 0;

    while (registry_next(&registry, &at))
        members++;
    return members;
}

static inline void describe(const char *runtime, const char *id, const char *name, const char *path,
                            uid_t owner, pid_t pid)
{
    _cleanup_(container_unref)
    struct container *container = container_new(runtime, id);

    assert_non_null(container);
    assert_int_equal(container_set_text(&container->name, name), 0);
    assert_int_equal(container_set_text(&container->cgroup_path, path), 0);
    container->named = true;
    container->owner_uid = owner;
    container->pid = pid;
    assert_int_equal(registry_describe(&registry, container->runtime, container), 0);
}

/* The one that is shown by this name; NULL: none. */
static inline const struct member *named(const char *name)
{
    const struct member *member;
    size_t at = 0;

    while ((member = registry_next(&registry, &at))) {
        if (strcmp(name_of(member), name) == 0)
            return member;
    }
    return NULL;
}

static inline void assert_web_is_itself(void)
{
    const struct member *web = of(WEB_TOP);

    assert_int_equal(web->top_cgroup, WEB_TOP);
    assert_false(web->gone);
    assert_string_equal(web->container->id, WEB);
    assert_string_equal(web->container->cgroup_path, WEB_PATH);
}
