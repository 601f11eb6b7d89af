/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/cli/command.h"

#include "src/base/help.h"
#include "tests/unit/ear.h"

/* A table of our own: the linker takes it in place of src/commands/commands.c. */
struct values {
    bool help;
    bool flag;
    uint64_t number;
};

static const struct option_row rows[] = {
    { .letter = 'h',
      .name = "help",
      .kind = OPTION_FLAG,
      .offset = offsetof(struct values, help),
      .help = "Print this help.",
      .section = "Options" },
    { .name = "flag",
      .kind = OPTION_FLAG,
      .offset = offsetof(struct values, flag),
      .help = "A flag." },
    { .letter = 'n',
      .name = "number",
      .argument = "N",
      .kind = OPTION_UNSIGNED,
      .offset = offsetof(struct values, number),
      .help = "A number." },
};
static const struct option_table options = { rows, ARRAY_SIZE(rows) };

static void set_defaults(void *values)
{
    ((struct values *)values)->number = 42;
}

static int run_status(const void *values, int operand_count, char **operands, struct error *error)
{
    const struct values *parsed = values;

    (void)printf("ran %d %d %d\n", parsed->flag, (int)parsed->number, operand_count);
    for (int i = 0; i < operand_count; i++)
        (void)printf("%s\n", operands[i]);
    if (parsed->number == 5)
        return EXIT_STATUS_USAGE; /* a command's own, without a word from us */
    if (parsed->number == 1)
        (void)error_set(error, -1, "it failed\033[2J");
    if (parsed->number == 2)
        (void)error_set(error, -1, "not like that");
    return parsed->number <= 2 ? (int)parsed->number : EXIT_STATUS_DONE;
}

#define COMMAND(text)                                                             \
    .name = text, .summary = "Summary of " text, .synopsis = text " [OPTION...]", \
    .description = "Description of " text ".", .options = &options,               \
    .values_size = sizeof(struct values), .defaults = set_defaults, .run = run_status

static const struct command trace_files = { COMMAND("trace files"), .examples = "  $ example" };
static const struct command list = { COMMAND("list-things"), .max_operands = 1 };
static const struct command run = { COMMAND("run"), .takes_command = true };
static const struct command version = { COMMAND("version") };

const struct command *const commands[] = { &trace_files, &list, &run, &version, NULL };

struct result {
    int status;
    char output[8192];
    char message[2048];
};

/* Runs a NULL-ended line with standard output and error in memory. */
static struct result call(const char *const *line)
{
    struct result result;
    struct ear output, message;
    int count = 0;

    while (line[count])
        count++;
    ear_open(&output, STDOUT_FILENO);
    ear_open(&message, STDERR_FILENO);
    result.status = command_main(count, (char **)(uintptr_t)line);
    ear_close(&output);
    ear_close(&message);
    ear_read(&output, result.output, sizeof(result.output));
    ear_read(&message, result.message, sizeof(result.message));
    ear_clear(&output);
    ear_clear(&message);
    return result;
}

#define CALL(...) call((const char *const[]){ "local-gadget", __VA_ARGS__ __VA_OPT__(, ) NULL })

static const struct {
    const char *line[6];
    int status;
    const char *output;  /* the start of it; NULL: nothing */
    const char *message; /* all of it but the pointer to help; NULL: nothing */
} cases[] = {
    { { "trace", "files" }, 0, "ran 0 42 0\n", NULL },
    { { "trace", "files", "--flag", "-n3" }, 0, "ran 1 3 0\n", NULL },
    { { "list-things", "a" }, 0, "ran 0 42 1\n", NULL },
    { { "--version" }, 0, "ran 0 42 0\n", NULL },
    { { "trace", "files", "-n1" }, 1, "ran 0 1 0\n", "local-gadget: it failed?[2J\n" },
    { { "trace", "files", "-n2" }, 2, "ran 0 2 0\n", "local-gadget: not like that\n" },
    { { "trace", "files", "a" }, 2, NULL, "local-gadget: unexpected word 'a'\n" },
    { { "trace", "files", "--flag", "false" },
      2,
      NULL,
      "local-gadget: unexpected word 'false'; a flag is set with --name=false\n" },
    { { "trace", "files", "--flug" },
      2,
      NULL,
      "local-gadget: unknown option --flug; did you mean --flag?\n" },
    { { "list-things", "a", "b" }, 2, NULL, "local-gadget: unexpected word 'b'\n" },
    { { "trace" }, 0, "Usage: local-gadget trace ", NULL },
    { { "trace", "-h" }, 0, "Usage: local-gadget trace ", NULL },
    { { "help", "trace" }, 0, "Usage: local-gadget trace ", NULL },
    { { "trace", "--flag" },
      2,
      NULL,
      "local-gadget: 'trace' is half the name of a command; options come after the whole\n" },
    { { "trace", "fils" },
      2,
      NULL,
      "local-gadget: unknown command 'trace fils'; did you mean 'trace files'?\n" },
    { { "trace", "elephants" }, 2, NULL, "local-gadget: unknown command 'trace elephants'\n" },
    { { "files" },
      2,
      NULL,
      "local-gadget: unknown command 'files'; did you mean 'trace files'?\n" },
    { { "list" }, 2, NULL, "local-gadget: unknown command 'list'; did you mean 'list-things'?\n" },
    { { "versoin" },
      2,
      NULL,
      "local-gadget: unknown command 'versoin'; did you mean 'version'?\n" },
    { { "\033]0;x" }, 2, NULL, "local-gadget: unknown command '?]0;x'\n" },
    { { "" }, 2, NULL, "local-gadget: unknown command ''\n" },
    { { "-n" },
      2,
      NULL,
      "local-gadget: unknown option -n before the command; options come after it\n" },
    { { "run" }, 0, "ran 0 42 0\n", NULL },
    { { "run", "--", "a", "--flag", "--" }, 0, "ran 0 42 3\na\n--flag\n--\n", NULL },
    { { "run", "--flag", "--", "-h" }, 0, "ran 1 42 1\n-h\n", NULL },
    { { "run", "-n1", "--", "a" }, 125, "ran 0 1 1\n", "local-gadget: it failed" },
    { { "help", "nothing" }, 2, NULL, "local-gadget: unknown command 'nothing'\n" },
};

