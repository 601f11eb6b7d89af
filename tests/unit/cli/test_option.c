/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/cli/option.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "src/base/help.h"
#include "src/base/near_word.h"
#include "src/cli/option_value.h"

struct values {
    bool flag;
    bool on;
    const char *text;
    const char *word;
    const char *format;
    struct option_list names;
    struct option_list engines;
    struct option_list terms;
    uint64_t duration;
    uint64_t size;
    uint64_t number;
};

static const char *const words[] = { "allow", "deny", NULL };
static const char *const formats[] = { "columns", "json", "columns=", NULL };
static const char *const engines[] = { "docker", "containerd", "podman", NULL };

#define ROW(member) .offset = offsetof(struct values, member), .help = "Help of " #member "."

static const struct option_row rows[] = {
    { 'f', "flag", NULL, OPTION_FLAG, ROW(flag), .section = "First" },
    { 'x', "on", NULL, OPTION_FLAG, ROW(on) },
    { 't', "text", "TEXT", OPTION_TEXT, ROW(text) },
    { 0, "verdict", "WORD", OPTION_TEXT, ROW(word), .choices = words },
    { 'o', "output", "FORMAT", OPTION_TEXT, ROW(format), .choices = formats },
    { 'c', "containername", "NAME,...", OPTION_LIST, ROW(names), .section = "Second" },
    { 'r', "runtimes", "NAME,...", OPTION_LIST, ROW(engines), .choices = engines },
    { 0, "timeout", "TIME", OPTION_DURATION, ROW(duration) },
    { 0, "buffer-size", "SIZE", OPTION_SIZE, ROW(size) },
    { 'p', "pid", "PID", OPTION_UNSIGNED, ROW(number) },
    { 'F', "filter", "TERM,...", OPTION_REPEATED, ROW(terms) },
    { 0, "other-name", NULL, OPTION_LIST, ROW(names), .hidden = true },
};
static const struct option_table table = { rows, ARRAY_SIZE(rows) };

/* Parses a NULL-ended line into `values`; the number of operands, which are at the end of `line`.
 */
static int parse(struct values *values, const char **line, struct error *error, int *ret_operand)
{
    int count = 0, operand, r;

    *values = (struct values){ .on = true };
    *error = (struct error){ 0 };
    while (line[count])
        count++;
    /* The parser moves the words, it does not write to them. */
    r = option_parse(&table, count, (char **)(uintptr_t)line, values, &operand, error);
    if (r < 0)
        return r;
    *ret_operand = operand;
    return count - operand;
}

#define PARSE(...)                                         \
    const char *line[] = { "program", __VA_ARGS__, NULL }; \
    struct values values;                                  \
    struct error error;                                    \
    int operand = -1;                                      \
    int result = parse(&values, line, &error, &operand)

static void test_every_kind_is_read(UNUSED void **state)
{
    PARSE("-f", "--on=false", "-t", "a", "--verdict=DENY", "-ocolumns=x,y", "-c=a,b", "--timeout",
          "1.5", "--buffer-size=64K", "-p7", "--containername", "c", "-r", "Docker,podman");

    assert_int_equal(result, 0);
    assert_true(values.flag);
    assert_false(values.on);
    assert_string_equal(values.text, "a");
    assert_ptr_equal(values.word, words[1]);
    assert_string_equal(values.format, "columns=x,y");
    assert_int_equal(values.names.count, 3);
    assert_string_equal(values.names.words[0], "a");
    assert_string_equal(values.names.words[1], "b");
    assert_string_equal(values.names.words[2], "c");
    assert_int_equal(values.engines.count, 2);
    assert_ptr_equal(values.engines.words[0], engines[0]);
    assert_int_equal(values.duration, 1500000);
    assert_int_equal(values.size, 65536);
    assert_int_equal(values.number, 7);
    option_clear(&table, &values);
    assert_null(values.names.words);
    option_clear(&table, &values);
}

static void test_last_of_a_scalar_wins_and_operands_move(UNUSED void **state)
{
    PARSE("one", "-p", "1", "two", "--pid", "2", "-fx=no", "-", "--", "-p", "3");

    assert_int_equal(result, 5);
    assert_int_equal(values.number, 2);
    assert_true(values.flag);
    assert_false(values.on);
    assert_string_equal(line[operand], "one");
    assert_string_equal(line[operand + 1], "two");
    assert_string_equal(line[operand + 2], "-");
    assert_string_equal(line[operand + 3], "-p");
    assert_string_equal(line[operand + 4], "3");
}

static void test_nothing_at_all(UNUSED void **state)
{
    struct values values = { 0 };
    struct error error = { 0 };
    char program[] = "program", *line[] = { program, NULL };
    int operand;

    assert_int_equal(option_parse(&table, 1, line, &values, &operand, &error), 0);
    assert_int_equal(operand, 1);
    assert_int_equal(option_parse(&table, 0, line, &values, &operand, &error), 0);
    assert_int_equal(operand, 0);
}

