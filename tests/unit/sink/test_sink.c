/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON and YAML. What is printed is read back by a parser and held against the record. */
#include <cjson/cJSON.h>
#include <errno.h>

#include "src/base/error.h"
#include "src/base/text.h"
#include "tests/unit/sample_record.h"

static void test_format_parse(UNUSED void **state)
{
    static const char *const wrong[] = { "",     "JSON",     "jsonx",           "xml",
                                         "text", "columns=", "custom-columns=", "json=pid" };
    enum sink_format format;
    const char *fields;
    struct error error;

    assert_int_equal(sink_format_parse("columns", &format, &fields, NULL), 0);
    assert_int_equal(format, SINK_COLUMNS);
    assert_null(fields);
    assert_int_equal(sink_format_parse("jsonpretty", &format, &fields, NULL), 0);
    assert_int_equal(format, SINK_JSON_PRETTY);
    assert_int_equal(sink_format_parse("yaml", &format, &fields, NULL), 0);
    assert_int_equal(format, SINK_YAML);
    assert_int_equal(sink_format_parse("custom-columns=pid,comm", &format, &fields, NULL), 0);
    assert_int_equal(format, SINK_COLUMNS);
    assert_string_equal(fields, "pid,comm");
    assert_int_equal(sink_format_parse("json", &format, &fields, NULL), 0);
    assert_int_equal(format, SINK_JSON);
    assert_null(fields);
    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
        assert_int_equal(sink_format_parse(wrong[i], &format, &fields, &error), -EINVAL);
        assert_non_null(strstr(error.message, "jsonpretty"));
    }
}

static void test_fields_parse(UNUSED void **state)
{
    static const char *const wrong[] = { "", ",", "pid,", ",pid", "pid,,comm", "pid comm", "pi" };
    const struct field **fields = NULL;
    struct error error;
    size_t count;

    assert_int_equal(sink_fields_parse(&record_fields, "comm,PID,comm", &fields, &count, NULL), 0);
    assert_int_equal(count, 2);
    assert_string_equal(fields[0]->name, "comm");
    assert_string_equal(fields[1]->name, "pid");
    free(fields);
    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
        fields = NULL;
        assert_int_equal(sink_fields_parse(&record_fields, wrong[i], &fields, &count, &error),
                         -EINVAL);
        assert_null(fields);
        assert_true(strstr(error.message, "unknown field") ||
                    strstr(error.message, "has an empty word in it"));
    }
}

static void test_tables(UNUSED void **state)
{
    static const struct field_table *const tables[] = { &record_fields, &container_fields };

    for (size_t t = 0; t < ARRAY_SIZE(tables); t++) {
        for (size_t i = 0; i < tables[t]->count; i++) {
            const struct field *field = &tables[t]->fields[i];

            assert_ptr_equal(field_find(tables[t], field->name, strlen(field->name)), field);
            assert_ptr_equal(field_find(tables[t], field->json, strlen(field->json)), field);
            assert_true(field->min_width <= field->max_width);
            assert_true(field->help[strlen(field->help) - 1] != '.');
            for (size_t k = 0; k < i; k++)
                assert_true(field->in_json == FIELD_JSON_NAMED ||
                            strcmp(field->json, tables[t]->fields[k].json) != 0 ||
                            tables[t]->fields[k].in_json == FIELD_JSON_NAMED);
        }
    }
}

/* -------- JSON -------- */

static const struct sink_options json_options = { .format = SINK_JSON, .table = &record_fields };

static cJSON *print_json(const struct sink_options *options, const void *object)
{
    struct printer printer;
    cJSON *parsed;

    printer_open(&printer, options);
    assert_int_equal(sink_row(printer.sink, object), 0);
    assert_int_equal(sink_flush(printer.sink, true), 0);
    parsed = cJSON_ParseWithOpts(printer_text(&printer), NULL, true);
    assert_non_null(parsed);
    printer_close(&printer);
    return parsed;
}

static const cJSON *member(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

    if (!item)
        fail_msg("no key \"%s\"", key);
    return item;
}

static void assert_string(const cJSON *object, const char *key, const char *expected)
{
    assert_true(cJSON_IsString(member(object, key)));
    assert_string_equal(member(object, key)->valuestring, expected);
}

