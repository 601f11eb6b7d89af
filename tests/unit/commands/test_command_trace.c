/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <signal.h>
#include <sys/syscall.h>

#include "tests/unit/commands/run_command.h"

#define ID  "a17f0c2e00000000000000000000000000000000000000000000000000000002"
#define WEB 11

static void check_web(void)
{
    fake_check(&(struct capability_event){
        .cgroup_id = WEB,
        .pid = 1,
        .capability = 23,
        .denied = 1,
        .audit = 1,
        .syscall = SYS_setpriority,
        .comm = "job",
    });
    fake_drained();
}

static void add_web(void)
{
    fake_tree_add(&host_tree, WEB, "/docker/" ID);
}

static void test_rows_and_last_words(UNUSED void **state)
{
    add_web();
    fake_source.play = check_web;
    assert_int_equal(run_command("trace capabilities --max-events 3"), EXIT_STATUS_DONE);
    assert_int_equal(count_of(printed(), "SYS_NICE"), 3);
    assert_int_equal(count_of(printed(), "Deny"), 3);
    assert_int_equal(count_of(printed(), "a17f0c2e0000"), 3);
    assert_non_null(strstr(said(), "3 events shown, 0 lost"));
}

/* The judgement of advise, at the end, unless it is not wanted. */
static void test_summary(UNUSED void **state)
{
    add_web();
    fake_source.play = check_web;
    assert_int_equal(run_command("trace capabilities --max-events 3 -o json"), EXIT_STATUS_DONE);
    assert_non_null(strstr(said(), "local-gadget: a17f0c2e0000 lacks SYS_NICE\n"));
    assert_null(strstr(said(), "filter"));
    fake_source.play = check_web;
    assert_int_equal(run_command("trace capabilities --max-events 1 --verdict deny"),
                     EXIT_STATUS_DONE);
    assert_non_null(strstr(said(), "what the filter leaves out is not in these"));
    fake_source.play = check_web;
    assert_int_equal(run_command("trace capabilities --max-events 1 --no-summary"),
                     EXIT_STATUS_DONE);
    assert_null(strstr(said(), "lacks"));
}

static void tick(void)
{
    check_web();
    check_web();
}

/* A table in place of rows, each time and at the end. */
static void test_table(UNUSED void **state)
{
    add_web();
    fake_source.play = check_web;
    assert_int_equal(run_command("trace capabilities --summary --max-events 4"), EXIT_STATUS_DONE);
    assert_string_equal(printed(), "CONTAINER     SYS_NICE\na17f0c2e0000        4!\n");
    assert_non_null(strstr(said(), "lacks SYS_NICE"));
    fake_source.play = tick;
    assert_int_equal(run_command("trace capabilities --summary --interval 1ms -t 50ms"),
                     EXIT_STATUS_DONE);
    assert_true(count_of(printed(), "CONTAINER ") >= 2);
    fake_source.play = NULL;
    assert_int_equal(run_command("trace capabilities --summary -t 1ms"), EXIT_STATUS_DONE);
    assert_string_equal(printed(), "");
    assert_int_equal(run_command("trace capabilities --interval 1s"), EXIT_STATUS_USAGE);
    assert_int_equal(run_command("trace capabilities --summary -o json"), EXIT_STATUS_USAGE);
    assert_int_equal(run_command("trace capabilities --summary --fields pid"), EXIT_STATUS_USAGE);
    assert_int_equal(run_command("trace capabilities --summary --host"), EXIT_STATUS_USAGE);
}

static void show_noise(void)
{
    fake_check(&(struct capability_event){ .cgroup_id = WEB, .flags = EVENT_SETUP, .audit = 1 });
    fake_check(
        &(struct capability_event){ .cgroup_id = WEB, .flags = EVENT_OVERRIDDEN, .audit = 1 });
    fake_check(&(struct capability_event){ .cgroup_id = WEB, .flags = EVENT_FOREIGN, .audit = 1 });
    fake_check(&(struct capability_event){ .cgroup_id = WEB });
    fake_drained();
}

/* What is shown besides is no container's need. */
static void test_summary_without_noise(UNUSED void **state)
{
    add_web();
    fake_source.play = show_noise;
    assert_int_equal(run_command("trace capabilities --max-events 4 --all --audit-only=false"),
                     EXIT_STATUS_DONE);
    assert_int_equal(count_of(printed(), "CHOWN"), 4);
    assert_null(strstr(said(), "CHOWN"));
}

static void lose(void)
{
    check_web();
    fake_source.listener->lost(fake_source.listener->userdata, LOSS_RING_FULL, 4, 1);
    fake_source.listener->lost(fake_source.listener->userdata, LOSS_PREEMPTED, 5, 1);
    (void)raise(SIGTERM);
}

/* Each kind of loss has its sentence at once, and its number at the end. */
static void test_losses(UNUSED void **state)
{
    add_web();
    fake_source.play = lose;
    assert_int_equal(run_command("trace capabilities -o json"), EXIT_STATUS_DONE);
    assert_int_equal(count_of(printed(), "\"type\":\"lost\""), 2);
    assert_non_null(strstr(said(), "4 events were lost, as the ring buffer was full"));
    assert_non_null(strstr(said(), "5 events were lost, as tasks were preempted"));
    assert_non_null(strstr(said(), "shown, 9 lost (4 "));
}

