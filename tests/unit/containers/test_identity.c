/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whoever may make a cgroup may name it: no name impersonates, hides or misnames anybody. */
#include "tests/unit/containers/identity_world.h"

/* -------- in a container -------- */

static void test_a_double_inside(UNUSED void **state)
{
    const struct member *inner = make(FIRST_FREE, OTHER_PATH "/docker-" WEB ".scope");

    describe("docker", WEB, "web", NULL, 0, 0);
    assert_string_equal(name_of(inner), OTHER_SHORT "/" WEB_SHORT);
    assert_string_equal(inner->container->id, OTHER "/" WEB);
    assert_web_is_itself();
    assert_string_equal(name_of(of(WEB_TOP)), "web");
    assert_false(inner->container->named);
    /* It bears the name of the one that it is in, whenever that one gets it. */
    describe("docker", OTHER, "other", NULL, 0, 0);
    assert_string_equal(name_of(inner), "other/" WEB_SHORT);
    assert_true(inner->container->named);
    describe("docker", OTHER, "renamed", NULL, 0, 0);
    assert_string_equal(name_of(inner), "renamed/" WEB_SHORT);
    assert_string_equal(inner->container->id, OTHER "/" WEB);
    /* What is below it is its own. */
    assert_ptr_equal(make(101, OTHER_PATH "/docker-" WEB ".scope/docker/" OTHER), inner);
    assert_ptr_equal(make(102, OTHER_PATH "/docker-" WEB ".scope/init.scope"), inner);
    /* Its end is nobody else's. */
    registry_gone(&registry, FIRST_FREE);
    registry_drained(&registry);
    assert_web_is_itself();
    assert_null(named("renamed/" WEB_SHORT));
}

/* Seen first, it has the name of nobody either. */
static void test_a_double_inside_of_one_that_is_scanned(UNUSED void **state)
{
    fake_tree_add(&fake, 101, OTHER_PATH "/docker");
    fake_tree_add(&fake, FIRST_FREE, OTHER_PATH "/docker/" WEB);
    registry_clear(&registry);
    registry_init(
        &registry, &fake.tree,
        &(struct registry_listener){ ignore_change, ignore_mapping, ignore_change, NULL });
    assert_string_equal(name_of(of(FIRST_FREE)), OTHER_SHORT "/" WEB_SHORT);
    assert_int_equal(registry_scan(&registry), 0);
    assert_web_is_itself();
    assert_string_equal(name_of(of(101)), OTHER_SHORT);
}

static void test_nothing_hides_inside(UNUSED void **state)
{
    static const char *const names[] = {
        OTHER_PATH "/conmon",
        OTHER_PATH "/my-conmon",
        OTHER_PATH "/libpod-conmon-" WEB ".scope",
        OTHER_PATH "/libpod-conmon-" WEB ".scope/below",
        OTHER_PATH "/libpod_parent/conmon",
        OTHER_PATH "/lxc.monitor.x",
        OTHER_PATH "/crio-conmon-" WEB,
        OTHER_PATH "/system.slice/cron.service",
    };

    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        assert_ptr_equal(make(FIRST_FREE + i, names[i]), of(OTHER_TOP));
    assert_int_equal(count(), 2);
}

/* Nor is a container whose user logs in anybody else's, or two. */
static void test_a_session_inside(UNUSED void **state)
{
    make(FIRST_FREE, OTHER_PATH "/user.slice");
    assert_ptr_equal(make(101, OTHER_PATH MANAGER), of(OTHER_TOP));
    fake_tree_give(&fake, 101, USER);
    assert_ptr_equal(make(102, OTHER_PATH MANAGER "/init.scope"), of(OTHER_TOP));
    assert_int_equal(of(OTHER_TOP)->container->owner_uid, 0);
    assert_int_equal(count(), 2);
}

/* An engine gives a container its cgroup, where that has users of its own. */
static void test_a_containers_own_user(UNUSED void **state)
{
    fake_tree_give(&fake, OTHER_TOP, 100000);
    assert_ptr_equal(make(FIRST_FREE, OTHER_PATH "/init.scope"), of(OTHER_TOP));
    assert_string_equal(name_of(of(OTHER_TOP)), OTHER_SHORT);
    assert_string_equal(name_of(make(101, OTHER_PATH "/docker-" WEB ".scope")),
                        OTHER_SHORT "/" WEB_SHORT);
    /* That user, should he be one of the host, too, speaks for nothing in it. */
    fake_tree_give(&fake, OTHER_TOP, USER);
    describe("runc", "mine", "mine", OTHER_PATH "/init.scope", USER, 0);
    assert_null(named("user/1000/mine"));
    assert_ptr_equal(of(FIRST_FREE), of(OTHER_TOP));
}