static void assert_number(const cJSON *object, const char *key, double expected)
{
    assert_true(cJSON_IsNumber(member(object, key)));
    assert_true(member(object, key)->valuedouble == expected);
}

static void assert_null_member(const cJSON *object, const char *key)
{
    assert_true(cJSON_IsNull(member(object, key)));
}

static void test_json_is_the_record(UNUSED void **state)
{
    _cleanup_(container_unref)
    struct container *container = sample_container("web \"1\"\033[31m\xff");
    struct capability_event event = sample_event();
    struct record record = { .event = &event, .container = container, .time_ns = 1790000000123 };
    cJSON *json = print_json(&json_options, &record);
    const cJSON *names;

    assert_string(json, "container", "web \"1\"\033[31m\xef\xbf\xbd");
    assert_string(json, "containerId", SAMPLE_ID);
    assert_string(json, "runtime", "docker");
    assert_string(json, "image", "alpine:3");
    assert_number(json, "timestamp", 1790000000123);
    assert_string(json, "type", "normal");
    assert_null_member(json, "message");
    assert_null_member(json, "pod");
    assert_null_member(json, "syscall");
    assert_number(json, "pid", 1234);
    assert_number(json, "tid", 1235);
    assert_string(json, "comm", "nice");
    assert_number(json, "uid", 1000);
    assert_number(json, "gid", 100);
    assert_number(json, "cap", 23);
    assert_string(json, "capName", "SYS_NICE");
    assert_number(json, "audit", 1);
    assert_true(cJSON_IsFalse(member(json, "audit_inferred")));
    assert_string(json, "verdict", "Deny");
    assert_true(cJSON_IsFalse(member(json, "insetid")));
    assert_number(json, "mountnsid", 4026532281);
    assert_number(json, "cgroupId", 4711);
    assert_number(json, "targetuserns", 4026531838);
    assert_number(json, "currentuserns", 4026531837);
    names = member(json, "capsNames");
    assert_int_equal(cJSON_GetArraySize(names), 3);
    assert_string_equal(cJSON_GetArrayItem(names, 0)->valuestring, "CHOWN");
    assert_string_equal(cJSON_GetArrayItem(names, 1)->valuestring, "SYS_NICE");
    assert_string_equal(cJSON_GetArrayItem(names, 2)->valuestring, "62");
    assert_true(cJSON_IsFalse(member(json, "setup")));
    assert_true(cJSON_IsFalse(member(json, "overridden")));
    assert_null(cJSON_GetObjectItem(json, "labels"));
    assert_null(cJSON_GetObjectItem(json, "cgroupPath"));
    assert_null(cJSON_GetObjectItem(json, "kernelStack"));
    cJSON_Delete(json);
}

/* The keys are the same in every row, and nothing is dropped for being zero or unknown. */
static void test_json_of_nothing(UNUSED void **state)
{
    static const char *const unknown[] = { "container", "runtime",   "containerId", "image",
                                           "pod",       "namespace", "audit",       "insetid" };
    static const char *const zero[] = { "pid",           "tid",       "uid",      "gid",
                                        "cap",           "mountnsid", "cgroupId", "targetuserns",
                                        "currentuserns", "caps",      "timestamp" };
    _cleanup_(container_unref)
    struct container *container = sample_container("web");
    struct capability_event full = sample_event();
    struct capability_event empty = { .audit = EVENT_UNKNOWN, .insetid = EVENT_UNKNOWN };
    struct record full_record = { .event = &full, .container = container };
    struct record empty_record = { .event = &empty };
    cJSON *json = print_json(&json_options, &empty_record);
    cJSON *other = print_json(&json_options, &full_record);
    const cJSON *a = json->child, *b = other->child;

    for (size_t i = 0; i < ARRAY_SIZE(unknown); i++)
        assert_null_member(json, unknown[i]);
    for (size_t i = 0; i < ARRAY_SIZE(zero); i++)
        assert_number(json, zero[i], 0);
    assert_string(json, "comm", "");
    assert_string(json, "capName", "CHOWN");
    assert_string(json, "verdict", "Allow");
    assert_int_equal(cJSON_GetArraySize(member(json, "capsNames")), 0);
    for (; a && b; a = a->next, b = b->next)
        assert_string_equal(a->string, b->string);
    assert_null(a);
    assert_null(b);
    cJSON_Delete(json);
    cJSON_Delete(other);
}

