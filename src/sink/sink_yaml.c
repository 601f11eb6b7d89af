/* SPDX-License-Identifier: GPL-2.0-or-later */
/* YAML: a document a row. Text is always double-quoted, with JSON's escapes, which YAML shares: so
 * nothing foreign can be read as anything but text. */
#include "src/base/escape.h"
#include "src/model/capability.h"
#include "src/model/container.h"
#include "src/sink/sink_private.h"

static void add_item(struct text *text, const char *string)
{
    text_add_string(text, "\n  - ");
    escape_json_quoted(text, string, strlen(string));
}

static void add_set(struct text *text, uint64_t set)
{
    char number[8];

    if (!set)
        text_add_string(text, " []");
    for (unsigned int i = 0; i < CAPABILITY_MAX; i++) {
        if (!(set >> i & 1))
            continue;
        (void)snprintf(number, sizeof(number), "%u", i);
        add_item(text, capability_name(i) ? capability_name(i) : number);
    }
}

static void add_labels(struct text *text, const struct value *value)
{
    if (!value->label_count)
        text_add_string(text, " {}");
    for (size_t i = 0; i < value->label_count; i++) {
        text_add_string(text, "\n  ");
        escape_json_quoted(text, value->labels[i].key, strlen(value->labels[i].key));
        text_add_string(text, ": ");
        escape_json_quoted(text, value->labels[i].value, strlen(value->labels[i].value));
    }
}

static void add_stack(struct text *text, const struct value *value)
{
    if (!value->frame_count)
        text_add_string(text, " []");
    for (size_t i = 0; i < value->frame_count; i++)
        add_item(text, value->frames[i]);
}

static void add_value(struct text *text, const struct value *value)
{
    if (value->kind == VALUE_SET) {
        add_set(text, value->number);
        return;
    }
    if (value->kind == VALUE_LABELS) {
        add_labels(text, value);
        return;
    }
    if (value->kind == VALUE_STACK) {
        add_stack(text, value);
        return;
    }
    text_add_char(text, ' ');
    if (value->kind == VALUE_NONE)
        text_add_string(text, "null");
    else if (value->kind == VALUE_BOOL)
        text_add_string(text, value->truth ? "true" : "false");
    else if (value->kind == VALUE_TEXT)
        escape_json_quoted(text, value->text, value->length);
    else
        text_add_unsigned(text, value->number);
}

static void yaml_row(struct sink *sink, enum sink_kind kind, const void *object)
{
    const struct sink_layout *layout = &sink->layouts[kind];

    text_add_string(&sink->row, "---\n");
    for (size_t i = 0; i < layout->field_count; i++) {
        const struct field *field = layout->fields[i];
        struct value value = field->get(object);

        if (value.kind == VALUE_NONE && sink_may_skip(layout, field))
            continue;
        text_add_string(&sink->row, field->json);
        text_add_char(&sink->row, ':');
        add_value(&sink->row, &value);
        text_add_char(&sink->row, '\n');
    }
}

const struct sink_driver sink_yaml = {
    .row = yaml_row,
};
