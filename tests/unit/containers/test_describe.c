/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the registry makes of several descriptions of one container, field by field. */
#include "src/containers/registry.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "tests/unit/containers/fake_tree.h"

#define ID    "a17f0c2e00000000000000000000000000000000000000000000000000000002"
#define IMAGE "7d3e51b000000000000000000000000000000000000000000000000000000009"

static struct registry registry;
static struct fake_tree fake;

static void ignore_change(UNUSED void *userdata, UNUSED struct member *member)
{
}

static void ignore_mapping(UNUSED void *userdata, UNUSED uint64_t id, UNUSED struct member *member)
{
}

static int set_up(UNUSED void **state)
{
    static const struct registry_listener listener = { ignore_change, ignore_mapping, ignore_change,
                                                       NULL };
    fake_tree_init(&fake);
    registry_init(&registry, &fake.tree, &listener);
    return 0;
}

static int tear_down(UNUSED void **state)
{
    registry_clear(&registry);
    return 0;
}

struct description {
    const char *runtime, *name, *image, *pod, *label;
    bool partial;
    pid_t pid;
};

static void describe(const struct description *description)
{
    _cleanup_(container_unref)
    struct container *container = container_new(description->runtime, ID);
    assert_non_null(container);
    assert_int_equal(container_set_text(&container->name, description->name), 0);
    assert_int_equal(container_set_text(&container->image, description->image), 0);
    assert_int_equal(container_set_text(&container->pod, description->pod), 0);
    if (description->label)
        assert_int_equal(container_add_label(container, "app", description->label), 0);
    container->named = description->name != NULL;
    container->partial = description->partial;
    container->pid = description->pid;
    assert_int_equal(registry_describe(&registry, container->runtime, container), 0);
}

#define DESCRIBE(...) describe(&(const struct description){ __VA_ARGS__ })

static const struct container *known(void)
{
    size_t at = 0;
    const struct member *member = registry_next(&registry, &at);
    assert_non_null(member);
    return member->container;
}

static void test_files_add_to_the_engines_words(UNUSED void **state)
{
    DESCRIBE("cri-o", "front", "app:1", .label = "shop");
    DESCRIBE("cri-o", "front", IMAGE, .pod = "web-0", .partial = true, .pid = 1);
    assert_string_equal(known()->image, "app:1");
    assert_string_equal(known()->pod, "web-0"); /* it was not known */
    assert_string_equal(container_label(known(), "app"), "shop");
    assert_int_equal(known()->pid, 1);
    assert_false(known()->partial);
    DESCRIBE("cri-o", "front", "other:1", .pod = "other", .partial = true);
    assert_string_equal(known()->image, "app:1");
    DESCRIBE("cri-o", "front", "app:2", .pod = "web-1", .label = "front");
    assert_string_equal(known()->image, "app:2");
    assert_string_equal(known()->pod, "web-1");
    assert_string_equal(container_label(known(), "app"), "front");
}

static void test_the_engines_words_replace_files(UNUSED void **state)
{
    DESCRIBE("cri-o", "front", "app:1", .pod = "made-up", .partial = true);
    assert_true(known()->partial);
    DESCRIBE("cri-o", "front", IMAGE, .pod = "web-0", .label = "shop");
    assert_string_equal(known()->pod, "web-0");
    assert_string_equal(known()->image, "app:1"); /* a name is more than an id */
    assert_false(known()->partial);
    DESCRIBE("cri-o", "front", NULL, .pod = NULL);
    assert_string_equal(known()->pod, "web-0");
}

static void test_an_id_gives_way_to_a_name(UNUSED void **state)
{
    DESCRIBE("cri-o", "front", "sha256:" IMAGE, .pod = "web-0", .label = "shop");
    DESCRIBE("cri-o", "front", "app:1", .partial = true);
    assert_string_equal(known()->image, "app:1");
}

static void test_a_rename_in_files(UNUSED void **state)
{
    DESCRIBE("podman", "keeps", "app:1", .label = "shop");
    DESCRIBE("podman", "kept", "app:1", .partial = true);
    assert_string_equal(known()->name, "kept");
}

static void test_others_words_are_not_mixed_in(UNUSED void **state)
{
    DESCRIBE("runc", "web", NULL, .pod = "made-up", .label = "shop");
    DESCRIBE("cri-o", "front", "app:1", .partial = true);
    assert_null(known()->pod);
    assert_int_equal(known()->label_count, 0);
    assert_true(known()->partial); /* CRI-O may still tell its labels */
    DESCRIBE("runc", "web", NULL, .pod = "made-up", .label = "shop", .pid = 7);
    assert_string_equal(known()->name, "front");
    assert_int_equal(known()->pid, 0);
}

/* The path says that it is CRI-O's, which was not asked: CRI's word counts, again and again. */
static void test_rank_is_of_who_has_spoken(UNUSED void **state)
{
    DESCRIBE("cri-o", "front", "app:1", .pod = "web-0");
    registry_undescribe(&registry, &(struct container_origin){ "cri-o", NULL, 0, ID });
    DESCRIBE("cri", "front", "app:1", .pod = "web-0");
    assert_string_equal(known()->runtime, "cri-o");
    DESCRIBE("cri", "front", "app:1", .pod = "web-0", .pid = 1);
    assert_int_equal(known()->pid, 1);
    DESCRIBE("runc", "runcs", "app:1", .pod = "web-0", .pid = 2);
    assert_int_equal(known()->pid, 1);
}