static void test_json_of_a_kernel_from_the_future(UNUSED void **state)
{
    struct capability_event event = sample_event();
    struct record record = { .event = &event };
    cJSON *json;

    event.capability = 55;
    event.syscall = 1000;
    event.flags = EVENT_AUDIT_INFERRED | EVENT_SETUP | EVENT_OVERRIDDEN;
    memset(event.comm, 'x', sizeof(event.comm)); /* no NUL */
    json = print_json(&json_options, &record);
    assert_string(json, "capName", "UNKNOWN (55)");
    assert_string(json, "syscall", "1000");
    assert_string(json, "comm", "xxxxxxxxxxxxxxxx");
    assert_true(cJSON_IsTrue(member(json, "audit_inferred")));
    assert_true(cJSON_IsTrue(member(json, "setup")));
    assert_true(cJSON_IsTrue(member(json, "overridden")));
    cJSON_Delete(json);
}

static void test_json_of_stacks(UNUSED void **state)
{
    static const char *const frames[] = { "capable+0x1\"", "set_one_prio+0x2" };
    struct record_stacks stacks = { .kernel = frames, .kernel_count = 2 };
    struct capability_event event = sample_event();
    struct record record = { .event = &event, .stacks = &stacks };
    cJSON *json;

    event.flags = EVENT_KERNEL_STACK;
    json = print_json(&json_options, &record);
    assert_int_equal(cJSON_GetArraySize(member(json, "kernelStack")), 2);
    assert_string_equal(cJSON_GetArrayItem(member(json, "kernelStack"), 0)->valuestring, frames[0]);
    assert_string_equal(cJSON_GetArrayItem(member(json, "kernelStack"), 1)->valuestring, frames[1]);
    cJSON_Delete(json);
}

static void test_json_of_chosen_fields(UNUSED void **state)
{
    _cleanup_(container_unref)
    struct container *container = sample_container("web");
    struct capability_event event = sample_event();
    struct record record = { .event = &event, .container = container };
    struct sink_options options = json_options;
    const struct field **fields;
    cJSON *json;

    assert_int_equal(sink_fields_parse(&record_fields, "labels,kstack,pid,cgroup", &fields,
                                       &options.field_count, NULL),
                     0);
    options.fields = fields;
    json = print_json(&options, &record);
    assert_int_equal(cJSON_GetArraySize(json), 4);
    assert_string(json, "cgroupPath", "/docker/" SAMPLE_ID);
    assert_string(member(json, "labels"), "tier", "db\n");
    assert_null_member(json, "kernelStack"); /* asked for by name: there, though not taken */
    assert_number(json, "pid", 1234);
    cJSON_Delete(json);
    free(fields);
}

static void test_json_rows_are_lines(UNUSED void **state)
{
    _cleanup_(container_unref)
    struct container *container = sample_container("a\nb");
    struct capability_event event = sample_event();
    struct record record = { .event = &event, .container = container };
    struct record_loss loss = {
        .time_ns = 20, .since_ns = 10, .count = 3, .total = 7, .reason = "ring buffer full"
    };
    struct printer printer;
    size_t lines = 0;
    cJSON *json;

    printer_open(&printer, &json_options);
    for (event.pid = 0; event.pid < 500; event.pid++) {
        event.effective = event.pid / 100; /* some sets come again and again */
        assert_int_equal(sink_row(printer.sink, &record), 0);
    }
    assert_int_equal(sink_loss(printer.sink, &loss), 0);
    assert_int_equal(sink_flush(printer.sink, true), 0);
    (void)printer_text(&printer);
    for (char *line = printer.text, *end; *line; line = end + 1, lines++) {
        end = strchr(line, '\n');
        assert_non_null(end);
        *end = '\0';
        json = cJSON_ParseWithOpts(line, NULL, true);
        assert_non_null(json);
        if (lines < 500) {
            assert_number(json, "pid", (double)lines);
            assert_number(json, "caps", (double)(lines / 100));
            assert_int_equal(cJSON_GetArraySize(member(json, "capsNames")),
                             __builtin_popcountll(lines / 100));
        } else {
            assert_string(json, "type", "lost");
            assert_number(json, "timestamp", 20);
            assert_number(json, "sinceTimestamp", 10);
            assert_number(json, "count", 3);
            assert_number(json, "total", 7);
            assert_string(json, "message", "ring buffer full");
        }
        cJSON_Delete(json);
    }
    assert_int_equal(lines, 501);
    printer_close(&printer);
}

