/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a filter takes, what it refuses and where, and what then holds. */
#include "src/model/filter.h"

#include <errno.h>

#include "tests/unit/sample_record.h"

static const char *const frames[] = { "cap_capable+0x1d", "can_nice+0x3e" };

static struct {
    struct capability_event event;
    struct container *container;
    struct record_stacks stacks;
    struct record record;
} t;

static int set_up(UNUSED void **state)
{
    t.event = sample_event();
    t.container = sample_container("web,1");
    t.stacks = (struct record_stacks){ .kernel = frames, .kernel_count = ARRAY_SIZE(frames) };
    t.event.flags = EVENT_KERNEL_STACK;
    t.record = (struct record){
        .event = &t.event, .container = t.container, .stacks = &t.stacks, .time_ns = 1000
    };
    return 0;
}

static int tear_down(UNUSED void **state)
{
    container_unref(&t.container);
    return 0;
}

static bool holds(const char *expression)
{
    struct filter filter = { .table = &record_fields };
    struct error error = { 0 };
    bool result;

    if (filter_add(&filter, "--filter", expression, &error) < 0)
        fail_msg("%s: %s", expression, error.message);
    result = filter_holds(&filter, &t.record, ~0U);
    filter_clear(&filter);
    return result;
}

static void assert_hold(const char *const *expressions, size_t count, bool expected)
{
    for (size_t i = 0; i < count; i++) {
        if (holds(expressions[i]) != expected)
            fail_msg("%s %s", expressions[i], expected ? "does not hold" : "holds");
    }
}

#define ASSERT_ALL(expected, ...)                           \
    do {                                                    \
        static const char *const list_[] = { __VA_ARGS__ }; \
        assert_hold(list_, ARRAY_SIZE(list_), expected);    \
    } while (0)

static void test_text(UNUSED void **state)
{
    ASSERT_ALL(true, "comm:nice", "comm==nice", "comm=nice", "COMM:nice", "comm:!nic", "comm!=x",
               "comm:~^ni", "comm=~ce$", "comm~ic", "comm:!~x", "comm!~x", "comm:~n|x",
               "image:alpine:3", "pod:", "pod:!web", "pod:!~.", "container:web\\,1",
               "container:~^web\\,[0-9]$", "containerId:!1", "cgroup:~^/docker/");
    ASSERT_ALL(false, "comm:nic", "comm:NICE", "comm:!nice", "comm:~^ice", "comm:!~n", "pod:web",
               "pod:!", "comm:");
}

static void test_numbers(UNUSED void **state)
{
    ASSERT_ALL(true, "pid:1234", "pid==1234", "pid:0x4d2", "pid:!1233", "pid:>1233", "pid:>=1234",
               "pid:<1235", "pid:<=1234", "pid>1233", "pid>=1234", "pid<1235", "pid<=1234",
               "timestamp:1000", "caps:>0", "audit:1", "audit:!", "setup:false", "setup:!true");
    ASSERT_ALL(false, "pid:1235", "pid:!1234", "pid:>1234", "pid:>=1235", "pid:<1234", "pid:<=1233",
               "pid:", "setup:true", "audit:0");
}

/* Words that have several spellings. */
static void test_words(UNUSED void **state)
{
    ASSERT_ALL(true, "capname:SYS_NICE", "capname:cap_sys_nice", "capname:23", "verdict:deny",
               "verdict:!ALLOW", "cap:23", "reason:", "reason:!BOUNDING", "bounding:!SYS_NICE",
               "capsnames:CAP_CHOWN", "capsnames:!SYS_ADMIN", "capsnames:~SYS_NICE",
               "capsnames:62");
    ASSERT_ALL(false, "capname:CHOWN", "verdict:allow", "capsnames:SYS_ADMIN", "capsnames:");
}

static void test_many_in_one(UNUSED void **state)
{
    ASSERT_ALL(true, "labels:tier", "labels:tier=db\n", "labels:!tier=web", "labels:~r=d",
               "kstack:can_nice", "kstack:~^can_", "kstack:can_nice+0x3e",
               "ustack:", "kernelStack:!ns_capable");
    ASSERT_ALL(false, "labels:tie", "labels:tier=", "labels:", "kstack:can", "kstack:", "ustack:x");
}

/* Before a value is known, and of the host, there is none. */
static void test_no_container(UNUSED void **state)
{
    t.record.container = NULL;
    t.event.audit = EVENT_UNKNOWN;
    ASSERT_ALL(true, "container:", "container:!web", "container:!~web", "audit:", "audit:!1");
    ASSERT_ALL(false, "container:web", "container:~.", "audit:1", "audit:>0", "audit:<=1");
}

static void test_all_have_to_hold(UNUSED void **state)
{
    ASSERT_ALL(true, "comm:nice,pid:>1,verdict:Deny", "comm:~n{1\\,2}i");
    ASSERT_ALL(false, "comm:nice,pid:1", "pid:1,comm:nice");
}

