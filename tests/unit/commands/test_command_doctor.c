/* SPDX-License-Identifier: GPL-2.0-or-later */
/* doctor, version and completion. The kernel's own part is this machine's; the rest is a fake. */
#include <cjson/cJSON.h>

#include "src/doctor/finding.h"
#include "src/host/kernel_btf.h"
#include "src/host/powers.h"
#include "src/source/backend.h"
#include "tests/unit/commands/run_command.h"

static cJSON *rows; /* of the last `doctor -o json` */

static int doctor(void)
{
    int status = run_command("doctor -o json");

    cJSON_Delete(rows);
    rows = cJSON_Parse(printed());
    assert_true(cJSON_IsArray(rows));
    return status;
}

/* A finding by section and name; NULL: none. */
static const cJSON *find(const char *section, const char *name)
{
    cJSON *row;

    cJSON_ArrayForEach (row, rows) {
        if (strcmp(cJSON_GetObjectItem(row, "section")->valuestring, section) == 0 &&
            strcmp(cJSON_GetObjectItem(row, "name")->valuestring, name) == 0)
            return row;
    }
    return NULL;
}

static const char *detail(const char *section, const char *name)
{
    const cJSON *row = find(section, name);

    assert_non_null(row);
    return cJSON_GetObjectItem(row, "detail")->valuestring;
}

static bool is_good(const char *section, const char *name)
{
    const cJSON *row = find(section, name);

    assert_non_null(row);
    return cJSON_IsTrue(cJSON_GetObjectItem(row, "ok"));
}

static bool is_bad(const char *section, const char *name)
{
    const cJSON *row = find(section, name);

    assert_non_null(row);
    return cJSON_IsFalse(cJSON_GetObjectItem(row, "ok"));
}

static bool works_here(void)
{
    return powers_check(NULL) >= 0 && access(KERNEL_BTF_PATH, R_OK) == 0 &&
           is_good("Caller", "user namespace");
}

static void test_it_works(UNUSED void **state)
{
    int status = doctor();

    assert_int_equal(status, works_here() ? EXIT_STATUS_DONE : EXIT_STATUS_FAILURE);
    assert_int_equal(is_good("Result", "tracing"), status == EXIT_STATUS_DONE);
    for (size_t i = 0; i < backend_count; i++)
        assert_true(is_good("Back-ends", backends[i].name));
    assert_string_equal(detail("cgroups", "hierarchy"), "fake at /fake");
    assert_non_null(strstr(detail("cgroups", "numbers"), "the root is number 1"));
    assert_int_equal(is_good("Kernel", "BTF"), access(KERNEL_BTF_PATH, R_OK) == 0);
    assert_non_null(find("Sandbox", "capabilities"));
    assert_true(is_bad("Sandbox", "system calls")); /* it is a fake that has laid nothing down */
    assert_non_null(find("Kernel", "release"));
    assert_non_null(find("Kernel", "lockdown"));
    assert_non_null(find("Kernel", "preemption"));
    assert_non_null(find("Kernel", "LSMs"));
    assert_non_null(find("Kernel", "symbols"));
}

/* What is missing is said, and what to do. */
static void test_no_back_end(UNUSED void **state)
{
    fake_source.refusal = -EPERM;
    assert_int_equal(doctor(), EXIT_STATUS_FAILURE);
    assert_true(is_bad("Result", "tracing"));
    assert_true(is_bad("Back-ends", "kprobe"));
    assert_string_equal(detail("Back-ends", "kprobe"), "the kernel says no");
    assert_true(cJSON_IsString(cJSON_GetObjectItem(find("Back-ends", "kprobe"), "advice")));
}

/* One is enough: the others are no fault. */
static void test_other_back_ends(UNUSED void **state)
{
    fake_source.only = "tracepoint";
    fake_source.refusal = -EPERM;
    (void)doctor();
    assert_true(is_good("Back-ends", "tracepoint"));
    assert_false(is_bad("Back-ends", "kprobe"));
    assert_false(is_good("Back-ends", "kprobe"));
    assert_string_equal(detail("Back-ends", "kprobe"), "the kernel says no");
}

static void test_no_cgroups(UNUSED void **state)
{
    host_tree.cgroup_count = 0;
    assert_int_equal(doctor(), EXIT_STATUS_FAILURE);
    assert_true(is_bad("cgroups", "hierarchy"));
    assert_true(is_bad("Result", "tracing"));
    assert_null(find("Engines", "docker"));
}

static void test_no_numbers(UNUSED void **state)
{
    fake_tree_fail(&host_tree, 1, -EPERM);
    assert_int_equal(doctor(), EXIT_STATUS_FAILURE);
    assert_non_null(strstr(detail("cgroups", "numbers"), "not permitted"));
    fake_tree_fail(&host_tree, 1, -EMFILE);
    assert_int_equal(doctor(), EXIT_STATUS_FAILURE);
    assert_true(is_bad("cgroups", "numbers"));
}

