/* SPDX-License-Identifier: GPL-2.0-or-later */
/* advise --merge and --check: what an earlier run has seen is carried on, or kept to. */
#include <linux/capability.h>
#include <signal.h>
#include <sys/syscall.h>

#include "tests/unit/commands/job.h"
#include "tests/unit/commands/run_command.h"
#include "tests/unit/scratch_file.h"

#define ID   "a17f0c2e00000000000000000000000000000000000000000000000000000002"
#define NAME "a17f0c2e0000"
#define WEB  11

static unsigned int asked;
static bool denied;

static void work(void)
{
    fake_source.play = NULL;
    job_asks(WEB, asked, asked == CAP_CHOWN ? SYS_fchown : SYS_setpriority,
             denied ? 0 : UINT64_C(1) << asked);
    fake_drained();
    (void)raise(SIGTERM);
}

/* It asks for this one alone. */
static int advise(unsigned int capability, bool is_denied, const char *options)
{
    char line[256];

    asked = capability;
    denied = is_denied;
    fake_source.play = work;
    (void)snprintf(line, sizeof(line), "advise capabilities %s", options);
    return run_command(line);
}

static const char *with_file(const char *option)
{
    static char text[64];

    (void)snprintf(text, sizeof(text), "%s %s", option, scratch_path);
    return text;
}

