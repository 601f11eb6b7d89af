/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Columns: what a person sees in a terminal of any width, whatever strangers have named things. */
#include <locale.h>
#include <wchar.h>

#include "src/base/escape.h"
#include "tests/unit/sample_record.h"

#define HEADER "CONTAINER PID COMM SYSCALL UID CAP CAPNAME AUDIT VERDICT"

static struct sink_options options_for(unsigned int width)
{
    return (struct sink_options){
        .format = SINK_COLUMNS, .table = &record_fields, .width = width, .header = true
    };
}

/* Columns of a line in the terminal; fails on anything that is not plainly shown. */
static size_t measure(const char *line, size_t length)
{
    size_t columns = 0, used;

    for (size_t i = 0; i < length; i += used) {
        uint32_t code = utf8_decode(line + i, length - i, &used);
        int width = wcwidth((wchar_t)code);

        assert_true(width > 0);
        columns += (size_t)width;
    }
    return columns;
}

/* The words of a line with one space between them. */
static void squeeze(const char *line, size_t length, char words[static 512])
{
    size_t out = 0;

    for (size_t i = 0; i < length && out < 510; i++) {
        if (line[i] == ' ' && (!out || words[out - 1] == ' '))
            continue;
        words[out++] = line[i];
    }
    while (out && words[out - 1] == ' ')
        out--;
    words[out] = '\0';
}

static void assert_words(const char **line, const char *expected)
{
    const char *end = strchr(*line, '\n');
    char words[512];

    assert_non_null(end);
    squeeze(*line, (size_t)(end - *line), words);
    assert_string_equal(words, expected);
    *line = end + 1;
}

static void test_a_row(UNUSED void **state)
{
    _cleanup_(container_unref)
    struct container *container = sample_container("web");
    struct capability_event event = sample_event();
    struct record record = { .event = &event, .container = container };
    struct sink_options options = options_for(0);
    struct printer printer;
    const char *line;

    printer_open(&printer, &options);
    assert_int_equal(sink_row(printer.sink, &record), 0);
    event.flags = EVENT_AUDIT_INFERRED;
    event.denied = event.audit = 0;
    event.uid = 0;
    assert_int_equal(sink_row(printer.sink, &record), 0);
    record.container = NULL;
    event.audit = EVENT_UNKNOWN;
    event.capability = 60;
    assert_int_equal(sink_row(printer.sink, &record), 0);
    assert_int_equal(sink_flush(printer.sink, true), 0);
    line = printer_text(&printer);
    assert_words(&line, HEADER);
    assert_words(&line, "web 1234 nice 1000 23 SYS_NICE 1 Deny");
    assert_words(&line, "web 1234 nice 0 23 SYS_NICE 0? Allow");
    assert_words(&line, "1234 nice 0 60 UNKNOWN (60) Allow");
    assert_string_equal(line, "");
    printer_close(&printer);
}

/* Somebody who looks at an idle host sees at once that the trace runs, and the header only once. */
static void test_header_comes_first_and_once(UNUSED void **state)
{
    struct capability_event event = sample_event();
    struct record record = { .event = &event };
    struct sink_options options = options_for(80);
    struct printer printer;
    const char *line;

    printer_open(&printer, &options);
    assert_int_equal(sink_flush(printer.sink, false), 0);
    line = printer_text(&printer);
    assert_words(&line, HEADER);
    assert_string_equal(line, "");
    assert_int_equal(sink_row(printer.sink, &record), 0);
    assert_int_equal(sink_flush(printer.sink, true), 0);
    line = printer_text(&printer);
    assert_words(&line, HEADER);
    assert_words(&line, "1234 nice 1000 23 SYS_NICE 1 Deny");
    assert_string_equal(line, "");
    printer_close(&printer);

    options.header = false;
    printer_open(&printer, &options);
    assert_int_equal(sink_flush(printer.sink, true), 0);
    assert_string_equal(printer_text(&printer), "");
    printer_close(&printer);
}

