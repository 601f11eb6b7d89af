/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Aligned columns for people. Rows never wrap on a terminal: columns share its width out by what is
 * in them, and what does not fit is cut with an ellipsis. In a pipe nothing is cut.
 */
#include "src/base/escape.h"
#include "src/base/terminal.h"
#include "src/model/capability.h"
#include "src/model/container.h"
#include "src/sink/columns_layout.h"

/* Rows that wait for the end of the first batch, so that columns fit all of them. */
#define HELD_ROWS_MAX  1024
#define HELD_BYTES_MAX (1U << 20)

#define STACK_INDENT   4

#define COLOUR_HEADER  "\033[1m"
#define COLOUR_GOOD    "\033[32m"
#define COLOUR_BAD     "\033[31m"
#define COLOUR_END     "\033[0m"

/* A value as it is shown where there is room. */
struct cell {
    size_t start; /* in columns.bytes */
    size_t length;
    size_t width;
    enum value_kind kind;
    enum value_tone tone;
};

struct columns {
    struct columns_layout layout;
    struct text bytes;   /* owned: of the cells of rows that are not printed yet */
    struct text foreign; /* owned; empty between calls */
    struct cell *cells;  /* owned: a row after the other, its stacks as the last cell of each */
    size_t rows;         /* held */
    size_t rows_size;
    unsigned int height; /* of the terminal; 0: none */
    unsigned int lines;  /* below the header that was printed last */
    bool measured;       /* the terminal's size, for this batch */
    bool header_due;
};

static struct columns *columns_of(const struct sink *sink)
{
    return sink->state;
}

static size_t cells_per_row(const struct sink *sink)
{
    return sink->layouts[SINK_ROWS].field_count + 1;
}

/* -------- from a row to cells -------- */

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

static void make_cell(struct columns *columns, struct cell *cell, const struct value *value)
{
    struct text *foreign = &columns->foreign;

    foreign->length = 0;
    format_value(foreign, value);
    *cell = (struct cell){
        .start = columns->bytes.length,
        .kind = value->kind,
        .tone = value->tone,
        .width = escape_terminal(&columns->bytes, foreign->data, foreign->length, 0, false),
    };
    cell->length = columns->bytes.length - cell->start;
}

/* A line for each frame. */
static void make_stacks(struct sink *sink, struct cell *cell, const void *object)
{
    struct text *bytes = &columns_of(sink)->bytes;

    *cell = (struct cell){ .start = bytes->length, .kind = VALUE_STACK };
    for (size_t i = 0; i < sink->options.table->count; i++) {
        const struct field *field = &sink->options.table->fields[i];
        struct value value;

        if (field->kind != VALUE_STACK)
            continue;
        value = field->get(object);
        for (size_t k = 0; value.kind == VALUE_STACK && k < value.frame_count; k++) {
            (void)escape_terminal(bytes, value.frames[k], strlen(value.frames[k]), 0, false);
            text_add_char(bytes, '\n');
        }
    }
    /* Without memory the end of a line may be missing, by which they are told apart. */
    cell->length = bytes->failed ? 0 : bytes->length - cell->start;
}

static struct cell *new_row(struct sink *sink)
{
    struct columns *columns = columns_of(sink);
    size_t count = cells_per_row(sink);

    if (columns->rows == columns->rows_size) {
        size_t size = MAX(columns->rows_size * 2, 1U);
        struct cell *cells = reallocarray(columns->cells, size * count, sizeof(*cells));

        if (!cells) {
            sink->row.failed = true;
            return NULL;
        }
        columns->cells = cells;
        columns->rows_size = size;
    }
    return columns->cells + columns->rows++ * count;
}

/* Whether the layout has to be made again for it. */
static bool add_row(struct sink *sink, const void *object)
{
    struct columns *columns = columns_of(sink);
    struct cell *cells = new_row(sink);
    bool outgrown = false;

    if (!cells)
        return false;
    for (size_t i = 0; i < sink->layouts[SINK_ROWS].field_count; i++) {
        struct value value = sink->layouts[SINK_ROWS].fields[i]->get(object);

        make_cell(columns, &cells[i], &value);
        if (value.kind != VALUE_NONE &&
            columns_layout_note(&columns->layout, i, (unsigned int)cells[i].width))
            outgrown = true;
    }
    make_stacks(sink, &cells[sink->layouts[SINK_ROWS].field_count], object);
    sink->row.failed = sink->row.failed || columns->foreign.failed || columns->bytes.failed;
    columns->foreign.failed = false;
    return outgrown;
}

/* -------- from cells to lines -------- */

static const char *colour_of(const struct sink *sink, enum value_tone tone)
{
    if (!sink->options.colour || tone == TONE_NONE)
        return NULL;
    return tone == TONE_GOOD ? COLOUR_GOOD : COLOUR_BAD;
}

static bool is_number(const struct field *field)
{
    return field->kind == VALUE_UNSIGNED || field->kind == VALUE_HEX;
}

/* Where a whole time does not fit, its hours and minutes say more than the date: bytes to leave out
 * in front. */
static size_t date_to_skip(const struct cell *cell, size_t room)
{
    size_t date = strlen("2026-11-23T");

    return cell->kind == VALUE_TIME && cell->width > room && cell->length > date ? date : 0;
}

static size_t place_text(struct sink *sink, const struct field *field, const struct cell *cell,
                         const char *bytes, size_t width)
{
    size_t skipped = date_to_skip(cell, width), length = cell->length - skipped;

    if (!sink->options.width || cell->width <= width) {
        text_add(&sink->row, bytes, cell->length);
        return cell->width;
    }
    if (skipped)
        length = MIN(length, width);
    return escape_terminal(&sink->row, bytes + skipped, length, width, field->cut_in_middle);
}