static void test_more_inside_than_is_kept(UNUSED void **state)
{
    static char paths[REGISTRY_INSIDE_MAX + 2][256];
    const struct member *outer = of(OTHER_TOP);

    for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
        const struct member *member;

        (void)snprintf(paths[i], sizeof(paths[i]), OTHER_PATH "/lxc.payload.%zu", i);
        member = make(FIRST_FREE + i, paths[i]);
        assert_true((member == outer) == (i >= REGISTRY_INSIDE_MAX));
    }
    registry_gone(&registry, FIRST_FREE);
    registry_drained(&registry);
    fake_tree_remove(&fake, FIRST_FREE);
    assert_ptr_not_equal(make(9000, paths[0]), outer); /* room again */
    assert_web_is_itself();
}

/* The outer one is forgotten first: the other is left with its name. */
static void test_the_outer_one_ends(UNUSED void **state)
{
    const struct member *inner = make(FIRST_FREE, OTHER_PATH "/docker/" WEB);

    registry_gone(&registry, OTHER_TOP);
    registry_drained(&registry);
    assert_null(inner->outer);
    assert_string_equal(name_of(inner), OTHER_SHORT "/" WEB_SHORT);
}

/* -------- in a user's hands -------- */

static void test_doubles_of_a_user(UNUSED void **state)
{
    assert_string_equal(name_of(make(FIRST_FREE, SERVICE "/docker-" WEB ".scope")),
                        "user/1000/" WEB_SHORT);
    assert_int_equal(of(FIRST_FREE)->container->owner_uid, USER);
    assert_web_is_itself();
    registry_gone(&registry, FIRST_FREE);
    registry_drained(&registry);
    assert_web_is_itself();
}

static void test_machines_of_a_user(UNUSED void **state)
{
    fake_tree_add(&fake, 101, SERVICE "/machine.slice");
    assert_string_equal(name_of(make(102, SERVICE "/machine.slice/machine-victim.scope")),
                        "user/1000/victim");
    assert_string_equal(name_of(make(103, SERVICE "/lxc.payload.victim")), "user/1000/victim");
}

/* A plain name, which namespaces make a container. */
static void test_a_users_candidate(UNUSED void **state)
{
    struct member *member = make(FIRST_FREE, SERVICE "/web");

    assert_true(member->candidate);
    assert_int_equal(registry_accept(&registry, member), 0);
    assert_string_equal(name_of(member), "user/1000/web");
    assert_int_equal(member->container->owner_uid, USER);
    member = make(101, "/web");
    assert_int_equal(registry_accept(&registry, member), 0);
    assert_string_equal(name_of(member), "web");
}

static void test_units_of_a_user(UNUSED void **state)
{
    static const char *const units[] = { "web", "user/1000/web", "delegated", "user@1000" };

    registry.units = units;
    registry.unit_count = 1;
    fake_tree_add(&fake, 101, SERVICE "/a");
    assert_true(registry_is_host(&registry, make(102, SERVICE "/a/web.service")));
    registry.unit_count = ARRAY_SIZE(units);
    assert_string_equal(name_of(make(103, SERVICE "/a/web.service/x")), "user/1000/web.service");
    /* A unit made by him in one that was asked for hides nothing of that. */
    assert_string_equal(name_of(make(104, SERVICE "/a/x.service")), "delegated.service");
    assert_string_equal(name_of(make(105, SERVICE "/a/x.service/y.scope")), "delegated.service");
    assert_string_equal(name_of(make(106, MANAGER "/init.scope")), "user@1000.service");
}

/* What has gone has left nobody to ask: it is not root's for that, and not the host's. */
static void test_nobody_knows_whose(UNUSED void **state)
{
    fake_tree_add(&fake, FIRST_FREE, "/gone.service/docker-" WEB ".scope");
    fake_tree_add(&fake, 101, "/gone.service/web");
    registry_born(&registry, FIRST_FREE, SLICE, NULL);
    registry_born(&registry, 101, SLICE, NULL);
    assert_null(of(FIRST_FREE));
    assert_int_equal(count(), 2);
}

/* One that has gone is known by its name in its parent's hands. */
static void test_a_users_gone_cgroup(UNUSED void **state)
{
    registry_born(&registry, FIRST_FREE, 13, "docker-" WEB ".scope");
    assert_string_equal(name_of(of(FIRST_FREE)), "user/1000/" WEB_SHORT);
    assert_web_is_itself();
}

/* -------- at another place -------- */