static void test_pod_columns_come_when_there_is_a_pod(UNUSED void **state)
{
    _cleanup_(container_unref)
    struct container *plain = sample_container("web");
    _cleanup_(container_unref)
    struct container *in_pod = sample_container("app");
    struct capability_event event = sample_event();
    struct record record = { .event = &event, .container = plain };
    struct sink_options options = options_for(100);
    struct printer printer;
    const char *line;

    assert_int_equal(container_set_text(&in_pod->pod, "shop-1"), 0);
    assert_int_equal(container_set_text(&in_pod->pod_namespace, "prod"), 0);
    printer_open(&printer, &options);
    assert_int_equal(sink_row(printer.sink, &record), 0);
    assert_int_equal(sink_flush(printer.sink, false), 0); /* a batch of its own */
    record.container = in_pod;
    assert_int_equal(sink_row(printer.sink, &record), 0);
    assert_int_equal(sink_row(printer.sink, &record), 0);
    assert_int_equal(sink_flush(printer.sink, true), 0);
    line = printer_text(&printer);
    assert_words(&line, HEADER);
    assert_words(&line, "web 1234 nice 1000 23 SYS_NICE 1 Deny");
    assert_words(&line, "NAMESPACE POD " HEADER);
    assert_words(&line, "prod shop-1 app 1234 nice 1000 23 SYS_NICE 1 Deny");
    assert_words(&line, "prod shop-1 app 1234 nice 1000 23 SYS_NICE 1 Deny");
    assert_string_equal(line, "");
    printer_close(&printer);
}

/* What comes in one batch is laid out as a whole: the list of containers is one. */
static void test_a_batch_is_laid_out_by_its_content(UNUSED void **state)
{
    _cleanup_(container_unref)
    struct container *plain = sample_container("web");
    _cleanup_(container_unref)
    struct container *in_pod = sample_container("a-name-of-20-letters");
    struct capability_event event = sample_event();
    struct record record = { .event = &event, .container = plain };
    struct sink_options options = options_for(0);
    struct printer printer;

    options.aim = 80;
    assert_int_equal(container_set_text(&in_pod->pod, "shop-1"), 0);
    event.comm[0] = '\0';
    event.pid = 7;
    printer_open(&printer, &options);
    assert_int_equal(sink_row(printer.sink, &record), 0);
    assert_int_equal(sink_rows_written(printer.sink), 0);
    record.container = in_pod;
    event.capability = 2; /* DAC_READ_SEARCH */
    assert_int_equal(sink_row(printer.sink, &record), 0);
    assert_int_equal(sink_flush(printer.sink, true), 0);
    assert_int_equal(sink_rows_written(printer.sink), 2);
    assert_string_equal(
        printer_text(&printer),
        "POD    CONTAINER            PID COMM SYSCALL  UID CAP CAPNAME         AUDIT VERDICT\n"
        "       web                    7              1000  23 SYS_NICE            1 Deny\n"
        "shop-1 a-name-of-20-letters   7              1000   2 DAC_READ_SEARCH     1 Deny\n");
    printer_close(&printer);
}

static void show_narrow(unsigned int width, const char *expected)
{
    _cleanup_(container_unref)
    struct container *container = sample_container("a-shop-with-a-long-name");
    struct capability_event event = sample_event();
    struct record record = { .event = &event, .container = container };
    struct sink_options options = options_for(width);
    struct printer printer;

    event.capability = 40; /* CHECKPOINT_RESTORE, the longest */
    event.pid = 4194304;
    printer_open(&printer, &options);
    assert_int_equal(sink_row(printer.sink, &record), 0);
    assert_int_equal(sink_flush(printer.sink, true), 0);
    assert_string_equal(printer_text(&printer), expected);
    printer_close(&printer);
}

/* A number or the name of a capability that is cut says something else, or nothing: names give way,
 * then the columns that are missed least. */