static void test_engines(UNUSED void **state)
{
    fake_engine("docker")->state = RUNTIME_UP;
    fake_engine("podman")->state = RUNTIME_UP;
    fake_engine("runc")->state = RUNTIME_DOWN;
    fake_tree_add(&host_tree, 11,
                  "/docker/a17f0c2e00000000000000000000000000000000000000000000000000000002");
    (void)doctor();
    assert_true(is_good("Engines", "docker"));
    assert_string_equal(detail("Engines", "docker"), "answers at /run/fake.sock; running: 1");
    assert_string_equal(detail("Engines", "podman"), "runs none; its files are read as they come");
    assert_false(is_good("Engines", "podman"));
    assert_false(is_bad("Engines", "podman"));
    assert_string_equal(detail("Engines", "containerd"), "not here: no socket at /run/fake.sock");
    assert_true(is_bad("Engines", "runc"));
    assert_string_equal(detail("Engines", "runc"), "no answer");
    assert_string_equal(detail("Engines", "containers"), "1 run here, 0 named");
    fake_engine("runc")->state = RUNTIME_UP;
    fake_tree_add(&host_tree, 12, "/system.slice/runc-job.scope");
    (void)doctor();
    assert_true(is_good("Engines", "runc"));
    assert_string_equal(detail("Engines", "runc"), "its files are read; running: 1");
}

/* How AUDIT is known, by what is best. */
static void test_audit(UNUSED void **state)
{
    (void)doctor();
    assert_true(is_good("Tracing", "AUDIT"));
    assert_non_null(strstr(detail("Tracing", "ring buffer"), "16384 KiB"));
    fake_source.audit = TRACER_AUDIT_PLACED;
    (void)doctor();
    assert_true(is_good("Tracing", "AUDIT"));
    assert_non_null(strstr(detail("Tracing", "AUDIT"), "by its place"));
    fake_source.audit = TRACER_AUDIT_UNWOUND;
    (void)doctor();
    assert_true(is_bad("Tracing", "AUDIT"));
    assert_non_null(strstr(detail("Tracing", "AUDIT"), "could not be learnt"));
    fake_source.audit = TRACER_AUDIT_UNKNOWN;
    (void)doctor();
    assert_true(is_bad("Tracing", "AUDIT"));
    fake_source.refusal = -EPERM;
    (void)doctor();
    assert_null(find("Tracing", "AUDIT"));
}

/* One that was asked for has to be there. */
static void test_an_engine_that_is_not_there(UNUSED void **state)
{
    (void)run_command("doctor -r docker");
    assert_non_null(strstr(printed(), "docker was asked for"));
}

/* For people: a heading, a mark, the detail, and under it the advice. */
static void test_text(UNUSED void **state)
{
    fake_source.refusal = -EPERM;
    assert_int_equal(run_command("doctor"), EXIT_STATUS_FAILURE);
    assert_int_equal(count_of(printed(), "\nBack-ends"), 1);
    assert_non_null(strstr(printed(), "\n  no   kprobe              the kernel says no\n"));
    assert_non_null(strstr(printed(), "\n       release"));
    assert_non_null(strstr(printed(), "One back-end is enough"));
    assert_int_equal(run_command("doctor -o nope"), EXIT_STATUS_USAGE);
    assert_int_equal(run_command("doctor -o json --fields nope"), EXIT_STATUS_USAGE);
}

/* -------- the others -------- */

static void test_version(UNUSED void **state)
{
    assert_int_equal(run_command("version"), EXIT_STATUS_DONE);
    assert_string_equal(printed(), "local-gadget " VERSION "\n");
}

/* bash is asked whether it understands what it gets; all three know the words. */
static void test_completion(UNUSED void **state)
{
    static const char *const lines[] = { "completion bash", "completion fish", "completion zsh" };
    static const char *const words[] = { "list-containers", "verdict",    "SYS_NICE",
                                         "containerd",      "jsonpretty", "doctor" };
    FILE *bash;

    for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
        assert_int_equal(run_command(lines[i]), EXIT_STATUS_DONE);
        for (size_t k = 0; k < ARRAY_SIZE(words); k++) {
            if (!strstr(printed(), words[k]))
                fail_msg("%s: no %s", lines[i], words[k]);
        }
        if (i > 0)
            continue;
        bash = popen("bash -n", "w");
        assert_non_null(bash);
        assert_true(fputs(printed(), bash) >= 0);
        assert_int_equal(pclose(bash), 0);
    }
    assert_int_equal(run_command("completion"), EXIT_STATUS_USAGE);
    assert_int_equal(run_command("completion rc"), EXIT_STATUS_USAGE);
    assert_non_null(strstr(said(), "bash, fish or zsh"));
}

/* Every command has its help, and every option that is not another tool's. */
static void test_help(UNUSED void **state)
{
    char line[128];

    for (const struct command *const *command = commands; *command; command++) {
        (void)snprintf(line, sizeof(line), "%s --help", (*command)->name);
        assert_int_equal(run_command(line), EXIT_STATUS_DONE);
        for (size_t i = 0; i < (*command)->options->count; i++) {
            (void)snprintf(line, sizeof(line), "--%s", (*command)->options->rows[i].name);
            if (!strstr(printed(), line) != (*command)->options->rows[i].hidden)
                fail_msg("%s: no %s", (*command)->name, line);
        }
    }
}

static int tear_down_rows(UNUSED void **state)
{
    cJSON_Delete(rows);
    rows = NULL;
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_it_works),
        TEST(test_no_back_end),
        TEST(test_other_back_ends),
        TEST(test_no_cgroups),
        TEST(test_no_numbers),
        TEST(test_engines),
        TEST(test_an_engine_that_is_not_there),
        TEST(test_text),
        TEST(test_version),
        TEST(test_completion),
        TEST(test_help),
        TEST(test_audit),
    };

    return cmocka_run_group_tests(tests, NULL, tear_down_rows);
}
