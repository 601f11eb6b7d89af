/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is asked for a name, how long one waits for it, and what is said of engines: over a tree that
 * is a table, with engines that answer when they are told to.
 */
#include "src/containers/discovery.h"

#include <errno.h>

#include "tests/unit/containers/fake_tree.h"
#include "tests/unit/fake_engines.h"

#define ID     "a17f0c2e00000000000000000000000000000000000000000000000000000002"
#define ID_TOO "b17f0c2e00000000000000000000000000000000000000000000000000000003"

static struct {
    sd_event *event;
    struct fake_tree tree;
    struct registry registry;
    struct discovery *discovery;
    size_t settled, engine_words;
    struct member *last;
    enum runtime_state state; /* that was told last */
    struct error reason;
} t;

/* -------- as the inventory joins them -------- */

static void on_changed(UNUSED void *userdata, struct member *member)
{
    if (t.discovery)
        discovery_update(t.discovery, member);
}

static void on_mapped(UNUSED void *userdata, UNUSED uint64_t cgroup_id,
                      UNUSED struct member *member)
{
}

static void on_forgotten(UNUSED void *userdata, struct member *member)
{
    discovery_forget(t.discovery, member);
}

static void on_settled(UNUSED void *userdata, struct member *member)
{
    t.settled++;
    t.last = member;
}

static void on_engine(UNUSED void *userdata, UNUSED const char *runtime, enum runtime_state state,
                      const struct error *reason)
{
    t.engine_words++;
    t.state = state;
    t.reason = reason ? *reason : (struct error){ 0 };
}

static int set_up(UNUSED void **state)
{
    static const struct registry_listener listener = { .changed = on_changed,
                                                       .mapped = on_mapped,
                                                       .forgotten = on_forgotten };

    memset(&t, 0, sizeof(t));
    fake_engines_reset();
    fake_tree_init(&t.tree);
    fake_tree_add(&t.tree, 2, "/docker");
    fake_tree_add(&t.tree, 3, "/machine.slice");
    registry_init(&t.registry, &t.tree.tree, &listener);
    return sd_event_new(&t.event) < 0 ? -1 : 0;
}

static int tear_down(UNUSED void **state)
{
    discovery_free(&t.discovery);
    registry_clear(&t.registry);
    sd_event_unref(t.event);
    return 0;
}

static const struct discovery_listener discovery_listener = { .settled = on_settled,
                                                              .engine = on_engine };

static int try_open(const char *const *names, size_t count, struct error *error)
{
    const struct discovery_options options = { .runtimes = names, .runtime_count = count };

    return discovery_new(&options, t.event, &t.registry, &discovery_listener, &t.discovery, error);
}

static void open_all(void)
{
    struct error error;

    assert_int_equal(try_open(NULL, 0, &error), 0);
}

static void up(const char *name)
{
    fake_engine_becomes(name, RUNTIME_UP, NULL);
}

static struct member *born(uint64_t id, const char *path)
{
    struct member *member;

    fake_tree_add(&t.tree, id, path);
    member = registry_resolve(&t.registry, id);
    assert_non_null(member);
    return member;
}

static size_t asked(const char *name)
{
    return fake_engine(name)->asked;
}

/* Time goes by until something happens; the guard is against hanging only. */
static void wait_for_settled(size_t count)
{
    for (int turns = 0; t.settled < count; turns++) {
        assert_in_range(turns, 0, 1000);
        assert_true(sd_event_run(t.event, 1000000) >= 0);
    }
}

/* -------- which engines there are -------- */

static void check_refused(const char *const *names, size_t count, int expected, const char *words)
{
    struct error error;

    assert_int_equal(try_open(names, count, &error), expected);
    assert_null(t.discovery);
    if (!strstr(error.message, words))
        fail_msg("'%s' is not in: %s", words, error.message);
}

static void test_names(UNUSED void **state)
{
    static const char *const unknown[] = { "docker", "dokcer" };
    static const char *const away[] = { "docker", "runc" };

    check_refused(unknown, 2, -EINVAL,
                  "unknown runtime 'dokcer': known are docker, containerd, podman, runc");
    check_refused(away, 1, -ENOENT, "docker was asked for");
    check_refused(away, 2, -ENOENT, "none of the engines that were asked for is here");
}

static size_t opened;

static void count_opened(UNUSED void *userdata, UNUSED const struct runtime *runtime)
{
    opened++;
}

/* Another driver of an engine comes along with it. */
static void test_only_those_asked_for(UNUSED void **state)
{
    static const char *const podman[] = { "podman" };
    struct error error;

    fake_engine("podman")->state = RUNTIME_CONNECTING;
    assert_int_equal(try_open(podman, 1, &error), 0);
    opened = 0;
    discovery_each(t.discovery, count_opened, NULL);
    assert_int_equal(opened, 2);
    assert_non_null(fake_engine("podman service")->listener);
    assert_null(fake_engine("docker")->listener);
    assert_true(fake_engine("podman")->options.required);
    assert_false(fake_engine("podman service")->options.required);
}