static void test_capabilities_and_numbers_are_not_cut(UNUSED void **state)
{
    show_narrow(100,
                "CONTAINER                    PID  COMM      SYSCALL     UID  CAP  CAPNAME         "
                "    AUDIT  VERDICT\n"
                "a-shop-with-a-long-name  4194304  nice                 1000   40  "
                "CHECKPOINT_RESTORE      1  Deny\n");
    show_narrow(80,
                "CONTAINER             PID COMM SYSCALL  UID CAP CAPNAME            AUDIT VERDICT\n"
                "a-shop-w…ong-name 4194304 nice         1000  40 CHECKPOINT_RESTORE     1 Deny\n");
    show_narrow(60, "CONTAINER        PID COMM SYSCALL CAPNAME            VERDICT\n"
                    "a-shop…-name 4194304 nice         CHECKPOINT_RESTORE Deny\n");
}

/* Values that come later widen their column; names that a stranger chose get what is left. */
static void test_columns_widen(UNUSED void **state)
{
    _cleanup_(container_unref)
    struct container *container = sample_container("web");
    struct capability_event event = sample_event();
    struct record record = { .event = &event, .container = container };
    struct sink_options options = options_for(80);
    struct printer printer;
    const char *line;

    printer_open(&printer, &options);
    assert_int_equal(sink_flush(printer.sink, false), 0);
    event.capability = 40;
    assert_int_equal(sink_row(printer.sink, &record), 0);
    assert_int_equal(sink_flush(printer.sink, true), 0);
    line = printer_text(&printer);
    assert_words(&line, HEADER);
    assert_words(&line, "web 1234 nice 1000 40 CHECKPOINT_RESTORE 1 Deny");
    assert_string_equal(line, "");
    printer_close(&printer);
}

/* Every width, every field at once or the usual ones, names made to break out: no line is wider
 * than the terminal, and none holds a byte that the terminal would obey. */
static void test_rows_fit_every_width(UNUSED void **state)
{
    static const char *const names[] = {
        "web",
        "\033[2J\033]0;pwned\a\r\n",
        "\xe6\x9d\xb1\xe4\xba\xac\xe6\x9d\xb1\xe4\xba\xac\xe6\x9d\xb1\xe4\xba\xac",
        "\xe2\x80\xae\xe2\x80\x8b\xcc\x81\xff\xfe\xc2\x9b",
        "a-very-long-name-of-a-container-that-somebody-has-made-up-to-break-the-table",
    };
    const struct field *all[64];
    size_t count = 0;

    for (; count < record_fields.count; count++)
        all[count] = &record_fields.fields[count];
    for (unsigned int width = 1; width < 700; width += width < 200 ? 1 : 37) {
        for (size_t i = 0; i < 2 * ARRAY_SIZE(names); i++) {
            _cleanup_(container_unref)
            struct container *container = sample_container(names[i / 2]);
            struct capability_event event = sample_event();
            struct record record = { .event = &event, .container = container };
            struct sink_options options = options_for(width);
            struct printer printer;
            const char *line, *end;

            memcpy(event.comm, "\033[31m\n\t\x7f\xff\xc2\x9b", 12);
            assert_int_equal(container_set_text(&container->pod, names[i / 2]), 0);
            if (i & 1) {
                options.fields = all;
                options.field_count = count;
            }
            printer_open(&printer, &options);
            assert_int_equal(sink_row(printer.sink, &record), 0);
            assert_int_equal(sink_flush(printer.sink, true), 0);
            line = printer_text(&printer);
            for (size_t lines = 0; *line; line = end + 1, lines++) {
                assert_true(lines < 2);
                end = strchr(line, '\n');
                assert_non_null(end);
                assert_true(measure(line, (size_t)(end - line)) <= width);
            }
            printer_close(&printer);
        }
    }
}