static void place_cell(struct sink *sink, size_t column, const struct cell *cell, const char *bytes,
                       const char *colour, bool last)
{
    const struct columns_layout *layout = &columns_of(sink)->layout;
    const struct field *field = sink->layouts[SINK_ROWS].fields[column];
    size_t width = layout->widths[column], used;

    if (is_number(field) && cell->width < width)
        text_add_spaces(&sink->row, width - cell->width);
    if (colour)
        text_add_string(&sink->row, colour);
    used = place_text(sink, field, cell, bytes, width);
    if (colour)
        text_add_string(&sink->row, COLOUR_END);
    if (is_number(field) && used < width)
        used = width;
    if (!last)
        text_add_spaces(&sink->row, (used < width ? width - used : 0) + layout->gap);
}

static void place_stacks(struct sink *sink, const char *bytes, size_t length)
{
    size_t room = sink->options.width > STACK_INDENT ? sink->options.width - STACK_INDENT : 0;

    while (length) {
        size_t line = (size_t)((const char *)memchr(bytes, '\n', length) - bytes);

        text_add_spaces(&sink->row, STACK_INDENT);
        (void)escape_terminal(&sink->row, bytes, line, room, false);
        text_add_char(&sink->row, '\n');
        columns_of(sink)->lines++;
        bytes += line + 1;
        length -= line + 1;
    }
}

static void place_header(struct sink *sink)
{
    struct columns *columns = columns_of(sink);
    size_t last = columns_layout_last(&columns->layout);

    columns->header_due = false;
    columns->lines = 1;
    if (!sink->options.header)
        return;
    for (size_t i = 0; i <= last; i++) {
        const char *header = sink->layouts[SINK_ROWS].fields[i]->header;
        struct cell cell = { .length = strlen(header), .width = strlen(header) };

        if (columns->layout.widths[i])
            place_cell(sink, i, &cell, header, sink->options.colour ? COLOUR_HEADER : NULL,
                       i == last);
    }
    text_add_char(&sink->row, '\n');
}

static void place_row(struct sink *sink, const struct cell *cells)
{
    struct columns *columns = columns_of(sink);
    const struct cell *stacks = &cells[sink->layouts[SINK_ROWS].field_count];
    size_t last = columns_layout_last(&columns->layout);

    if (columns->header_due || (columns->height && columns->lines >= columns->height))
        place_header(sink);
    for (size_t i = 0; i <= last; i++) {
        if (columns->layout.widths[i])
            place_cell(sink, i, &cells[i], columns->bytes.data + cells[i].start,
                       colour_of(sink, cells[i].tone), i == last);
    }
    text_add_char(&sink->row, '\n');
    columns->lines++;
    if (stacks->length)
        place_stacks(sink, columns->bytes.data + stacks->start, stacks->length);
}

/* -------- rows -------- */

/* Of columns that had nothing to show so far their header says what they are. */
static size_t columns_shown(const struct columns_layout *layout)
{
    size_t count = 0;

    for (size_t i = 0; i < layout->shown->field_count; i++)
        count += layout->widths[i] > 0;
    return count;
}

static void lay_out(struct columns *columns)
{
    size_t shown = columns->layout.made ? columns_shown(&columns->layout) : 0;

    columns_layout_make(&columns->layout);
    if (columns_shown(&columns->layout) != shown)
        columns->header_due = true;
}

/* Rows and columns of the terminal are asked for once a batch: a window may be made larger. */
static void measure_terminal(struct sink *sink)
{
    struct columns *columns = columns_of(sink);
    struct terminal_size size;

    if (columns->measured)
        return;
    columns->measured = true;
    if (!columns->layout.shown)
        columns_layout_init(&columns->layout, &sink->layouts[SINK_ROWS],
                            sink->options.width ? sink->options.width : sink->options.aim,
                            sink->options.width > 0);
    if (!sink->options.follow || !terminal_size(sink->output->fd, &size))
        return;
    columns->height = size.rows;
    if (size.columns == sink->options.width)
        return;
    sink->options.width = size.columns;
    columns_layout_resize(&columns->layout, size.columns);
    columns->header_due = true;
}

static void print_held(struct sink *sink)
{
    struct columns *columns = columns_of(sink);

    for (size_t i = 0; i < columns->rows; i++) {
        place_row(sink, columns->cells + i * cells_per_row(sink));
        sink_hand_over_row(sink);
    }
    columns->rows = 0;
    columns->bytes.length = 0;
    columns->bytes.failed = false;
}

static void columns_row(struct sink *sink, UNUSED enum sink_kind kind, const void *object)
{
    struct columns *columns = columns_of(sink);
    bool outgrown;

    measure_terminal(sink);
    outgrown = add_row(sink, object);
    if (!columns->layout.made) {
        if (columns->rows < HELD_ROWS_MAX && columns->bytes.length < HELD_BYTES_MAX)
            return;
        outgrown = true;
    }
    if (outgrown)
        lay_out(columns);
    print_held(sink);
}

static void columns_flush(struct sink *sink, UNUSED bool last)
{
    struct columns *columns = columns_of(sink);

    measure_terminal(sink);
    if (!columns->layout.made)
        lay_out(columns);
    if (columns->header_due && !columns->rows && !columns->lines)
        place_header(sink); /* nothing yet: it says that we are there */
    print_held(sink);
    columns->measured = false;
}

static void columns_close(struct sink *sink)
{
    text_clear(&columns_of(sink)->bytes);
    text_clear(&columns_of(sink)->foreign);
    free(columns_of(sink)->cells);
}

const struct sink_driver sink_columns = {
    .state_size = sizeof(struct columns),
    .no_losses = true,
    .close = columns_close,
    .row = columns_row,
    .flush = columns_flush,
};