/* Every kind of loss has a name and, once there was one, a key of its own. */
/* What is kept of a container's row is never another's: rows of a sink that has printed many are
 * those of a sink that prints its first. */
static void assert_rows_keep_apart(const struct sink_options *options, struct text *expected)
{
    const struct capability_event event = sample_event();
    struct printer all, alone;

    expected->length = 0;
    printer_open(&all, options);
    for (unsigned int i = 0; i < 200; i++) {
        _cleanup_(container_unref)
        struct container *container = i % 7 ? sample_container("web") : NULL;
        struct record record = { .event = &event, .container = container, .time_ns = i };
        char text[5000] = "";

        (void)snprintf(text, sizeof(text), "%u%*s", i % 20, i % 5 ? 0 : 4990, "");
        if (container && i % 2)
            assert_int_equal(container_set_text(&container->name, text), 0);
        if (container && i % 3)
            assert_int_equal(container_add_label(container, "tier", text), 0);
        for (unsigned int again = 0; again < 2; again++) {
            assert_int_equal(sink_row(all.sink, &record), 0);
            printer_open(&alone, options);
            assert_int_equal(sink_row(alone.sink, &record), 0);
            assert_int_equal(sink_flush(alone.sink, true), 0);
            text_add_string(expected, printer_text(&alone));
            printer_close(&alone);
        }
    }
    assert_int_equal(sink_flush(all.sink, true), 0);
    text_add_char(expected, '\0');
    assert_string_equal(printer_text(&all), expected->data);
    printer_close(&all);
}

static void test_json_of_many_containers(UNUSED void **state)
{
    struct sink_options chosen = json_options, pretty = json_options;
    struct text expected = { 0 };
    const struct field **fields;

    pretty.format = SINK_JSON_PRETTY;
    assert_rows_keep_apart(&json_options, &expected);
    assert_rows_keep_apart(&pretty, &expected);
    assert_int_equal(sink_fields_parse(&record_fields, "image,container,pid,labels,pod", &fields,
                                       &chosen.field_count, NULL),
                     0);
    chosen.fields = fields;
    assert_rows_keep_apart(&chosen, &expected);
    free(fields);
    text_clear(&expected);
}

static void test_json_of_a_loss(UNUSED void **state)
{
    static const char *const keys[] = {
        [LOSS_RING_FULL] = "ringFull",  [LOSS_PREEMPTED] = "preempted",
        [LOSS_UNPAIRED] = "unpaired",   [LOSS_UNREADABLE] = "unreadable",
        [LOSS_UNWRITTEN] = "unwritten",
    };

    assert_int_equal(ARRAY_SIZE(keys), LOSS_KINDS);
    for (unsigned int kind = 0; kind < LOSS_KINDS; kind++) {
        struct record_loss loss = { .count = 1, .total = 5, .reason = loss_name(kind) };
        struct printer printer;
        cJSON *json;

        loss.totals[kind] = 4;
        printer_open(&printer, &json_options);
        assert_int_equal(sink_loss(printer.sink, &loss), 0);
        assert_int_equal(sink_flush(printer.sink, true), 0);
        json = cJSON_ParseWithOpts(printer_text(&printer), NULL, true);
        assert_non_null(json);
        assert_string(json, "message", loss_name(kind));
        assert_number(json, keys[kind], 4);
        assert_int_equal(cJSON_GetArraySize(json), 7);
        assert_int_equal(sink_rows_written(printer.sink), 0);
        cJSON_Delete(json);
        printer_close(&printer);
    }
}