static void test_verbose(UNUSED void **state)
{
    fake_engine("docker")->state = RUNTIME_UP;
    assert_int_equal(run_command("trace capabilities -v -t 1ms"), EXIT_STATUS_DONE);
    assert_non_null(strstr(said(), "not used: better: not here"));
    assert_non_null(strstr(said(), "cgroups: fake at /fake"));
    assert_non_null(strstr(said(), "tracing with back-end fake, audit known"));
    assert_non_null(strstr(said(), "0 events shown, 0 lost"));
}

static void notice(void)
{
    fake_engine_becomes("docker", RUNTIME_DOWN, "it has gone");
    fake_engine_becomes("podman", RUNTIME_UP, NULL);
    check_web();
    fake_check(&(struct capability_event){ .cgroup_id = WEB, .flags = EVENT_SETUP });
    fake_check(&(struct capability_event){ .cgroup_id = 99 });
    (void)raise(SIGTERM);
}

/* What explains the rows. */
static void test_what_was_noticed(UNUSED void **state)
{
    add_web();
    fake_source.play = notice;
    assert_int_equal(run_command("trace capabilities -v"), EXIT_STATUS_DONE);
    assert_non_null(strstr(said(), "docker: it has gone"));
    assert_non_null(strstr(said(), "podman: connected"));
    assert_non_null(strstr(said(), "1 checks of engines"));
    assert_non_null(strstr(said(), "2 events shown with an id"));
    assert_non_null(strstr(said(), "1 cgroups had gone"));
}

/* -------- options -------- */

static void test_options_reach_the_kernel(UNUSED void **state)
{
    const struct tracer_options *options = &fake_source.options;

    assert_int_equal(run_command("trace capabilities -t 1ms"), EXIT_STATUS_DONE);
    assert_true(options->allowed && options->denied && options->audited_only);
    assert_false(options->overridden || options->unique || options->kernel_stack);
    assert_true(options->audited && options->silent);
    assert_false(options->pids.limited || options->uids.limited);
    assert_true(options->capabilities == UINT64_MAX);
    assert_string_equal(options->backend, "auto");
    assert_int_equal(run_command("trace capabilities -t 1ms --pid 42 --cap SYS_NICE,CAP_CHOWN "
                                 "--verdict deny --audit-only=false --all --unique "
                                 "--backend kprobe --buffer-size 1M --spill-size 2M"),
                     EXIT_STATUS_DONE);
    assert_int_equal(options->pids.least, 42);
    assert_int_equal(options->pids.most, 42);
    assert_int_equal(options->capabilities, 1 << 23 | 1);
    assert_false(options->allowed || options->audited_only);
    assert_true(options->denied && options->overridden && options->unique);
    assert_string_equal(options->backend, "kprobe");
    assert_int_equal(options->buffer_size, 1 << 20);
    assert_int_equal(options->spill_size, 2 << 20);
    assert_int_equal(run_command("trace capabilities -t 1ms --cap KILL,all"), EXIT_STATUS_DONE);
    assert_true(options->capabilities == UINT64_MAX);
    assert_int_equal(run_command("trace capabilities -t 1ms --verdict allow"), EXIT_STATUS_DONE);
    assert_true(options->allowed);
    assert_false(options->denied);
}

/* The long form and the short ones are the same. */
static void test_filter_reaches_the_kernel(UNUSED void **state)
{
    const struct tracer_options *options = &fake_source.options;

    assert_int_equal(run_command("trace capabilities -v -t 1ms -F capname:~^SYS_(NICE|CHROOT)$ "
                                 "--filter verdict==deny,uid:>=1000,pid:42,comm:nice,container:web "
                                 "--unique"),
                     EXIT_STATUS_DONE);
    assert_true(options->capabilities == (1 << 23 | 1 << 18));
    assert_true(options->denied && !options->allowed);
    assert_int_equal(options->uids.least, 1000);
    assert_true(options->uids.most == UINT32_MAX);
    assert_int_equal(options->pids.most, 42);
    assert_false(options->unique);
    assert_non_null(
        strstr(said(), "filtered in the kernel: capname:~, verdict:, uid:>=, pid:, container:"));
    assert_non_null(strstr(said(), "filtered here: comm:\n"));
    assert_int_equal(run_command("trace capabilities -t 1ms --uid 5,9,!7 --verdict deny --unique"),
                     EXIT_STATUS_DONE);
    assert_int_equal(options->uids.least, 5);
    assert_int_equal(options->uids.most, 9);
    assert_false(options->unique);
    assert_int_equal(run_command("trace capabilities -t 1ms --verdict deny --unique"),
                     EXIT_STATUS_DONE);
    assert_true(options->unique);
}

static void play_web_and_end(void)
{
    check_web();
    (void)raise(SIGTERM);
}