/* Every field can be asked for, by its name and by its key in JSON. */
static void test_every_field(UNUSED void **state)
{
    char expression[64];

    for (size_t i = 0; i < record_fields.count; i++) {
        const struct field *field = &record_fields.fields[i];

        (void)snprintf(expression, sizeof(expression), "%s:", field->name);
        (void)holds(expression);
        (void)snprintf(expression, sizeof(expression), "%s:!", field->json);
        (void)holds(expression);
        assert_true(field->words || field->kind != VALUE_SET);
        for (size_t w = 0; field->words && field->words->word(w); w++) {
            const char *word = field->words->word(w);

            assert_string_equal(field->words->spell(word, strlen(word)), word);
        }
        for (size_t k = 0; k < FILTER_OPERATORS; k++)
            assert_non_null(filter_operator_text((enum filter_operator)k));
    }
}

static void test_mistakes(UNUSED void **state)
{
    static const struct {
        const char *expression, *sentence;
    } rows[] = {
        { "comm:x,contaner:web", "character 8: unknown field 'contaner'; did you mean container?" },
        { "nonsense_of_a_field:1", "character 1: unknown field" },
        { "", "character 1: here the name of a field is missing" },
        { "pid:1,", "character 7: here the name of a field is missing" },
        { ",pid:1", "character 1: here the name of a field is missing" },
        { "pid", "character 4: after pid comes one of : :! :> :>= :< :<=" },
        { "pid 1", "character 4: after pid comes one of" },
        { "pid:~1", "character 4: after pid comes one of" },
        { "comm:>x", "character 5: after comm comes one of : :! :~ :!~" },
        { "setup:~t", "character 6: after setup comes one of : :!" },
        { "pid:x", "character 5: pid is a number, which 'x' is not" },
        { "pid:-1", "character 5: pid is a number" },
        { "pid:>=", "character 7: here the value of pid is missing" },
        { "pid:0x", "character 5: pid is a number" },
        { "pid:18446744073709551616", "is too large a number" },
        { "setup:maybe", "character 7: setup is true or false, not 'maybe'" },
        { "verdict:Denny", "unknown verdict 'Denny'; did you mean Deny?" },
        { "verdict:7", "unknown verdict '7': it is Allow or Deny" },
        { "capname:SYS_NCIE", "unknown capability 'SYS_NCIE'; did you mean SYS_NICE?" },
        { "capsnames:xyzzy", "unknown capability 'xyzzy': capabilities(7) lists them" },
        { "comm:~a(b", "character 7: 'a(b' is no regular expression: " },
        { "comm:!~", "character 8: here a regular expression is missing" },
        { "comm:\xc3\xa4,pid:x", "character 12: pid is a number" },
    };
    struct filter filter = { .table = &record_fields };
    struct error error;

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        assert_int_equal(filter_add(&filter, "--filter", rows[i].expression, &error), -EINVAL);
        if (strncmp(error.message, "--filter '", 10) != 0 ||
            !strstr(error.message, rows[i].sentence))
            fail_msg("%s: %s", rows[i].expression, error.message);
    }
    filter_clear(&filter);
}

static bool words_hold(const char *field, const char *const *words, size_t count)
{
    struct filter filter = { .table = &record_fields };
    bool result;

    assert_int_equal(filter_add_words(&filter, "--x", field, words, count, NULL), 0);
    result = filter_holds(&filter, &t.record, ~0U);
    filter_clear(&filter);
    return result;
}

#define WORDS(field, ...)                                   \
    words_hold(field, (const char *const[]){ __VA_ARGS__ }, \
               sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

static void test_short_forms(UNUSED void **state)
{
    static const char *const wrong[] = { "1", "NOPE" }, *const empty[] = { "!" };
    struct filter filter = { .table = &record_fields };
    struct error error;

    assert_true(words_hold("comm", NULL, 0));
    assert_true(WORDS("comm", "sh", "nice"));
    assert_true(WORDS("comm", "nice", "!sh"));
    assert_true(WORDS("comm", "!sh", "!bash"));
    assert_false(WORDS("comm", "sh", "bash"));
    assert_false(WORDS("comm", "nice", "!nice"));
    assert_true(WORDS("capname", "CHOWN", "cap_sys_nice"));
    assert_int_equal(filter_add_words(&filter, "--cap", "capname", wrong, 2, &error), -EINVAL);
    assert_non_null(strstr(error.message, "--cap: unknown capability 'NOPE'"));
    assert_int_equal(filter_add_words(&filter, "--cap", "capname", empty, 1, &error), -EINVAL);
    assert_int_equal(filter.count, 0);
}

/* Terms are asked for by what their fields depend on; the others are not even read. */
static void test_bases(UNUSED void **state)
{
    const struct record of_container = { .container = t.container };
    struct filter filter = { .table = &record_fields };

    assert_int_equal(filter_add(&filter, "--filter", "container:~web,comm:sh,pid:1234", NULL), 0);
    assert_true(filter_has(&filter, FILTER_ON_CONTAINERS));
    assert_true(filter_has(&filter, FILTER_ON_EVENTS));
    assert_false(filter_has(&filter, FILTER_ON_STACKS));
    assert_true(filter_holds(&filter, &of_container, FILTER_ON_CONTAINERS));
    assert_false(filter_holds(&filter, &t.record, FILTER_ON_EVENTS));
    assert_true(filter_holds(&filter, &t.record, FILTER_BASIS(FIELD_OF_PID)));
    filter_clear(&filter);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_text),        TEST(test_numbers),      TEST(test_words),
        TEST(test_many_in_one), TEST(test_no_container), TEST(test_all_have_to_hold),
        TEST(test_every_field), TEST(test_mistakes),     TEST(test_short_forms),
        TEST(test_bases),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