static void test_every_line_has_its_answer(UNUSED void **state)
{
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        const char *line[8] = { "local-gadget" };
        struct result result;

        memcpy(line + 1, cases[i].line, sizeof(cases[i].line));
        result = call(line);
        assert_int_equal(result.status, cases[i].status);
        if (cases[i].output)
            assert_memory_equal(result.output, cases[i].output, strlen(cases[i].output));
        else
            assert_string_equal(result.output, "");
        if (cases[i].message)
            assert_memory_equal(result.message, cases[i].message, strlen(cases[i].message));
        else
            assert_string_equal(result.message, "");
        assert_int_equal(strstr(result.message, "\nTry 'local-gadget ") != NULL,
                         cases[i].status == 2);
    }
}

/* The status of a command that is run is passed on as it is, a mistake of ours is not. */
static void test_statuses_around_a_command(UNUSED void **state)
{
    static const char unexpected[] =
        "local-gadget: unexpected word 'a'; a command to be run comes after --\n";
    struct result result = CALL("run", "-n5", "--", "a");

    assert_int_equal(result.status, 2);
    assert_string_equal(result.message, "");
    result = CALL("run", "-n2", "--", "a");
    assert_int_equal(result.status, 125);
    assert_non_null(strstr(result.message, "\nTry 'local-gadget run --help'.\n"));
    result = CALL("run", "--flug", "--", "a");
    assert_int_equal(result.status, 125);
    assert_string_equal(result.output, "");
    result = CALL("run", "--");
    assert_int_equal(result.status, 125);
    assert_non_null(strstr(result.message, "after -- comes the command to be run"));
    result = CALL("run", "a", "--", "b");
    assert_int_equal(result.status, 125);
    assert_memory_equal(result.message, unexpected, strlen(unexpected));
    result = CALL("run", "a");
    assert_int_equal(result.status, 2);
    assert_memory_equal(result.message, unexpected, strlen(unexpected));
}

static void test_overview_lists_every_command(UNUSED void **state)
{
    const struct result results[] = { CALL(), CALL("help"), CALL("--help"), CALL("-h") };

    for (size_t i = 0; i < ARRAY_SIZE(results); i++) {
        assert_int_equal(results[i].status, 0);
        assert_string_equal(results[i].message, "");
        assert_string_equal(results[i].output, results[0].output);
    }
    for (size_t i = 0; commands[i]; i++) {
        assert_non_null(strstr(results[0].output, commands[i]->name));
        assert_non_null(strstr(results[0].output, commands[i]->summary));
    }
}

static void test_help_of_a_command_is_one(UNUSED void **state)
{
    const struct result results[] = {
        CALL("help", "trace", "files"),
        CALL("trace", "files", "--help"),
        CALL("trace", "files", "-n", "7", "word", "-h"),
    };

    for (size_t i = 0; i < ARRAY_SIZE(results); i++) {
        assert_int_equal(results[i].status, 0);
        assert_string_equal(results[i].output, results[0].output);
    }
    assert_non_null(strstr(results[0].output, "Usage: local-gadget trace files [OPTION...]"));
    assert_non_null(strstr(results[0].output, "Description of trace files."));
    assert_non_null(strstr(results[0].output, "-n, --number N"));
    assert_non_null(strstr(results[0].output, "  $ example"));
    assert_null(strchr(results[0].output, '\033'));
}

static void test_no_arguments_at_all(UNUSED void **state)
{
    const char *nothing[] = { NULL };

    assert_int_equal(call(nothing).status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_line_has_its_answer),
        cmocka_unit_test(test_statuses_around_a_command),
        cmocka_unit_test(test_overview_lists_every_command),
        cmocka_unit_test(test_help_of_a_command_is_one),
        cmocka_unit_test(test_no_arguments_at_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
