/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which containers run under a seccomp filter, of processes that really do or do not; engines and
 * the cgroup tree are fakes. */
#include "src/trace/confined.h"

#include "src/base/log.h"
#include "tests/unit/child.h"
#include "tests/unit/containers/fake_tree.h"
#include "tests/unit/ear.h"
#include "tests/unit/fake_engines.h"
#include <linux/filter.h>
#include <linux/seccomp.h>

static struct {
    sd_event *event;
    struct fake_tree tree;
    struct inventory *inventory;
    struct confined *confined;
    struct ear ear;
    pid_t filtered, free;
} t;

static bool put_under_filter(UNUSED const void *how)
{
    struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    const struct sock_fprog program = { 1, &allow };

    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}

/* -------- the stage -------- */

static int set_up(UNUSED void **state)
{
    static const struct discovery_options discovery = { 0 };
    const struct inventory_options options = { .discovery = &discovery, .tree = &t.tree.tree };
    const struct inventory_listener listener = { 0 };
    struct error error;

    memset(&t, 0, sizeof(t));
    fake_tree_init(&t.tree);
    fake_engines_reset();
    fake_engine("docker")->state = RUNTIME_CONNECTING;
    assert_int_equal(sd_event_new(&t.event), 0);
    assert_int_equal(inventory_new(&options, t.event, &listener, &t.inventory, &error), 0);
    assert_int_equal(confined_new(t.inventory, t.event, &t.confined), 0);
    t.filtered = child_start(put_under_filter, NULL);
    t.free = child_start(NULL, NULL);
    ear_open(&t.ear, STDERR_FILENO);
    return 0;
}

static int tear_down(UNUSED void **state)
{
    log_set_verbose(false);
    ear_close(&t.ear);
    ear_clear(&t.ear);
    child_end(t.filtered);
    child_end(t.free);
    confined_free(&t.confined);
    inventory_free(&t.inventory);
    sd_event_unref(t.event);
    return 0;
}

static struct member member_of(const char *name, pid_t pid)
{
    struct member member = { .container = container_new("docker", "0123") };

    assert_non_null(member.container);
    assert_int_equal(container_set_text(&member.container->name, name), 0);
    member.container->named = true;
    member.container->pid = pid;
    return member;
}

static void look_at(const char *name, pid_t pid)
{
    struct member member = member_of(name, pid);

    confined_look(t.confined, &member);
    assert_int_equal(member.use.confined, pid == t.filtered);
    container_unref(&member.container);
}

/* Whatever the loop has to do. */
static void have_news(void)
{
    confined_news(t.confined);
    while (sd_event_run(t.event, 0) > 0)
        ;
}

#define WHAT                                                                                      \
    "under a seccomp filter: what that refuses never comes to a check; to see all needs, run %s " \
    "with --security-opt seccomp=unconfined meanwhile\n"

static void check_said(const char *expected)
{
    assert_string_equal(ear_words(&t.ear), expected);
}

/* -------- what is said -------- */

static void test_nobody(UNUSED void **state)
{
    fake_engine_becomes("docker", RUNTIME_UP, NULL);
    look_at("free", t.free);
    have_news();
    confined_finish(t.confined);
    check_said("");
    confined_news(NULL);
}

/* All of them at once, when no engine has more to tell, and in the order of their names. */
static void test_said_when_engines_have_answered(UNUSED void **state)
{
    char expected[512];

    look_at("web", t.filtered);
    look_at("free", t.free);
    look_at("db", t.filtered);
    have_news();
    check_said("");
    fake_engine_becomes("docker", RUNTIME_UP, NULL);
    have_news();
    (void)snprintf(expected, sizeof(expected), "local-gadget: db, web run " WHAT, "them");
    check_said(expected);
    have_news();
    confined_finish(t.confined);
    check_said(expected);
}

/* Later ones are told with --verbose, and without the advice. */
static void test_later_ones(UNUSED void **state)
{
    char expected[512];

    fake_engine_becomes("docker", RUNTIME_UP, NULL);
    look_at("web", t.filtered);
    have_news();
    (void)snprintf(expected, sizeof(expected), "local-gadget: web runs " WHAT, "it");
    look_at("quiet", t.filtered);
    have_news();
    check_said(expected);
    log_set_verbose(true);
    look_at("late", t.filtered);
    have_news();
    (void)snprintf(expected + strlen(expected), sizeof(expected) - strlen(expected),
                   "local-gadget: late runs under a seccomp filter\n");
    check_said(expected);
}

static void test_looked_at_once(UNUSED void **state)
{
    struct member member = member_of("web", t.filtered);
    char expected[512];

    confined_look(t.confined, &member);
    confined_look(t.confined, &member);
    container_unref(&member.container);
    confined_finish(t.confined); /* the engines have not answered, but it is the end */
    (void)snprintf(expected, sizeof(expected), "local-gadget: web runs " WHAT, "it");
    check_said(expected);
}

static void test_many(UNUSED void **state)
{
    for (char name[] = "a"; name[0] <= 'k'; name[0]++)
        look_at(name, t.filtered);
    confined_finish(t.confined);
    assert_non_null(strstr(ear_words(&t.ear), " a, b, c, d, e, f, g, h and 3 more run under"));
}

static void test_hostile_name(UNUSED void **state)
{
    look_at("x\033[31m\n", t.filtered);
    confined_finish(t.confined);
    assert_null(strchr(ear_words(&t.ear), '\033'));
    assert_ptr_equal(strchr(ear_words(&t.ear), '\n') + 1,
                     ear_words(&t.ear) + strlen(ear_words(&t.ear)));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_nobody),     TEST(test_said_when_engines_have_answered),
        TEST(test_later_ones), TEST(test_looked_at_once),
        TEST(test_many),       TEST(test_hostile_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
