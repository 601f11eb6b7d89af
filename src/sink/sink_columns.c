/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Aligned columns for people. Rows never wrap: the room of the terminal is shared out before the
 * first row, and what does not fit is cut with an ellipsis. In a pipe nothing is cut.
 */
#include "src/base/escape.h"
#include "src/model/capability.h"
#include "src/model/container.h"
#include "src/sink/sink_private.h"

/* What columns are laid out for where nothing is cut: most values of most rows stand in line. */
#define UNCUT_WIDTH   120

#define GAP_WIDE      2
#define GAP_NARROW    1

#define COLOUR_HEADER "\033[1m"
#define COLOUR_GOOD   "\033[32m"
#define COLOUR_BAD    "\033[31m"
#define COLOUR_END    "\033[0m"

struct columns {
    unsigned int widths[SINK_FIELDS_MAX]; /* 0: not shown yet, or */
    bool hidden[SINK_FIELDS_MAX];         /* never, for want of room */
    unsigned int gap;
    bool header_done;
};

static struct columns *columns_of(const struct sink *sink)
{
    return sink->state;
}

/* -------- widths -------- */

static unsigned int total_width(const struct sink *sink)
{
    unsigned int total = 0;

    for (size_t i = 0; i < sink->layouts[SINK_ROWS].field_count; i++)
        total += columns_of(sink)->widths[i]
                     ? columns_of(sink)->widths[i] + (total ? columns_of(sink)->gap : 0)
                     : 0;
    return total;
}

/* One column of room to each that can use it, in turn, until there is none left. */
static void grow(struct sink *sink, unsigned int room)
{
    bool grown = true;

    while (grown) {
        grown = false;
        for (size_t i = 0; i < sink->layouts[SINK_ROWS].field_count; i++) {
            if (!columns_of(sink)->widths[i] ||
                columns_of(sink)->widths[i] >= sink->layouts[SINK_ROWS].fields[i]->max_width ||
                total_width(sink) >= room)
                continue;
            columns_of(sink)->widths[i]++;
            grown = true;
        }
    }
}

/* Where even one column of the terminal for each is too much, the last ones are not shown. */
static void hide_last(struct sink *sink)
{
    for (size_t i = sink->layouts[SINK_ROWS].field_count; i-- > 1;) {
        if (total_width(sink) <= sink->options.width)
            return;
        columns_of(sink)->widths[i] = 0;
        columns_of(sink)->hidden[i] = true;
    }
}

/* Takes from the widest until all fit. */
static void shrink(struct sink *sink)
{
    while (total_width(sink) > sink->options.width) {
        size_t widest = 0;

        for (size_t i = 1; i < sink->layouts[SINK_ROWS].field_count; i++) {
            if (columns_of(sink)->widths[i] > columns_of(sink)->widths[widest])
                widest = i;
        }
        if (columns_of(sink)->widths[widest] <= 1) {
            hide_last(sink);
            return;
        }
        columns_of(sink)->widths[widest]--;
    }
}

static void share_out(struct sink *sink)
{
    columns_of(sink)->gap = GAP_WIDE;
    for (size_t i = 0; i < sink->layouts[SINK_ROWS].field_count; i++) {
        const struct field *field = sink->layouts[SINK_ROWS].fields[i];

        if (columns_of(sink)->hidden[i])
            continue;
        if (columns_of(sink)->widths[i] || field->visibility != FIELD_IF_SEEN ||
            sink->options.fields)
            columns_of(sink)->widths[i] =
                MAX(field->min_width, (unsigned int)strlen(field->header));
    }
    if (!sink->options.width) {
        grow(sink, UNCUT_WIDTH);
        return;
    }
    if (total_width(sink) > sink->options.width)
        columns_of(sink)->gap = GAP_NARROW;
    shrink(sink);
    grow(sink, sink->options.width);
}

/* -------- cells -------- */

static void format_labels(struct text *text, const struct value *value)
{
    for (size_t i = 0; i < value->label_count; i++) {
        text_add_string(text, i ? "," : "");
        text_add_string(text, value->labels[i].key);
        text_add_char(text, '=');
        text_add_string(text, value->labels[i].value);
    }
}

/* As text that is still foreign. */
static void format_value(struct text *text, const struct value *value)
{
    size_t length;
    const char *names;

    switch (value->kind) {
    case VALUE_NONE:
    case VALUE_STACK: /* below the row */
        break;
    case VALUE_UNSIGNED:
        text_add_unsigned(text, value->number);
        break;
    case VALUE_HEX:
        text_add_hex(text, value->number);
        break;
    case VALUE_BOOL:
        text_add_string(text, value->truth ? "true" : "false");
        break;
    case VALUE_TEXT:
        text_add(text, value->text, value->length);
        break;
    case VALUE_TIME:
        text_add_time(text, value->number);
        break;
    case VALUE_SET:
        names = capability_set_names(value->number, &length);
        text_add(text, names, length);
        break;
    case VALUE_LABELS:
        format_labels(text, value);
        break;
    }
    if (value->uncertain && value->kind != VALUE_NONE)
        text_add_char(text, '?');
}