/* In a pipe nothing is cut, and usual names stand in line. */
static void test_pipe(UNUSED void **state)
{
    static const char *const names[] = { "web", "a-name-of-20-letters" };
    char longest[200];
    struct capability_event event = sample_event();
    struct sink_options options = options_for(0);
    struct printer printer;
    size_t place = 0;

    printer_open(&printer, &options);
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        _cleanup_(container_unref)
        struct container *container = sample_container(names[i]);
        struct record record = { .event = &event, .container = container };

        event.capability = i ? 2 : 0; /* DAC_READ_SEARCH */
        assert_int_equal(sink_row(printer.sink, &record), 0);
    }
    memset(longest, 'x', sizeof(longest));
    longest[sizeof(longest) - 1] = '\0';
    {
        _cleanup_(container_unref)
        struct container *container = sample_container(longest);
        struct record record = { .event = &event, .container = container };

        assert_int_equal(sink_row(printer.sink, &record), 0);
    }
    assert_int_equal(sink_flush(printer.sink, true), 0);
    (void)printer_text(&printer);
    assert_non_null(strstr(printer.text, longest));
    for (const char *line = printer.text, *end; *line != 'x'; line = end + 1) {
        const char *last;

        end = strchr(line, '\n');
        last = memrchr(line, ' ', (size_t)(end - line));
        assert_non_null(last);
        assert_true(!place || place == (size_t)(last - line));
        place = (size_t)(last - line);
    }
    printer_close(&printer);
}

static void test_stacks_stand_below(UNUSED void **state)
{
    static const char *const frames[] = { "capable+0x1", "evil\033[31m+0x2" };
    struct record_stacks stacks = { .kernel = frames, .kernel_count = 2 };
    struct capability_event event = sample_event();
    struct record record = { .event = &event, .stacks = &stacks };
    struct sink_options options = options_for(80);
    struct printer printer;
    const char *line;

    event.flags = EVENT_KERNEL_STACK;
    printer_open(&printer, &options);
    assert_int_equal(sink_row(printer.sink, &record), 0);
    assert_int_equal(sink_flush(printer.sink, true), 0);
    line = printer_text(&printer);
    assert_words(&line, HEADER);
    assert_words(&line, "1234 nice 1000 23 SYS_NICE 1 Deny");
    assert_string_equal(line, "    capable+0x1\n    evil\\x1b[31m+0x2\n");
    printer_close(&printer);
}

static void test_colour_only_when_asked(UNUSED void **state)
{
    struct capability_event event = sample_event();
    struct record record = { .event = &event };
    struct sink_options options = options_for(80);
    struct printer printer;

    for (int colour = 0; colour < 2; colour++) {
        options.colour = colour;
        printer_open(&printer, &options);
        assert_int_equal(sink_row(printer.sink, &record), 0);
        event.denied = !event.denied;
        assert_int_equal(sink_row(printer.sink, &record), 0);
        event.denied = !event.denied;
        assert_int_equal(sink_flush(printer.sink, true), 0);
        (void)printer_text(&printer);
        assert_int_equal(strstr(printer.text, "\033[31mDeny\033[0m\n") != NULL, colour);
        assert_int_equal(strstr(printer.text, "\033[32mAllow\033[0m\n") != NULL, colour);
        assert_int_equal(strchr(printer.text, '\033') != NULL, colour);
        printer_close(&printer);
    }
}

/* A loss is not a row here: the caller warns on standard error. */
static void test_loss_prints_nothing(UNUSED void **state)
{
    struct record_loss loss = { .count = 1, .total = 1, .reason = "ring buffer full" };
    struct sink_options options = options_for(80);
    struct printer printer;

    options.header = false;
    printer_open(&printer, &options);
    assert_int_equal(sink_loss(printer.sink, &loss), 0);
    assert_int_equal(sink_flush(printer.sink, true), 0);
    assert_string_equal(printer_text(&printer), "");
    printer_close(&printer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_row),
        cmocka_unit_test(test_header_comes_first_and_once),
        cmocka_unit_test(test_pod_columns_come_when_there_is_a_pod),
        cmocka_unit_test(test_a_batch_is_laid_out_by_its_content),
        cmocka_unit_test(test_capabilities_and_numbers_are_not_cut),
        cmocka_unit_test(test_columns_widen),
        cmocka_unit_test(test_rows_fit_every_width),
        cmocka_unit_test(test_pipe),
        cmocka_unit_test(test_stacks_stand_below),
        cmocka_unit_test(test_colour_only_when_asked),
        cmocka_unit_test(test_loss_prints_nothing),
    };

    if (!setlocale(LC_CTYPE, "C.UTF-8"))
        return EXIT_FAILURE;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
