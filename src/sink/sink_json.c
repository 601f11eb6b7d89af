/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JSON: one object a line, or indented for people. Every key is there in every row; what is not
 * known is null, and zero is zero.
 */
#include "src/base/escape.h"
#include "src/model/capability.h"
#include "src/sink/labels.h"
#include "src/sink/sink_private.h"

#define INDENT 2

/* `,"key":` of each field, one after the other; field i from at[i] on. */
struct keys {
    struct text text; /* owned */
    size_t at[SINK_FIELDS_MAX + 1];
};

/* Containers whose constant text is kept. More in turns cost what they would cost without. */
#define MEMOS 8

/* Larger ones are made each time: somebody has chosen long labels. */
#define MEMO_SIZE_MAX 4096

/* What neighbouring fields of a container say: the same in each of its rows. */
struct memo {
    uint64_t edition; /* 0: nothing is kept */
    struct text text; /* owned: keys and values, each behind a comma */
};

struct json {
    struct keys keys[SINK_KINDS];
    struct memo memos[SINK_FIELDS_MAX][MEMOS]; /* of a row: by the first of those fields */
    /* The last capability set as text, as the same one comes many times in a row. */
    struct text set_text; /* owned; empty: none yet */
    uint64_t set;
};

static void json_close(struct sink *sink)
{
    struct json *json = sink->state;

    for (size_t i = 0; i < SINK_KINDS; i++)
        text_clear(&json->keys[i].text);
    for (size_t i = 0; i < SINK_FIELDS_MAX; i++) {
        for (size_t k = 0; k < MEMOS; k++)
            text_clear(&json->memos[i][k].text);
    }
    text_clear(&json->set_text);
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
    struct json *json = sink->state;
    struct text *memo = &json->set_text;

    if (!memo->length || memo->failed || json->set != set) {
        memo->length = 0;
        memo->failed = false;
        json->set = set;
        format_set(memo, set);
    }
    sink->row.failed = sink->row.failed || memo->failed;
    text_add(&sink->row, memo->data, memo->length);
}

static void add_stack(struct text *text, const struct value *value)
{
    text_add_char(text, '[');
    for (size_t i = 0; i < value->frame_count; i++) {
        if (i)
            text_add_char(text, ',');
        escape_json_quoted(text, value->frames[i], strlen(value->frames[i]));
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
        escape_json_quoted(text, value->text, value->length);
        break;
    case VALUE_SET:
        add_set(sink, value->number);
        break;
    case VALUE_LABELS:
        labels_add_json(text, value);
        break;
    case VALUE_STACK:
        add_stack(text, value);
        break;
    }
}

/* Made once: a key costs one copy a row. */
static void prepare_keys(struct keys *keys, const struct sink_layout *layout, size_t indent)
{
    struct text *text = &keys->text;

    for (size_t i = 0; i < layout->field_count; i++) {
        keys->at[i] = text->length;
        text_add_char(text, ',');
        if (indent) {
            text_add_char(text, '\n');
            text_add_spaces(text, indent);
        }
        text_add_char(text, '"');
        text_add_string(text, layout->fields[i]->json);
        text_add_string(text, indent ? "\": " : "\":");
    }
    keys->at[layout->field_count] = text->length;
}

/* Behind a comma. */
static void add_field(struct sink *sink, enum sink_kind kind, size_t number, const void *object)
{
    const struct sink_layout *layout = &sink->layouts[kind];
    const struct keys *keys = &((struct json *)sink->state)->keys[kind];
    const struct field *field = layout->fields[number];
    struct value value = field->get(object);

    if (value.kind == VALUE_NONE && sink_may_skip(layout, field))
        return;
    text_add(&sink->row, keys->text.data + keys->at[number],
             keys->at[number + 1] - keys->at[number]);
    add_value(sink, &value);
}

static void remember(struct memo *memo, uint64_t edition, const char *text, size_t length)
{
    memo->edition = 0;
    memo->text.length = 0;
    memo->text.failed = false;
    if (length > MEMO_SIZE_MAX)
        return;
    text_add(&memo->text, text, length);
    if (!memo->text.failed)
        memo->edition = edition;
}

/* Those from `first` up to `end`. */
static void add_constant_fields(struct sink *sink, size_t first, size_t end, uint64_t edition,
                                const void *object)
{
    struct memo *memo = &((struct json *)sink->state)->memos[first][edition % MEMOS];
    struct text *text = &sink->row;
    size_t start = text->length;

    if (memo->edition == edition) {
        text_add(text, memo->text.data, memo->text.length);
        return;
    }
    for (size_t i = first; i < end; i++)
        add_field(sink, SINK_ROWS, i, object);
    if (!text->failed)
        remember(memo, edition, text->data + start, text->length - start);
}

static bool is_constant(const struct sink_layout *layout, size_t number)
{
    return number < layout->field_count && layout->fields[number]->basis == FIELD_OF_CONTAINER;
}

static void add_fields(struct sink *sink, enum sink_kind kind, const void *object)
{
    const struct sink_layout *layout = &sink->layouts[kind];
    uint64_t edition =
        kind == SINK_ROWS && layout->table->edition ? layout->table->edition(object) : 0;
    size_t end;

    for (size_t i = 0; i < layout->field_count; i = end) {
        end = i + 1;
        if (!edition || !is_constant(layout, i)) {
            add_field(sink, kind, i, object);
            continue;
        }
        while (is_constant(layout, end))
            end++;
        add_constant_fields(sink, i, end, edition, object);
    }
}

static void add_object(struct sink *sink, enum sink_kind kind, const void *object, size_t indent)
{
    struct keys *keys = &((struct json *)sink->state)->keys[kind];
    struct text *text = &sink->row;
    size_t start;

    if (!keys->text.length)
        prepare_keys(keys, &sink->layouts[kind], indent);
    start = text->length;
    add_fields(sink, kind, object);
    if (text->failed)
        return;
    if (text->length > start)
        text->data[start] = '{'; /* in place of the first comma */
    else
        text_add_char(text, '{');
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

static void json_row(struct sink *sink, enum sink_kind kind, const void *object)
{
    before_row(sink);
    add_object(sink, kind, object, 0);
    after_row(sink);
}

static void pretty_row(struct sink *sink, enum sink_kind kind, const void *object)
{
    before_row(sink);
    if (sink->options.array)
        text_add_spaces(&sink->row, INDENT);
    add_object(sink, kind, object, sink->options.array ? 2 * INDENT : INDENT);
    after_row(sink);
}

static void json_flush(struct sink *sink, bool last)
{
    if (last && sink->options.array)
        text_add_string(&sink->row, sink->rows ? "\n]\n" : "[]\n");
}

const struct sink_driver sink_json = {
    .state_size = sizeof(struct json),
    .close = json_close,
    .row = json_row,
    .flush = json_flush,
};

const struct sink_driver sink_json_pretty = {
    .state_size = sizeof(struct json),
    .close = json_close,
    .row = pretty_row,
    .flush = json_flush,
};