static void save(const char *text)
{
    FILE *file = fopen(scratch_path, "we");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static int set_up(void **state)
{
    (void)set_up_host(state);
    fake_tree_add(&host_tree, WEB, "/docker/" ID);
    return 0;
}

static void profile(unsigned int capability, bool is_denied)
{
    assert_int_equal(advise(capability, is_denied, "-o json"), EXIT_STATUS_DONE);
    save(printed());
}

static void test_merge(UNUSED void **state)
{
    profile(CAP_CHOWN, false);
    assert_int_equal(advise(CAP_SYS_NICE, true, with_file("-o docker --merge")), EXIT_STATUS_DONE);
    assert_string_equal(printed(), "--cap-drop ALL --cap-add CHOWN --cap-add SYS_NICE\n");
    assert_int_equal(advise(CAP_CHOWN, false, with_file("--explain --merge")), EXIT_STATUS_DONE);
    assert_non_null(strstr(printed(), "): 2 checks"));
    assert_non_null(strstr(printed(), "2 x allowed to job (uid 0) in fchown\n"));
}

/* What is merged says the same as what it was merged from. */
static void test_merge_is_whole(UNUSED void **state)
{
    char *once;

    profile(CAP_SYS_NICE, true);
    once = strdup(printed());
    assert_int_equal(advise(CAP_SYS_NICE, true, with_file("-o json --merge")), EXIT_STATUS_DONE);
    save(printed());
    assert_non_null(strstr(printed(), "\"checks\":{\"missed\":2}"));
    assert_non_null(strstr(printed(), "\"reason\":\"bounding\",\"count\":2}"));
    assert_non_null(strstr(once, "\"checks\":{\"missed\":1}"));
    free(once);
}

static void test_output_may_be_the_same(UNUSED void **state)
{
    char line[128];

    profile(CAP_CHOWN, false);
    (void)snprintf(line, sizeof(line), "-o json --merge %s --output-file %s", scratch_path,
                   scratch_path);
    assert_int_equal(advise(CAP_SYS_NICE, true, line), EXIT_STATUS_DONE);
    assert_int_equal(advise(CAP_SYS_NICE, true, with_file("-o docker --merge")), EXIT_STATUS_DONE);
    assert_string_equal(printed(), "--cap-drop ALL --cap-add CHOWN --cap-add SYS_NICE\n");
}

static void test_check(UNUSED void **state)
{
    profile(CAP_CHOWN, false);
    assert_int_equal(advise(CAP_CHOWN, false, with_file("--check")), EXIT_STATUS_DONE);
    assert_null(strstr(said(), "profile"));
    assert_int_equal(advise(CAP_SYS_NICE, false, with_file("--check")), EXIT_STATUS_DENIED);
    assert_non_null(strstr(said(), NAME " used SYS_NICE, which is not in the profile"));
    assert_int_equal(advise(CAP_SYS_NICE, true, with_file("-c " NAME " --check")),
                     EXIT_STATUS_DENIED);
    assert_non_null(strstr(said(), NAME " was denied SYS_NICE, which is not in the profile"));
}

/* Rows of denials take nothing away from what was seen before. */
static void test_denials_on_top(UNUSED void **state)
{
    char rows[] = "/tmp/rows-XXXXXX", line[128];
    int fd = mkstemp(rows);

    assert_true(fd >= 0);
    asked = CAP_SYS_NICE;
    denied = true;
    fake_source.play = work;
    (void)snprintf(line, sizeof(line), "trace capabilities -o json --output-file %s", rows);
    assert_int_equal(run_command(line), EXIT_STATUS_DONE);
    profile(CAP_CHOWN, false);
    (void)snprintf(line, sizeof(line), "advise capabilities -o label --input %s --merge %s", rows,
                   scratch_path);
    assert_int_equal(run_command(line), EXIT_STATUS_DONE);
    assert_string_equal(printed(), "io.containers.capabilities=CHOWN,SYS_NICE\n");
    (void)close(fd);
    (void)unlink(rows);
}

static void quiet(void)
{
    fake_source.play = NULL;
    fake_drained();
    (void)raise(SIGTERM);
}

/* A gate that has seen nothing does not open. */
static void test_not_seen(UNUSED void **state)
{
    char line[128];

    profile(CAP_CHOWN, false);
    fake_source.play = quiet;
    (void)snprintf(line, sizeof(line), "advise capabilities --check %s", scratch_path);
    assert_int_equal(run_command(line), EXIT_STATUS_FAILURE);
    assert_non_null(strstr(said(), "of the profile was not seen at work"));
    fake_source.play = quiet;
    (void)snprintf(line, sizeof(line), "advise capabilities -c " NAME " --check %s", scratch_path);
    assert_int_equal(run_command(line), EXIT_STATUS_FAILURE);
    assert_non_null(strstr(said(), "was not seen at work"));
}

static void lose(void)
{
    fake_source.listener->lost(fake_source.listener->userdata, LOSS_RING_FULL, 4, 1);
    work();
}

static void test_lost(UNUSED void **state)
{
    char line[64];

    profile(CAP_CHOWN, false);
    fake_source.play = lose;
    (void)snprintf(line, sizeof(line), "advise capabilities --check %s", scratch_path);
    assert_int_equal(run_command(line), EXIT_STATUS_FAILURE);
    assert_non_null(strstr(said(), "cannot be said whether the profile was kept"));
}

static void test_another_container(UNUSED void **state)
{
    profile(CAP_CHOWN, false);
    fake_tree_init(&host_tree);
    fake_tree_add(&host_tree, WEB,
                  "/docker/b17f0c2e00000000000000000000000000000000000000000000000000000002");
    assert_int_equal(advise(CAP_CHOWN, false, with_file("-c b17f0c2e0000 --check")),
                     EXIT_STATUS_DENIED);
    assert_non_null(strstr(said(), "b17f0c2e0000 is not in the profile"));
}

static void assert_refused(const char *text, const char *sentence)
{
    save(text);
    assert_int_equal(advise(CAP_CHOWN, false, with_file("--check")), EXIT_STATUS_FAILURE);
    if (!strstr(said(), sentence))
        fail_msg("%s", said());
    assert_int_equal(advise(CAP_CHOWN, false, with_file("--merge")), EXIT_STATUS_FAILURE);
    assert_string_equal(printed(), "");
}

static void test_bad_files(UNUSED void **state)
{
    char *good;

    profile(CAP_CHOWN, false);
    good = strdup(printed());
    assert_refused("", "is empty");
    assert_refused("{\"type\":\"normal\"}\n", "it has no version");
    assert_refused("{\"version\":1}\n", "is an advice of version 1");
    assert_refused("{\"version\":2}\n", "strange, container");
    *strstr(good, "hasRoot") = 'x';
    assert_refused(good, "strange, hasRoot");
    *strstr(good, "xasRoot") = 'h';
    memcpy(strstr(good, "\"need\":[\"CHOWN"), "\"need\":[\"XXXXX", 14);
    assert_refused(good, "strange, need");
    good[strlen(good) - 9] = '\0';
    assert_refused(good, "is torn");
    free(good);
    assert_int_equal(run_command("advise capabilities --check /no/such"), EXIT_STATUS_FAILURE);
    assert_non_null(strstr(said(), "cannot open /no/such"));
}

#define PROFILE_TEST(function) cmocka_unit_test_setup(function, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PROFILE_TEST(test_merge),
        PROFILE_TEST(test_merge_is_whole),
        PROFILE_TEST(test_output_may_be_the_same),
        PROFILE_TEST(test_check),
        PROFILE_TEST(test_denials_on_top),
        PROFILE_TEST(test_not_seen),
        PROFILE_TEST(test_lost),
        PROFILE_TEST(test_another_container),
        PROFILE_TEST(test_bad_files),
    };

    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