static const struct {
    const char *line[4];
    const char *message;
} mistakes[] = {
    { { "--containernme", "a" }, "unknown option --containernme; did you mean --containername?" },
    { { "--container=a" }, "unknown option --container; did you mean --containername?" },
    { { "--zzzzz" }, "unknown option --zzzzz" },
    { { "--=1" }, "unknown option --" },
    { { "-q" }, "unknown option -q" },
    { { "-output", "json" }, "unknown option -output; did you mean --output?" },
    { { "--pid" }, "--pid needs a value: PID" },
    { { "-c" }, "--containername needs a value: NAME,..." },
    { { "-c", "-f" },
      "--containername needs a value before '-f'; one that begins with a dash is written "
      "--containername=-..." },
    { { "--pid=x" }, "--pid takes a number, not 'x'" },
    { { "--pid=-1" }, "--pid takes a number, not '-1'" },
    { { "--pid=1 " }, "--pid takes a number, not '1 '" },
    { { "--pid=99999999999999999999" }, "--pid: '99999999999999999999' is too large" },
    { { "--pid=" }, "the value of --pid is empty" },
    { { "-f=maybe" }, "--flag takes true or false, not 'maybe'" },
    { { "--timeout=fast" }, "--timeout takes a time such as 10, 1.5s, 500ms or 2m, not 'fast'" },
    { { "--timeout=99999999999999d" }, "--timeout: '99999999999999d' is too long a time" },
    { { "--buffer-size=1T" }, "--buffer-size takes a size such as 65536, 64K or 16M, not '1T'" },
    { { "-c", "a,,b" }, "--containername has an empty word in 'a,,b'" },
    { { "-r", "dokcer" }, "--runtimes does not know 'dokcer'; did you mean docker?" },
    { { "-r", "x" }, "--runtimes does not know 'x', only: docker, containerd, podman" },
    { { "--verdict", "dney" }, "--verdict does not know 'dney'; did you mean deny?" },
    { { "-t", "a", "--pid=\033[2J" }, "--pid takes a number, not '?[2J'" },
};

static void test_mistakes_are_named(UNUSED void **state)
{
    for (size_t i = 0; i < ARRAY_SIZE(mistakes); i++) {
        const char *line[6] = { "program" };
        struct values values;
        struct error error;
        int operand;

        memcpy(line + 1, mistakes[i].line, sizeof(mistakes[i].line));
        assert_true(parse(&values, line, &error, &operand) < 0);
        assert_string_equal(error.message, mistakes[i].message);
        option_clear(&table, &values);
    }
}

static void test_long_words_are_cut(UNUSED void **state)
{
    char word[4000];

    memset(word, 'a', sizeof(word) - 1);
    word[sizeof(word) - 1] = '\0';
    memcpy(word, "--", 2);
    PARSE(word);
    assert_int_equal(result, -EINVAL);
    assert_true(strlen(error.message) < 200);
}

/* Commas are the value's own. Another tool's name for an option is understood. */
static void test_repeated_and_hidden(UNUSED void **state)
{
    PARSE("-F", "a,b", "--filter=c", "-Fd,", "-c", "web", "--other-name=db");
    assert_int_equal(result, 0);
    assert_int_equal(values.terms.count, 3);
    assert_string_equal(values.terms.words[0], "a,b");
    assert_string_equal(values.terms.words[1], "c");
    assert_string_equal(values.terms.words[2], "d,");
    assert_int_equal(values.names.count, 2);
    assert_string_equal(values.names.words[1], "db");
    option_clear(&table, &values);
    assert_null(values.terms.words);
    assert_null(values.names.words);
}

static void test_durations(UNUSED void **state)
{
    static const struct {
        const char *text;
        uint64_t usec;
    } good[] = { { "0", 0 },           { "10", 10000000 },    { "0.25", 250000 },
                 { "1us", 1 },         { "500ms", 500000 },   { ".5", 500000 },
                 { "1.5s", 1500000 },  { "2m", 120000000 },   { "1m30s", 90000000 },
                 { "1h", 3600000000 }, { "1D", 86400000000 }, { "0.0000019s", 1 } };
    static const char *const bad[] = { "",   "s",  "1x",  ".",    "1.",   "1.s", "-1",
                                       "+1", " 1", "1 s", "1m30", "1ms5", "1e3", "0x10" };
    uint64_t usec;

    for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
        assert_int_equal(option_value_duration(good[i].text, &usec), 0);
        assert_int_equal(usec, good[i].usec);
    }
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
        assert_int_equal(option_value_duration(bad[i], &usec), -EINVAL);
    assert_int_equal(option_value_duration("18446744073709551615", &usec), -ERANGE);
    assert_int_equal(option_value_duration("18446744073709551616us", &usec), -ERANGE);
}