static void test_a_second_claim(UNUSED void **state)
{
    const struct member *second = make(FIRST_FREE, "/x-docker-" WEB ".scope");

    fake_tree_add(&fake, 101, "/elsewhere.slice");
    describe("docker", WEB, "web", NULL, 0, 0);
    second = make(102, "/elsewhere.slice/docker-" WEB ".scope");
    assert_web_is_itself();
    assert_string_equal(name_of(of(WEB_TOP)), "web");
    assert_string_equal(name_of(second), "elsewhere.slice/docker-" WEB ".scope");
    assert_string_equal(second->container->runtime, "unknown");
    assert_ptr_equal(make(103, "/elsewhere.slice/docker-" WEB ".scope/init.scope"), second);
    registry_gone(&registry, 102);
    registry_drained(&registry);
    assert_web_is_itself();
}

/* Started again, and the notice of the end was lost. */
static void test_a_new_life_elsewhere(UNUSED void **state)
{
    fake_tree_remove(&fake, WEB_TOP);
    fake_tree_add(&fake, 101, "/elsewhere.slice");
    assert_string_equal(make(FIRST_FREE, "/elsewhere.slice/docker-" WEB ".scope")->container->id,
                        WEB);
    assert_string_equal(of(FIRST_FREE)->container->cgroup_path,
                        "/elsewhere.slice/docker-" WEB ".scope");
    registry_gone(&registry, WEB_TOP);
    registry_drained(&registry);
    assert_int_equal(of(FIRST_FREE)->top_cgroup, FIRST_FREE);
}

/* -------- below a place that is no engine's shape -------- */

static struct member *make_old(void)
{
    fake_tree_process(&fake, getpid(), "/old");
    registry.mount_namespace = 1; /* ours is another */
    registry_born(&registry, OLD_TOP, 1, NULL);
    return of(OLD_TOP);
}

static void test_inside_of_a_home_made_one(UNUSED void **state)
{
    struct member *old = make_old();
    const struct member *inner;

    assert_true(old->candidate);
    registry_executed(&registry, OLD_TOP, 0);
    /* Nobody has said yet what it is. */
    assert_ptr_equal(make(FIRST_FREE, "/old/docker-" WEB ".scope"), old);
    assert_int_equal(registry_accept(&registry, old), 0);
    inner = make(101, "/old/libpod-" WEB);
    assert_string_equal(name_of(inner), "old/" WEB_SHORT);
    assert_ptr_equal(make(102, "/old/libpod-conmon-" WEB ".scope"), old);
    assert_ptr_equal(make(103, "/old/libpod-conmon-" WEB ".scope/x"), old);
    assert_web_is_itself();
}

/* A directory of an engine's in which nothing has run yet is no container for that. */
static void test_below_an_engines_directory(UNUSED void **state)
{
    fake_tree_add(&fake, 101, "/docker");
    registry_born(&registry, 101, 1, NULL);
    assert_true(of(101)->candidate);
    assert_string_equal(
        make(FIRST_FREE, "/docker/c39f0c2e00000000000000000000000000000000000000000000000000000003")
            ->container->runtime,
        "docker");
}

/* All of its processes had been moved to the double before the trace; then runc tells of it. */
static void test_the_double_was_first(UNUSED void **state)
{
    fake_tree_add(&fake, FIRST_FREE, "/old/docker-" WEB ".scope");
    registry_clear(&registry);
    registry_init(
        &registry, &fake.tree,
        &(struct registry_listener){ ignore_change, ignore_mapping, ignore_change, NULL });
    assert_string_equal(of(FIRST_FREE)->container->id, WEB); /* who could know */
    assert_string_equal(of(WEB_TOP)->container->id, WEB_PATH + 1);
    describe("docker", WEB, "web", NULL, 0, 0);
    describe("runc", "old", "old", "/old", 0, 0);
    assert_string_equal(name_of(of(FIRST_FREE)), "old");
    assert_web_is_itself();
    assert_string_equal(name_of(of(WEB_TOP)), "web");
    registry_drained(&registry);
    assert_web_is_itself();
    assert_string_equal(name_of(of(WEB_TOP)), "web");
    assert_int_equal(count(), 2);
}

/* -------- what engines say -------- */

static void test_a_users_engine(UNUSED void **state)
{
    describe("podman", WEB, "mine", WEB_PATH, USER, 0);
    assert_web_is_itself();
    assert_string_equal(name_of(of(WEB_TOP)), WEB_SHORT);
    assert_int_equal(named("user/1000/mine")->top_cgroup, 0);
    fake_tree_process(&fake, getpid(), WEB_PATH);
    describe("podman", OTHER, "his", NULL, USER, getpid());
    assert_int_equal(named("user/1000/his")->container->pid, 0);
    assert_int_equal(named("user/1000/his")->top_cgroup, 0);
    describe("runc", "short", "short", MANAGER "/../../../system.slice/x", USER, 0);
    describe("runc", "short", "short", "/old", USER, getpid());
    assert_null(named("user/1000/short"));
}