static void test_socket_of_an_option(UNUSED void **state)
{
    const struct discovery_options options = {
        .sockets = { { "podman", "/srv/podman.sock" } },
    };
    struct error error;

    assert_int_equal(
        discovery_new(&options, t.event, &t.registry, &discovery_listener, &t.discovery, &error),
        0);
    assert_string_equal(runtime_socket(fake_engine("podman service")), "/srv/podman.sock");
    assert_string_equal(runtime_socket(fake_engine("docker")), "/run/fake.sock");
}

static void test_complete(UNUSED void **state)
{
    fake_engine("docker")->state = fake_engine("runc")->state = RUNTIME_CONNECTING;
    open_all();
    assert_false(discovery_is_complete(t.discovery));
    up("docker");
    assert_false(discovery_is_complete(t.discovery));
    fake_engine_becomes("runc", RUNTIME_DOWN, "gone");
    assert_true(discovery_is_complete(t.discovery));
}

/* -------- who is asked -------- */

static void test_the_one_that_the_path_names(UNUSED void **state)
{
    open_all();
    up("docker");
    up("containerd");
    (void)born(10, "/docker/" ID);
    assert_int_equal(asked("docker"), 1);
    assert_string_equal(fake_engine("docker")->last_id, ID);
    assert_int_equal(asked("containerd"), 0);
}

static void test_all_when_that_one_is_away(UNUSED void **state)
{
    open_all();
    fake_engine_becomes("docker", RUNTIME_DOWN, "gone");
    up("containerd");
    up("runc");
    (void)born(10, "/docker/" ID);
    assert_int_equal(asked("docker"), 0);
    assert_int_equal(asked("containerd"), 1);
    assert_int_equal(asked("runc"), 1);
    fake_engine_answers("containerd", ID);
    assert_int_equal(t.settled, 0); /* the other has still to answer */
    fake_engine_answers("runc", ID);
    assert_int_equal(t.settled, 1);
}

static void test_nobody_to_ask(UNUSED void **state)
{
    struct member *member;

    open_all();
    member = born(10, "/docker/" ID);
    assert_int_equal(t.settled, 1);
    assert_ptr_equal(t.last, member);
    assert_int_equal(member->naming.state, NAMING_DONE);
}

static void test_asked_once(UNUSED void **state)
{
    struct member *member;

    open_all();
    up("docker");
    member = born(10, "/docker/" ID);
    discovery_update(t.discovery, member);
    discovery_ask(t.discovery, member);
    assert_int_equal(asked("docker"), 1);
}

/* As a driver does that reads an engine's files. */
static void files_tell(const char *engine)
{
    _cleanup_(container_unref)
    struct container *container = container_new(engine, ID);

    assert_int_equal(container_set_text(&container->name, "web"), 0);
    container->named = container->partial = true;
    assert_true(registry_describe(&t.registry, engine, container) >= 0);
}

/* A name that was read from files goes out only when whoever knows more has answered. */
static void test_more_to_come(UNUSED void **state)
{
    struct member *member;

    open_all();
    up("docker");
    member = born(10, "/docker/" ID);
    files_tell("docker");
    assert_int_equal(t.settled, 0);
    assert_int_equal(member->naming.state, NAMING_WAITING);
    fake_engine_finds("docker", ID, "web");
    assert_int_equal(t.settled, 1);
}

/* -------- how long -------- */

static void test_silence_ends(UNUSED void **state)
{
    open_all();
    up("docker");
    (void)born(10, "/docker/" ID);
    (void)born(11, "/docker/" ID_TOO);
    assert_int_equal(t.settled, 0);
    wait_for_settled(2);
    assert_string_equal(t.last->container->id, ID_TOO); /* in the order in which they came */
}

static void test_whoever_connects_is_waited_for(UNUSED void **state)
{
    struct member *member;

    fake_engine("docker")->state = RUNTIME_CONNECTING;
    open_all();
    member = born(10, "/docker/" ID);
    assert_int_equal(member->naming.state, NAMING_WAITING);
    assert_int_equal(asked("docker"), 0);
    up("docker");
    assert_int_equal(asked("docker"), 1);
    assert_int_equal(t.settled, 0);
    fake_engine_answers("docker", ID);
    assert_int_equal(t.settled, 1);
}

static void test_whoever_fails_is_not(UNUSED void **state)
{
    fake_engine("docker")->state = RUNTIME_CONNECTING;
    open_all();
    (void)born(10, "/docker/" ID);
    fake_engine_becomes("docker", RUNTIME_DOWN, "refused");
    assert_int_equal(t.settled, 1);
}

/* Its files have told of the container and answered; the engine itself is still telling a list. */
static struct member *born_while_listing(void)
{
    struct member *member;

    fake_engine("podman service")->state = RUNTIME_CONNECTING;
    open_all();
    up("podman");
    member = born(10, "/machine.slice/libpod-" ID ".scope");
    assert_int_equal(asked("podman"), 1);
    files_tell("podman");
    fake_engine_answers("podman", ID);
    return member;
}