static void test_json_arrays(UNUSED void **state)
{
    static const enum sink_format formats[] = { SINK_JSON, SINK_JSON_PRETTY };
    _cleanup_(container_unref)
    struct container *container = sample_container("web");

    container->state = CONTAINER_STATE_RUNNING;
    for (size_t f = 0; f < ARRAY_SIZE(formats); f++) {
        for (int rows = 0; rows < 4; rows++) {
            struct sink_options options = { .format = formats[f],
                                            .table = &container_fields,
                                            .array = true };
            struct printer printer;
            cJSON *json;

            printer_open(&printer, &options);
            for (int i = 0; i < rows; i++)
                assert_int_equal(sink_row(printer.sink, container), 0);
            assert_int_equal(sink_flush(printer.sink, true), 0);
            json = cJSON_ParseWithOpts(printer_text(&printer), NULL, true);
            assert_true(cJSON_IsArray(json));
            assert_int_equal(cJSON_GetArraySize(json), rows);
            for (const cJSON *row = json->child; row; row = row->next) {
                assert_string(row, "id", SAMPLE_ID);
                assert_string(row, "state", "running");
                assert_string(member(row, "labels"), "tier", "db\n");
                assert_null_member(row, "pid");
            }
            cJSON_Delete(json);
            printer_close(&printer);
        }
    }
}

static void test_pretty_is_the_same_json(UNUSED void **state)
{
    _cleanup_(container_unref)
    struct container *container = sample_container("web");
    struct sink_options pretty = { .format = SINK_JSON_PRETTY, .table = &record_fields };
    struct capability_event event = sample_event();
    struct record record = { .event = &event, .container = container };
    cJSON *first = print_json(&json_options, &record), *second = print_json(&pretty, &record);

    assert_true(cJSON_Compare(first, second, true));
    cJSON_Delete(first);
    cJSON_Delete(second);
}

/* -------- YAML -------- */

static void test_yaml(UNUSED void **state)
{
    _cleanup_(container_unref)
    struct container *container = sample_container("no");
    struct capability_event event = sample_event();
    struct record record = { .event = &event, .container = container };
    struct sink_options options = { .format = SINK_YAML, .table = &record_fields };
    struct record_loss loss = {
        .time_ns = 2, .since_ns = 1, .count = 3, .total = 4, .reason = "x"
    };
    const struct field **fields;
    struct printer printer;

    assert_int_equal(sink_fields_parse(&record_fields,
                                       "container,pod,pid,insetid,capsnames,labels,kstack", &fields,
                                       &options.field_count, NULL),
                     0);
    options.fields = fields;
    printer_open(&printer, &options);
    assert_int_equal(sink_row(printer.sink, &record), 0);
    event.effective = 0;
    record.container = NULL;
    assert_int_equal(sink_row(printer.sink, &record), 0);
    assert_int_equal(sink_loss(printer.sink, &loss), 0);
    assert_int_equal(sink_flush(printer.sink, true), 0);
    assert_string_equal(printer_text(&printer),
                        "---\ncontainer: \"no\"\npod: null\npid: 1234\ninsetid: false\n"
                        "capsNames:\n  - \"CHOWN\"\n  - \"SYS_NICE\"\n  - \"62\"\n"
                        "labels:\n  \"tier\": \"db\\n\"\nkernelStack: null\n"
                        "---\ncontainer: null\npod: null\npid: 1234\ninsetid: false\n"
                        "capsNames: []\nlabels: null\nkernelStack: null\n"
                        "---\ntype: \"lost\"\ntimestamp: 2\nsinceTimestamp: 1\ncount: 3\ntotal: 4\n"
                        "message: \"x\"\n");
    printer_close(&printer);
    free(fields);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_format_parse),
        cmocka_unit_test(test_fields_parse),
        cmocka_unit_test(test_tables),
        cmocka_unit_test(test_json_is_the_record),
        cmocka_unit_test(test_json_of_nothing),
        cmocka_unit_test(test_json_of_a_kernel_from_the_future),
        cmocka_unit_test(test_json_of_stacks),
        cmocka_unit_test(test_json_of_chosen_fields),
        cmocka_unit_test(test_json_rows_are_lines),
        cmocka_unit_test(test_json_of_many_containers),
        cmocka_unit_test(test_json_of_a_loss),
        cmocka_unit_test(test_json_arrays),
        cmocka_unit_test(test_pretty_is_the_same_json),
        cmocka_unit_test(test_yaml),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