static void test_who_has_spoken_takes_it_back(UNUSED void **state)
{
    size_t at = 0;
    DESCRIBE("cri-o", "front", "app:1", .pod = "web-0");
    registry_undescribe(&registry, &(struct container_origin){ "cri", NULL, 0, ID });
    registry_list_begins(&registry, "cri");
    registry_list_ends(&registry, "cri");
    registry_drained(&registry);
    assert_non_null(known());
    registry_list_begins(&registry, "cri-o");
    registry_list_ends(&registry, "cri-o");
    registry_drained(&registry);
    assert_null(registry_next(&registry, &at));
}

/* -------- who else has that id -------- */

static void tell(const char *teller, const char *runtime, const char *space, uid_t owner,
                 const char *path)
{
    _cleanup_(container_unref)
    struct container *container = container_new(runtime, "web");

    assert_non_null(container);
    assert_int_equal(container_set_text(&container->cgroup_path, path), 0);
    assert_int_equal(container_set_text(&container->engine_namespace, space), 0);
    container->owner_uid = owner;
    container->named = true;
    assert_int_equal(registry_describe(&registry, teller, container), 0);
}

static const char *describer(const char *path)
{
    const struct member *member = string_table_get(&registry.members, path, strlen(path));

    assert_non_null(member);
    return member->describer ? member->describer : "";
}

static void test_removals_are_of_one(UNUSED void **state)
{
    fake_tree_add(&fake, 2, "/one");
    fake_tree_add(&fake, 3, "/two");
    fake_tree_add(&fake, 4, "/runc");
    fake_tree_add(&fake, 5, "/his");
    fake_tree_give(&fake, 5, 1000);
    fake_tree_add(&fake, 6, "/his/own");
    tell("containerd", "containerd", "one", 0, "/one");
    tell("containerd", "containerd", "two", 0, "/two");
    tell("runc", "runc", NULL, 0, "/runc");
    tell("runc", "runc", NULL, 1000, "/his/own");
    registry_undescribe(&registry, &(struct container_origin){ "containerd", NULL, 0, "web" });
    registry_undescribe(&registry, &(struct container_origin){ "containerd", "one", 1000, "web" });
    registry_undescribe(&registry, &(struct container_origin){ "runc", "one", 0, "web" });
    assert_string_equal(describer("/one"), "containerd");
    assert_string_equal(describer("/runc"), "runc");
    registry_undescribe(&registry, &(struct container_origin){ "containerd", "one", 0, "web" });
    assert_string_equal(describer("/one"), "");
    assert_string_equal(describer("/two"), "containerd");
    registry_undescribe(&registry, &(struct container_origin){ "runc", NULL, 0, "web" });
    assert_string_equal(describer("/runc"), "");
    assert_string_equal(describer("/his/own"), "runc");
    registry_undescribe(&registry, &(struct container_origin){ "runc", NULL, 1000, "web" });
    assert_string_equal(describer("/his/own"), "");
    assert_int_equal(registry.origins.count, 1);
}

/* Two that call theirs the same: the one that was told last is the one that goes. */
static void test_two_of_one_origin(UNUSED void **state)
{
    fake_tree_add(&fake, 2, "/one");
    fake_tree_add(&fake, 3, "/two");
    tell("runc", "runc", NULL, 0, "/one");
    tell("runc", "runc", NULL, 0, "/two");
    registry_undescribe(&registry, &(struct container_origin){ "runc", NULL, 0, "web" });
    assert_string_equal(describer("/two"), "");
    assert_string_equal(describer("/one"), "runc");
}

/* Lists that are told at the same time are each of their own teller. */
static void test_lists_are_of_one(UNUSED void **state)
{
    fake_tree_add(&fake, 2, "/service");
    fake_tree_add(&fake, 3, "/files");
    fake_tree_add(&fake, 4, "/runc");
    tell("podman-service", "podman", NULL, 0, "/service");
    tell("podman", "podman", NULL, 0, "/files");
    tell("runc", "runc", NULL, 0, "/runc");
    registry_list_begins(&registry, "podman-service");
    registry_list_begins(&registry, "runc");
    tell("runc", "runc", NULL, 0, "/runc");
    registry_list_ends(&registry, "podman-service");
    assert_string_equal(describer("/service"), "");
    assert_string_equal(describer("/files"), "podman");
    registry_list_ends(&registry, "runc");
    assert_string_equal(describer("/runc"), "runc");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_files_add_to_the_engines_words),
        TEST(test_the_engines_words_replace_files),
        TEST(test_an_id_gives_way_to_a_name),
        TEST(test_a_rename_in_files),
        TEST(test_others_words_are_not_mixed_in),
        TEST(test_rank_is_of_who_has_spoken),
        TEST(test_who_has_spoken_takes_it_back),
        TEST(test_removals_are_of_one),
        TEST(test_two_of_one_origin),
        TEST(test_lists_are_of_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
