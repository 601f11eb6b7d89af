/* SPDX-License-Identifier: GPL-2.0-or-later */
/* advise --input: rows that trace has written are worth what the same events are live, and what is
 * no such row is said, with its line. */
#include <linux/capability.h>
#include <signal.h>
#include <sys/syscall.h>

#include "tests/unit/commands/job.h"
#include "tests/unit/commands/run_command.h"
#include "tests/unit/scratch_file.h"

#define ID   "a17f0c2e00000000000000000000000000000000000000000000000000000002"
#define WEB  11
#define NAME "a17f0c2e0000"

static void work(void)
{
    fake_source.play = NULL;
    job_asks(WEB, CAP_CHOWN, SYS_fchown, 1 << CAP_CHOWN);
    job_asks(WEB, CAP_DAC_READ_SEARCH, SYS_openat, 1 << CAP_CHOWN);
    job_asks(WEB, CAP_DAC_OVERRIDE, SYS_openat, 1 << CAP_CHOWN);
    job_asks(WEB, CAP_SYS_NICE, SYS_setpriority, 1 << CAP_CHOWN);
    fake_drained();
    (void)raise(SIGTERM);
}

static void put(const char *text)
{
    FILE *file = fopen(scratch_path, "we");

    assert_non_null(file);
    assert_int_equal(fputs(text, file) >= 0, 1);
    assert_int_equal(fclose(file), 0);
}

static int advise(const char *options)
{
    char line[256];

    (void)snprintf(line, sizeof(line), "advise capabilities --input %s %s", scratch_path, options);
    return run_command(line);
}

/* What a trace writes of the work. */
static char *traced(void)
{
    char *text;

    fake_tree_add(&host_tree, WEB, "/docker/" ID);
    fake_source.play = work;
    assert_int_equal(run_command("trace capabilities -o json"), EXIT_STATUS_DONE);
    text = strdup(printed());
    assert_non_null(text);
    return text;
}

static void test_same_answer(UNUSED void **state)
{
    char *rows = traced(), *live;

    fake_source.play = work;
    assert_int_equal(run_command("advise capabilities -o docker"), EXIT_STATUS_DONE);
    live = strdup(printed());
    put(rows);
    assert_int_equal(advise("-o docker"), EXIT_STATUS_DONE);
    assert_string_equal(printed(), live);
    assert_non_null(strstr(said(), "read from rows"));
    assert_int_equal(advise("-c " NAME), EXIT_STATUS_DONE);
    assert_non_null(strstr(printed(), "4 checks, read from rows\n"));
    assert_non_null(strstr(printed(), "  without need DAC_READ_SEARCH"));
    assert_int_equal(advise("-o json"), EXIT_STATUS_DONE);
    assert_non_null(strstr(printed(), "\"held\":null"));
    free(rows);
    free(live);
}

static void assert_said(const char *rows, const char *sentence)
{
    put(rows);
    assert_int_equal(advise("-o docker"), EXIT_STATUS_FAILURE);
    assert_string_equal(printed(), "");
    if (!strstr(said(), sentence))
        fail_msg("%s", said());
}

static void test_bad_lines(UNUSED void **state)
{
    char *rows = traced(), *euid;

    rows[strlen(rows) - 30] = '\0';
    assert_said(rows, "line 4 of /tmp/rows-");
    assert_non_null(strstr(said(), "is torn"));
    euid = strstr(rows, "\"euid\"");
    assert_non_null(euid);
    memcpy(euid, "\"none\"", 6);
    assert_said(rows, "line 1 of");
    assert_non_null(strstr(said(), "is no row of this version: it has no euid"));
    assert_said("{\"type\":\"normal\"}\n", "has no container");
    assert_said("{\"type\":\"later\"}\n", "unknown type: later");
    assert_said("{\"version\":1}\n", "has no type");
    assert_said("\n\n[]\n", "line 3 of");
    assert_said("CONTAINER PID\n", "is no JSON object");
    assert_said("", "has no row of a container");
    free(rows);
}

static void test_others(UNUSED void **state)
{
    char *rows = traced();

    put(rows);
    assert_int_equal(advise("-c shop"), EXIT_STATUS_FAILURE);
    assert_non_null(strstr(said(), "no row of what was asked for, but 4 of others, such as " NAME));
    assert_int_equal(advise("--unit shop"), EXIT_STATUS_FAILURE);
    free(rows);
}

/* Rows of a trace of denials say nothing of what may be taken away. */
static void test_only_denials(UNUSED void **state)
{
    char *rows = traced();

    put(strchr(rows, '\n') + 1);
    assert_int_equal(advise("-o docker"), EXIT_STATUS_FAILURE);
    assert_int_equal(advise("-v"), EXIT_STATUS_DONE);
    assert_non_null(strstr(printed(), "  lacks        DAC_OVERRIDE SYS_NICE\n"));
    assert_non_null(strstr(printed(), "No advice: there is no row of what it was allowed"));
    assert_null(strstr(printed(), "=>"));
    free(rows);
}

static void test_loss(UNUSED void **state)
{
    char *rows = traced(), *all = NULL;

    assert_true(asprintf(&all, "%s{\"type\":\"lost\",\"count\":7}\n", rows) > 0);
    put(all);
    assert_int_equal(advise("-o json"), EXIT_STATUS_DONE);
    assert_non_null(strstr(printed(), "\"checksLost\":true"));
    assert_non_null(strstr(said(), "lost: 7"));
    free(rows);
    free(all);
}

static void test_wrong_options(UNUSED void **state)
{
    assert_int_equal(advise("--journal"), EXIT_STATUS_USAGE);
    assert_int_equal(advise("--until-exit"), EXIT_STATUS_USAGE);
    assert_int_equal(advise("-t 1"), EXIT_STATUS_USAGE);
    assert_int_equal(advise("--selector a=b"), EXIT_STATUS_USAGE);
    assert_int_equal(advise("--since 7d"), EXIT_STATUS_USAGE);
    assert_int_equal(advise("--journal-namespace shop"), EXIT_STATUS_USAGE);
    assert_int_equal(
        run_command("advise capabilities --journal --journal-namespace a --directory /"),
        EXIT_STATUS_USAGE);
    assert_int_equal(advise("-- true"), EXIT_STATUS_OURS);
    assert_int_equal(run_command("advise capabilities --journal --since now-ish"),
                     EXIT_STATUS_USAGE);
    assert_int_equal(run_command("advise capabilities --input /no/such"), EXIT_STATUS_FAILURE);
    assert_non_null(strstr(said(), "cannot open /no/such"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_same_answer),  TEST(test_bad_lines), TEST(test_others),
        TEST(test_only_denials), TEST(test_loss),      TEST(test_wrong_options),
    };

    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