static void add_cell(struct sink *sink, size_t column, const char *bytes, size_t length,
                     const char *colour, bool last)
{
    const struct field *field = sink->layouts[SINK_ROWS].fields[column];
    size_t width = columns_of(sink)->widths[column], limit = sink->options.width ? width : 0, used;

    if (colour)
        text_add_string(&sink->row, colour);
    used = escape_terminal(&sink->row, bytes, length, limit, field->cut_in_middle);
    if (colour)
        text_add_string(&sink->row, COLOUR_END);
    if (!last)
        text_add_spaces(&sink->row, (used < width ? width - used : 0) + columns_of(sink)->gap);
}

static size_t last_column(const struct sink *sink)
{
    size_t last = 0;

    for (size_t i = 0; i < sink->layouts[SINK_ROWS].field_count; i++) {
        if (columns_of(sink)->widths[i])
            last = i;
    }
    return last;
}

static void add_header(struct sink *sink)
{
    size_t last = last_column(sink);

    columns_of(sink)->header_done = true;
    if (!sink->options.header)
        return;
    for (size_t i = 0; i < sink->layouts[SINK_ROWS].field_count; i++) {
        const char *header = sink->layouts[SINK_ROWS].fields[i]->header;

        if (columns_of(sink)->widths[i])
            add_cell(sink, i, header, strlen(header), sink->options.colour ? COLOUR_HEADER : NULL,
                     i == last);
    }
    text_add_char(&sink->row, '\n');
}

static void add_stacks(struct sink *sink, const void *object)
{
    for (size_t i = 0; i < sink->options.table->count; i++) {
        const struct field *field = &sink->options.table->fields[i];
        struct value value;

        if (field->kind != VALUE_STACK)
            continue;
        value = field->get(object);
        for (size_t k = 0; value.kind == VALUE_STACK && k < value.frame_count; k++) {
            size_t width = sink->options.width > 4 ? sink->options.width - 4 : 0;

            text_add_spaces(&sink->row, 4);
            (void)escape_terminal(&sink->row, value.frames[k], strlen(value.frames[k]), width,
                                  false);
            text_add_char(&sink->row, '\n');
        }
    }
}

/* -------- rows -------- */

static const char *colour_of(const struct sink *sink, const struct value *value)
{
    if (!sink->options.colour || value->tone == TONE_NONE)
        return NULL;
    return value->tone == TONE_GOOD ? COLOUR_GOOD : COLOUR_BAD;
}

/* A column that had nothing to show so far has a value now. */
static bool uncover(struct sink *sink, const void *object)
{
    bool uncovered = false;

    for (size_t i = 0; i < sink->layouts[SINK_ROWS].field_count; i++) {
        if (!columns_of(sink)->widths[i] && !columns_of(sink)->hidden[i] &&
            sink->layouts[SINK_ROWS].fields[i]->get(object).kind != VALUE_NONE) {
            columns_of(sink)->widths[i] = 1;
            uncovered = true;
        }
    }
    return uncovered;
}

/* Where a whole time does not fit, its hours and minutes say more than the date: bytes to leave out
 * in front, 0 for all else. */
static size_t date_to_skip(const struct sink *sink, size_t column, const struct value *value,
                           size_t length)
{
    size_t date = strlen("2026-11-23T");

    if (value->kind != VALUE_TIME || !sink->options.width ||
        length <= columns_of(sink)->widths[column] || length <= date)
        return 0;
    return date;
}

static void columns_row(struct sink *sink, UNUSED enum sink_kind kind, const void *object)
{
    struct text cell = { 0 };
    bool fresh = !columns_of(sink)->header_done;

    if (fresh)
        share_out(sink);
    if (uncover(sink, object)) {
        share_out(sink);
        fresh = true;
    }
    if (fresh)
        add_header(sink);
    for (size_t i = 0, last = last_column(sink); i < sink->layouts[SINK_ROWS].field_count; i++) {
        struct value value;
        size_t from;

        if (!columns_of(sink)->widths[i])
            continue;
        value = sink->layouts[SINK_ROWS].fields[i]->get(object);
        cell.length = 0;
        format_value(&cell, &value);
        from = date_to_skip(sink, i, &value, cell.length);
        add_cell(sink, i, cell.data + from,
                 from ? MIN(cell.length - from, columns_of(sink)->widths[i]) : cell.length,
                 colour_of(sink, &value), i == last);
    }
    text_add_char(&sink->row, '\n');
    add_stacks(sink, object);
    sink->row.failed = sink->row.failed || cell.failed;
    text_clear(&cell);
}

static void columns_flush(struct sink *sink, UNUSED bool last)
{
    if (columns_of(sink)->header_done)
        return;
    share_out(sink); /* nothing yet: the header says that we are there */
    add_header(sink);
}

const struct sink_driver sink_columns = {
    .state_size = sizeof(struct columns),
    .no_losses = true,
    .row = columns_row,
    .flush = columns_flush,
};