static void test_a_users_engine_at_home(UNUSED void **state)
{
    fake_tree_add(&fake, FIRST_FREE, MANAGER "/libpod-" WEB ".scope");
    fake_tree_add(&fake, 101, MANAGER "/demo");
    fake_tree_process(&fake, getpid(), MANAGER "/libpod-" WEB ".scope");
    describe("podman", WEB, "mine", NULL, USER, getpid());
    assert_string_equal(name_of(of(FIRST_FREE)), "user/1000/mine");
    assert_int_equal(of(FIRST_FREE)->container->pid, getpid());
    describe("runc", "demo", "demo", MANAGER "/demo", USER, 0);
    assert_string_equal(name_of(of(101)), "user/1000/demo");
    assert_web_is_itself();
    /* Where root's engine has spoken, a user's is not heard. */
    describe("runc", "demo", "roots", MANAGER "/demo", 0, 0);
    describe("runc", "demo", "users", MANAGER "/demo", USER, 0);
    assert_string_equal(name_of(of(101)), "roots");
}

/* Nobody gets another's cgroup by being in it. */
static void test_below_another(UNUSED void **state)
{
    fake_tree_add(&fake, FIRST_FREE, WEB_PATH "/demo");
    fake_tree_process(&fake, getpid(), WEB_PATH "/demo");
    describe("runc", "demo", "demo", WEB_PATH "/demo", 0, 0);
    describe("podman", "c39f0c2e00000000000000000000000000000000000000000000000000000003", "pod",
             NULL, 0, getpid());
    assert_web_is_itself();
    assert_string_equal(name_of(of(FIRST_FREE)), "demo");
    assert_int_equal(named("pod")->top_cgroup, 0);
}

/* A pod of podman's at a place of one's own looks like a container; podman knows which is which. */
static void test_an_engine_vouches_for_its_place(UNUSED void **state)
{
    static const char id[] = "c39f0c2e00000000000000000000000000000000000000000000000000000003";
    char path[160], below[192];

    (void)snprintf(path, sizeof(path), "%s/libpod-%s", "/mine/" OTHER, id);
    (void)snprintf(below, sizeof(below), "%s/container", path);
    fake_tree_add(&fake, 101, "/mine");
    fake_tree_add(&fake, 102, "/mine/" OTHER);
    fake_tree_add(&fake, FIRST_FREE, path);
    fake_tree_add(&fake, 103, below);
    fake_tree_process(&fake, getpid(), below);
    describe("podman", id, "member", NULL, 0, getpid());
    assert_string_equal(name_of(of(FIRST_FREE)), "member");
    assert_ptr_equal(of(103), of(FIRST_FREE));
    (void)snprintf(below, sizeof(below), "%s/later", path);
    assert_ptr_equal(make(104, below), of(FIRST_FREE));
}

/* Root may make a container below another's place: what its engine tells goes before the rule. */
static void test_an_engine_vouches_for_one_below_another(UNUSED void **state)
{
    fake_tree_add(&fake, FIRST_FREE, "/old/deep");
    describe("runc", "old", "old", "/old", 0, 0);
    describe("runc", "deep", "deep", "/old/deep", 0, 0);
    assert_string_equal(name_of(make(101, "/old/deep/x")), "deep");
    assert_string_equal(name_of(make(102, "/old/x")), "old");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_double_inside),
        TEST(test_a_double_inside_of_one_that_is_scanned),
        TEST(test_nothing_hides_inside),
        TEST(test_a_session_inside),
        TEST(test_a_containers_own_user),
        TEST(test_more_inside_than_is_kept),
        TEST(test_the_outer_one_ends),
        TEST(test_doubles_of_a_user),
        TEST(test_machines_of_a_user),
        TEST(test_a_users_candidate),
        TEST(test_units_of_a_user),
        TEST(test_nobody_knows_whose),
        TEST(test_a_users_gone_cgroup),
        TEST(test_a_second_claim),
        TEST(test_a_new_life_elsewhere),
        TEST(test_inside_of_a_home_made_one),
        TEST(test_below_an_engines_directory),
        TEST(test_the_double_was_first),
        TEST(test_a_users_engine),
        TEST(test_a_users_engine_at_home),
        TEST(test_below_another),
        TEST(test_an_engine_vouches_for_its_place),
        TEST(test_an_engine_vouches_for_one_below_another),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