static void test_moments(UNUSED void **state)
{
    static const char *const bad[] = { "",     "now-ish",     "2026-13-01",
                                       "@",    "2026-11-01x", "2026-11-01 8:30 x",
                                       "--7d", "@-1" };
    const uint64_t now = 1790000000000000, day = 86400000000;
    uint64_t usec;

    assert_int_equal(setenv("TZ", "UTC", 1), 0);
    assert_int_equal(option_value_moment("7d", now, &usec), 0);
    assert_int_equal(usec, now - 7 * day);
    assert_int_equal(option_value_moment("-1h30m", now, &usec), 0);
    assert_int_equal(usec, now - 5400000000);
    assert_int_equal(option_value_moment("100000d", now, &usec), 0);
    assert_int_equal(usec, 0);
    assert_int_equal(option_value_moment("@1790000000", now, &usec), 0);
    assert_int_equal(usec, now);
    assert_int_equal(option_value_moment("1970-01-02", now, &usec), 0);
    assert_int_equal(usec, day);
    assert_int_equal(option_value_moment("1970-01-02 01:00", now, &usec), 0);
    assert_int_equal(usec, day + 3600000000);
    assert_int_equal(option_value_moment("1970-01-02T00:00:05", now, &usec), 0);
    assert_int_equal(usec, day + 5000000);
    assert_int_equal(option_value_moment("@18446744073709551615", now, &usec), -ERANGE);
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
        assert_true(option_value_moment(bad[i], now, &usec) < 0);
}

static void test_sizes(UNUSED void **state)
{
    uint64_t bytes;

    assert_int_equal(option_value_size("16M", &bytes), 0);
    assert_int_equal(bytes, 16777216);
    assert_int_equal(option_value_size("1GiB", &bytes), 0);
    assert_int_equal(bytes, 1073741824);
    assert_int_equal(option_value_size("5", &bytes), 0);
    assert_int_equal(bytes, 5);
    assert_int_equal(option_value_size("1.5M", &bytes), -EINVAL);
    assert_int_equal(option_value_size("M", &bytes), -EINVAL);
    assert_int_equal(option_value_size("18446744073709551615K", &bytes), -ERANGE);
}

static const char *near(const char *typed, const char *candidate)
{
    struct near_word near_word = { .word = typed, .length = strlen(typed) };

    near_word_offer(&near_word, candidate);
    return near_word.best;
}

static void test_near_words(UNUSED void **state)
{
    assert_non_null(near("selctor", "selector"));
    assert_non_null(near("slector", "selector"));
    assert_non_null(near("esle", "else"));
    assert_non_null(near("SELECTOR", "selector"));
    assert_non_null(near("max", "max-events"));
    assert_null(near("m", "max-events"));
    assert_null(near("", "pid"));
    assert_null(near("host", "unique"));
    assert_null(near("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "host"));
}

/* What help prints at a width, freed by the caller. */
static char *help_at(unsigned int width, bool bold)
{
    struct help help = { .width = width, .bold = bold };
    char *text = NULL;
    size_t size = 0;

    help.file = open_memstream(&text, &size);
    assert_non_null(help.file);
    option_print_help(&table, &help);
    assert_int_equal(fclose(help.file), 0);
    return text;
}

static void test_help_fits_and_names_all(UNUSED void **state)
{
    for (unsigned int width = 30; width <= 100; width += 10) {
        _cleanup_(free_string)
        char *text = help_at(width, false);

        for (const char *at = text; *at; at += strcspn(at, "\n") + 1)
            assert_true(strcspn(at, "\n") <= MAX(width, 40));
        for (size_t i = 0; i < table.count; i++)
            assert_int_equal(strstr(text, rows[i].name) == NULL, rows[i].hidden);
        assert_non_null(strstr(text, "docker,"));
        assert_null(strchr(text, '\033'));
    }
    _cleanup_(free_string)
    char *bold = help_at(80, true);

    assert_non_null(strstr(bold, "\033[1mSecond\033[0m"));
    assert_non_null(strstr(bold, "columns=LIST."));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_kind_is_read),
        cmocka_unit_test(test_last_of_a_scalar_wins_and_operands_move),
        cmocka_unit_test(test_nothing_at_all),
        cmocka_unit_test(test_mistakes_are_named),
        cmocka_unit_test(test_long_words_are_cut),
        cmocka_unit_test(test_repeated_and_hidden),
        cmocka_unit_test(test_durations),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_moments),
        cmocka_unit_test(test_near_words),
        cmocka_unit_test(test_help_fits_and_names_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