/* Who names a stack has it taken. */
static void test_named_stacks(UNUSED void **state)
{
    const struct tracer_options *options = &fake_source.options;

    assert_int_equal(run_command("trace capabilities -t 1ms --fields comm,kstack"),
                     EXIT_STATUS_DONE);
    assert_true(options->kernel_stack && !options->user_stack);
    assert_int_equal(run_command("trace capabilities -t 1ms -F ustack:~main"), EXIT_STATUS_DONE);
    assert_true(!options->kernel_stack && options->user_stack);
}

/* What earlier and later tools call them. */
/* Powers are laid down once, but for what the mode needs. */
static void test_sandbox(UNUSED void **state)
{
    assert_int_equal(run_command("trace capabilities -t 1ms"), EXIT_STATUS_DONE);
    assert_int_equal(laid_down.count, 1);
    assert_false(laid_down.options.journal || laid_down.options.helpers ||
                 laid_down.options.command || laid_down.options.foreign_sockets);
    assert_int_equal(run_command("trace capabilities -t 1ms --print-user-stack"), EXIT_STATUS_DONE);
    assert_int_equal(laid_down.count, 2);
    assert_true(laid_down.options.helpers);
    assert_int_equal(run_command("trace capabilities -t 1ms --no-sandbox"), EXIT_STATUS_DONE);
    assert_int_equal(laid_down.count, 2);
}

static void test_hidden_synonyms(UNUSED void **state)
{
    static const struct {
        const char *options;
        size_t rows;
    } rows[] = {
        { "--comm job", 1 },
        { "--comm sh", 0 },
        { "--uid 0", 1 },
        { "--image !busybox", 1 },
        { "--image busybox", 0 },
        { "--runtime-containername a17f0c2e0000", 1 },
        { "--k8s-containername !a17f0c2e0000", 0 },
        { "--k8s-namespace !kube-system", 1 },
        { "--k8s-podname web", 0 },
    };
    char line[128];

    add_web();
    fake_source.play = play_web_and_end;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        (void)snprintf(line, sizeof(line), "trace capabilities -v %s", rows[i].options);
        assert_int_equal(run_command(line), EXIT_STATUS_DONE);
        assert_int_equal(count_of(printed(), "SYS_NICE"), rows[i].rows);
    }
    assert_int_equal(run_command("trace capabilities --help"), EXIT_STATUS_DONE);
    assert_null(strstr(printed(), "k8s"));
}

static void test_wrong_options(UNUSED void **state)
{
    static const struct {
        const char *line, *sentence;
    } rows[] = {
        { "trace capabilities --cap SYS_NICE,NOPE", "unknown capability 'NOPE'" },
        { "trace capabilities --pid 4294967296", "pid 4294967296 is not a process" },
        { "trace capabilities --pid 0", "pid 0 is not a process" },
        { "trace capabilities -F contaner:web", "character 1: unknown field 'contaner'" },
        { "trace capabilities -F audit:0", "need --audit-only=false" },
        { "trace capabilities --k8s-podname", "--k8s-podname needs a value" },
        { "trace capabilities -F verdict:Allow --fail-on deny", "never can" },
        { "trace capabilities --buffer-size 1K", "--buffer-size is from 64K to 1G" },
        { "trace capabilities --buffer-size 2G", "--buffer-size is from 64K to 1G" },
        { "trace capabilities --spill-size 1023K", "--spill-size is at least 1M" },
        { "trace capabilities --selector =x", "names no label" },
        { "trace capabilities --fields nope", "unknown field" },
        { "trace capabilities -o columns=nope", "unknown field" },
        { "trace capabilities --backend nope", "--backend" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        assert_int_equal(run_command(rows[i].line), EXIT_STATUS_USAGE);
        if (!strstr(said(), rows[i].sentence))
            fail_msg("%s: %s", rows[i].line, said());
    }
    assert_null(fake_source.options.backend); /* nothing was touched */
}

/* -------- failures -------- */

static void fail_at_once(void)
{
    const struct error error = { .code = -EIO, .message = "the ring is broken" };

    fake_source.listener->failed(fake_source.listener->userdata, &error);
}

static void test_failures(UNUSED void **state)
{
    fake_source.refusal = -EPERM;
    assert_int_equal(run_command("trace capabilities"), EXIT_STATUS_FAILURE);
    assert_non_null(strstr(said(), "the kernel says no"));
    fake_source.refusal = 0;
    fake_source.play = fail_at_once;
    assert_int_equal(run_command("trace capabilities"), EXIT_STATUS_FAILURE);
    assert_non_null(strstr(said(), "the ring is broken"));
    host_tree.cgroup_count = 0;
    assert_int_equal(run_command("trace capabilities"), EXIT_STATUS_FAILURE);
    assert_non_null(strstr(said(), "no cgroup file system"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_rows_and_last_words),
        TEST(test_summary),
        TEST(test_table),
        TEST(test_summary_without_noise),
        TEST(test_losses),
        TEST(test_verbose),
        TEST(test_what_was_noticed),
        TEST(test_options_reach_the_kernel),
        TEST(test_filter_reaches_the_kernel),
        TEST(test_hidden_synonyms),
        TEST(test_named_stacks),
        TEST(test_sandbox),
        TEST(test_wrong_options),
        TEST(test_failures),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
