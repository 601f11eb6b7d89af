/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JSON: one object a line, or indented for people. Every key is there in every row; what is not
 * known is null, and zero is zero.
 */
#include "src/base/escape.h"
#include "src/model/capability.h"
#include "src/model/container.h"
#include "src/sink/sink_private.h"

#define INDENT 2

static void add_string(struct text *text, const char *bytes, size_t length)
{
    text_add_char(text, '"');
    escape_json(text, bytes, length);
    text_add_char(text, '"');
}

static void format_set(struct text *text, uint64_t set)
{
    bool first = true;

    text_add_char(text, '[');
    for (unsigned int i = 0; i < CAPABILITY_MAX; i++) {
        if (!(set >> i & 1))
            continue;
        text_add_string(text, first ? "\"" : ",\"");
        if (capability_name(i))
            text_add_string(text, capability_name(i));
        else
            text_add_unsigned(text, i);
        text_add_char(text, '"');
        first = false;
    }
    text_add_char(text, ']');
}

static void add_set(struct sink *sink, uint64_t set)
{
    struct text *memo = &sink->set_text;

    if (!memo->length || memo->failed || sink->set != set) {
        memo->length = 0;
        memo->failed = false;
        sink->set = set;
        format_set(memo, set);
    }
    sink->row.failed = sink->row.failed || memo->failed;
    text_add(&sink->row, memo->data, memo->length);
}

static void add_labels(struct text *text, const struct value *value)
{
    text_add_char(text, '{');
    for (size_t i = 0; i < value->label_count; i++) {
        const struct label *label = &value->labels[i];

        if (i)
            text_add_char(text, ',');
        add_string(text, label->key, strlen(label->key));
        text_add_char(text, ':');
        add_string(text, label->value, strlen(label->value));
    }
    text_add_char(text, '}');
}

static void add_stack(struct text *text, const struct value *value)
{
    text_add_char(text, '[');
    for (size_t i = 0; i < value->frame_count; i++) {
        if (i)
            text_add_char(text, ',');
        add_string(text, value->frames[i], strlen(value->frames[i]));
    }
    text_add_char(text, ']');
}

static void add_value(struct sink *sink, const struct value *value)
{
    struct text *text = &sink->row;

    switch (value->kind) {
    case VALUE_NONE:
        text_add_string(text, "null");
        break;
    case VALUE_UNSIGNED:
    case VALUE_HEX:
    case VALUE_TIME:
        text_add_unsigned(text, value->number);
        break;
    case VALUE_BOOL:
        text_add_string(text, value->truth ? "true" : "false");
        break;
    case VALUE_TEXT:
        add_string(text, value->text, value->length);
        break;
    case VALUE_SET:
        add_set(sink, value->number);
        break;
    case VALUE_LABELS:
        add_labels(text, value);
        break;
    case VALUE_STACK:
        add_stack(text, value);
        break;
    }
}

/* Made once: a key costs one copy a row. */
static void prepare_keys(struct sink *sink, size_t indent)
{
    for (size_t i = 0; i < sink->field_count; i++) {
        sink->key_at[i] = sink->keys.length;
        text_add_char(&sink->keys, ',');
        if (indent) {
            text_add_char(&sink->keys, '\n');
            text_add_spaces(&sink->keys, indent);
        }
        text_add_char(&sink->keys, '"');
        text_add_string(&sink->keys, sink->fields[i]->json);
        text_add_string(&sink->keys, indent ? "\": " : "\":");
    }
    sink->key_at[sink->field_count] = sink->keys.length;
}

static void add_object(struct sink *sink, const void *object, size_t indent)
{
    struct text *text = &sink->row;
    size_t comma = 1; /* left out before the first key */

    if (!sink->keys.length)
        prepare_keys(sink, indent);
    text_add_char(text, '{');
    for (size_t i = 0; i < sink->field_count; i++) {
        const struct field *field = sink->fields[i];
        struct value value = field->get(object);

        if (value.kind == VALUE_NONE && sink_may_skip(sink, field))
            continue;
        text_add(text, sink->keys.data + sink->key_at[i] + comma,
                 sink->key_at[i + 1] - sink->key_at[i] - comma);
        add_value(sink, &value);
        comma = 0;
    }
    if (indent) {
        text_add_char(text, '\n');
        text_add_spaces(text, indent - INDENT);
    }
    text_add_char(text, '}');
}

/* A finite list is one array. */
static void before_row(struct sink *sink)
{
    if (sink->options.array)
        text_add_string(&sink->row, sink->rows ? ",\n" : "[\n");
}

static void after_row(struct sink *sink)
{
    if (!sink->options.array)
        text_add_char(&sink->row, '\n');
}

static void json_row(struct sink *sink, const void *object)
{
    before_row(sink);
    add_object(sink, object, 0);
    after_row(sink);
}

static void pretty_row(struct sink *sink, const void *object)
{
    before_row(sink);
    if (sink->options.array)
        text_add_spaces(&sink->row, INDENT);
    add_object(sink, object, sink->options.array ? 2 * INDENT : INDENT);
    after_row(sink);
}

static void json_loss(struct sink *sink, const struct record_loss *loss)
{
    struct text *text = &sink->row;

    text_add_string(text, "{\"type\":\"lost\",\"timestamp\":");
    text_add_unsigned(text, loss->time_ns);
    text_add_string(text, ",\"sinceTimestamp\":");
    text_add_unsigned(text, loss->since_ns);
    text_add_string(text, ",\"count\":");
    text_add_unsigned(text, loss->count);
    text_add_string(text, ",\"total\":");
    text_add_unsigned(text, loss->total);
    text_add_string(text, ",\"message\":");
    add_string(text, loss->reason, strlen(loss->reason));
    text_add_string(text, "}\n");
}

static void json_flush(struct sink *sink, bool last)
{
    if (last && sink->options.array)
        text_add_string(&sink->row, sink->rows ? "\n]\n" : "[]\n");
}

const struct sink_driver sink_json = {
    .row = json_row,
    .loss = json_loss,
    .flush = json_flush,
};

const struct sink_driver sink_json_pretty = {
    .row = pretty_row,
    .loss = json_loss,
    .flush = json_flush,
};