/* The list may have been taken before the container came. */
static void check_asked_late(const struct member *member)
{
    size_t settled = t.settled;

    assert_int_equal(asked("podman service"), 0);
    up("podman service");
    assert_int_equal(asked("podman service"), 1);
    assert_int_equal(asked("podman"), 1);
    assert_int_equal(member->naming.state, NAMING_WAITING);
    assert_int_equal(t.settled, settled);
    fake_engine_finds("podman service", ID, "web");
    assert_int_equal(t.settled, settled + 1);
    assert_ptr_equal(t.last, member);
    assert_false(member->container->partial);
}

static void test_answers_of_others_do_not_end_it(UNUSED void **state)
{
    const struct member *member = born_while_listing();

    assert_int_equal(t.settled, 0);
    check_asked_late(member);
}

static void test_a_long_list(UNUSED void **state)
{
    const struct member *member = born_while_listing();

    wait_for_settled(1);
    check_asked_late(member);
}

/* The other's answer is still to come when the list is told. */
static void test_asked_beside_others(UNUSED void **state)
{
    fake_engine("podman service")->state = RUNTIME_CONNECTING;
    open_all();
    up("podman");
    (void)born(10, "/machine.slice/libpod-" ID ".scope");
    up("podman service");
    assert_int_equal(asked("podman service"), 1);
    fake_engine_answers("podman", ID);
    assert_int_equal(t.settled, 0);
    fake_engine_answers("podman service", ID);
    assert_int_equal(t.settled, 1);
}

static void test_what_the_list_has_told_is_not_asked(UNUSED void **state)
{
    (void)born_while_listing();
    fake_engine_finds("podman service", ID, "web");
    assert_int_equal(t.settled, 1);
    up("podman service");
    assert_int_equal(asked("podman service"), 0);
}

static void test_a_list_that_fails(UNUSED void **state)
{
    const struct member *member = born_while_listing();

    wait_for_settled(1);
    fake_engine_becomes("podman service", RUNTIME_DOWN, "refused");
    assert_int_equal(member->naming.state, NAMING_DONE);
    assert_int_equal(asked("podman service"), 0);
}

static void test_end(UNUSED void **state)
{
    open_all();
    up("docker");
    (void)born(10, "/docker/" ID);
    (void)born(11, "/docker/" ID_TOO);
    discovery_finish(t.discovery);
    assert_int_equal(t.settled, 2);
}

static void test_forgotten_is_never_settled(UNUSED void **state)
{
    struct member *member;

    open_all();
    up("docker");
    member = born(10, "/docker/" ID);
    discovery_forget(t.discovery, member);
    fake_engine_answers("docker", ID);
    discovery_finish(t.discovery);
    assert_int_equal(t.settled, 0);
}

/* -------- what is said of engines -------- */

static void test_down_is_said_once(UNUSED void **state)
{
    open_all();
    fake_engine_becomes("docker", RUNTIME_DOWN, "refused");
    assert_int_equal(t.engine_words, 1);
    assert_int_equal(t.state, RUNTIME_DOWN);
    assert_string_equal(t.reason.message,
                        "refused; what only it can name is shown by ids until it is back");
    fake_engine_becomes("docker", RUNTIME_CONNECTING, NULL);
    fake_engine_becomes("docker", RUNTIME_DOWN, "refused");
    assert_int_equal(t.engine_words, 2); /* that it is tried again; not that it still is away */
    up("docker");
    assert_int_equal(t.state, RUNTIME_UP);
    fake_engine_becomes("docker", RUNTIME_DOWN, "refused");
    assert_int_equal(t.engine_words, 4);
}

/* Its files still name its containers. */
static void test_another_driver_stands_in(UNUSED void **state)
{
    open_all();
    up("podman");
    fake_engine_finds("podman", ID, "web");
    fake_engine_becomes("podman service", RUNTIME_DOWN, "refused");
    assert_string_equal(t.reason.message, "refused; podman names its containers until it is back");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_names),
        TEST(test_only_those_asked_for),
        TEST(test_socket_of_an_option),
        TEST(test_complete),
        TEST(test_the_one_that_the_path_names),
        TEST(test_all_when_that_one_is_away),
        TEST(test_nobody_to_ask),
        TEST(test_asked_once),
        TEST(test_more_to_come),
        TEST(test_silence_ends),
        TEST(test_whoever_connects_is_waited_for),
        TEST(test_whoever_fails_is_not),
        TEST(test_answers_of_others_do_not_end_it),
        TEST(test_a_long_list),
        TEST(test_asked_beside_others),
        TEST(test_what_the_list_has_told_is_not_asked),
        TEST(test_a_list_that_fails),
        TEST(test_end),
        TEST(test_forgotten_is_never_settled),
        TEST(test_down_is_said_once),
        TEST(test_another_driver_stands_in),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
