/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/sink/sink_private.h"

#include <errno.h>
#include <strings.h>

#include "src/base/error.h"
#include "src/model/loss.h"
#include "src/model/notice.h"

#define SINK_FORMAT_ROW(number, driver, word) [number] = { word, &driver },

static const struct {
    const char *word; /* as -o takes it */
    const struct sink_driver *driver;
} formats[] = { SINK_FORMATS(SINK_FORMAT_ROW) };

static int unknown_format(const char *text, struct error *error)
{
    struct text known = { 0 };
    int r;

    for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
        text_add_string(&known, formats[i].word);
        text_add_string(&known, i + 1 < ARRAY_SIZE(formats) ? ", " : " or columns=FIELD,...");
    }
    r = error_set(error, -EINVAL, "unknown output format '%s': use %.*s", text, (int)known.length,
                  known.data);
    text_clear(&known);
    return r;
}

int sink_format_parse(const char *text, enum sink_format *ret_format, const char **ret_fields,
                      struct error *error)
{
    static const char *const lists[] = { SINK_LIST_WORDS };

    *ret_fields = NULL;
    for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
        if (strcmp(text, formats[i].word) == 0) {
            *ret_format = (enum sink_format)i;
            return 0;
        }
    }
    for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
        size_t length = strlen(lists[i]);

        if (strncmp(text, lists[i], length) == 0 && text[length]) {
            *ret_format = SINK_COLUMNS;
            *ret_fields = text + length;
            return 0;
        }
    }
    return unknown_format(text, error);
}

static bool contains(const struct field *const *fields, size_t count, const struct field *field)
{
    for (size_t i = 0; i < count; i++) {
        if (fields[i] == field)
            return true;
    }
    return false;
}

int sink_fields_parse(const struct field_table *table, const char *list,
                      const struct field ***ret_fields, size_t *ret_count, struct error *error)
{
    const struct field **fields = calloc(table->count, sizeof(*fields));
    size_t count = 0;

    if (!fields)
        return error_set(error, -ENOMEM, "out of memory");
    for (const char *word = list;; word++) {
        size_t length = strcspn(word, ",");
        const struct field *field = field_find(table, word, length);

        if (!field) {
            free(fields);
            return length ? field_unknown(table, word, length, error)
                          : error_set(error, -EINVAL, "'%.100s' has an empty word in it", list);
        }
        if (!contains(fields, count, field))
            fields[count++] = field;
        word += length;
        if (!*word)
            break;
    }
    *ret_fields = fields;
    *ret_count = count;
    return 0;
}

/* What is shown when nobody has chosen. */
static bool is_default(const struct field *field, enum sink_format format)
{
    if (format == SINK_COLUMNS)
        return field->visibility != FIELD_HIDDEN;
    if (format == SINK_JOURNAL)
        return true;
    return field->in_json != FIELD_JSON_NAMED;
}

/* Stacks stand below a row of columns, not in one. */
static void lay_out(struct sink_layout *layout, const struct sink_options *options)
{
    layout->table = options->table;
    layout->chosen = options->fields;
    for (size_t i = 0; i < options->field_count && i < SINK_FIELDS_MAX; i++) {
        if (options->format != SINK_COLUMNS || options->fields[i]->kind != VALUE_STACK)
            layout->fields[layout->field_count++] = options->fields[i];
    }
    for (size_t i = 0; !options->fields && i < options->table->count; i++) {
        if (is_default(&options->table->fields[i], options->format))
            layout->fields[layout->field_count++] = &options->table->fields[i];
    }
}

static int make_sink(const struct sink_options *options, struct output *output,
                     struct sink **ret_sink)
{
    const struct sink_options losses = { .format = options->format, .table = &loss_fields };
    const struct sink_options notices = { .format = options->format, .table = &notice_fields };
    _cleanup_(sink_free)
    struct sink *sink = calloc(1, sizeof(*sink));

    if (!sink)
        return -ENOMEM;
    sink->driver = formats[options->format].driver;
    sink->options = *options;
    sink->output = output;
    lay_out(&sink->layouts[SINK_ROWS], options);
    lay_out(&sink->layouts[SINK_LOSSES], &losses);
    lay_out(&sink->layouts[SINK_NOTICES], &notices);
    if (sink->driver->state_size) {
        sink->state = calloc(1, sink->driver->state_size);
        if (!sink->state)
            return -ENOMEM;
    }
    *ret_sink = TAKE_PTR(sink);
    return 0;
}

int sink_new(const struct sink_options *options, struct output *output, struct sink **ret_sink,
             struct error *error)
{
    _cleanup_(sink_free)
    struct sink *sink = NULL;
    int r = make_sink(options, output, &sink);

    if (r < 0)
        return error_set(error, r, "cannot prepare the output: %s", strerror(-r));
    r = sink->driver->open ? sink->driver->open(sink, error) : 0;
    if (r >= 0)
        *ret_sink = TAKE_PTR(sink);
    return r;
}

void sink_free(struct sink **sink)
{
    if (!*sink)
        return;
    if ((*sink)->driver->close && (*sink)->state)
        (*sink)->driver->close(*sink);
    free((*sink)->state);
    text_clear(&(*sink)->row);
    free(*sink);
    *sink = NULL;
}

static int hand_over(struct sink *sink, int (*append)(struct output *, const char *, size_t))
{
    int r = sink->row.failed ? -ENOMEM : append(sink->output, sink->row.data, sink->row.length);

    sink->row.length = 0;
    sink->row.failed = false;
    return r;
}

void sink_hand_over_row(struct sink *sink)
{
    int r;

    if (!sink->row.length && !sink->row.failed)
        return; /* held back */
    r = hand_over(sink, output_append_record);
    if (r < 0)
        sink->failure = r;
}

static int take_failure(struct sink *sink)
{
    int r = sink->failure;

    sink->failure = 0;
    return r;
}

int sink_row(struct sink *sink, const void *object)
{
    sink->driver->row(sink, SINK_ROWS, object);
    sink->rows++;
    sink_hand_over_row(sink);
    return take_failure(sink);
}

uint64_t sink_rows_written(const struct sink *sink)
{
    return sink->driver->written ? sink->driver->written(sink) : sink->output->records;
}

int sink_loss(struct sink *sink, const struct record_loss *loss)
{
    if (sink->driver->no_losses)
        return 0;
    sink->driver->row(sink, SINK_LOSSES, loss);
    return hand_over(sink, output_append);
}

int sink_notice(struct sink *sink, const struct notice *notice)
{
    if (!sink->driver->notices)
        return 0;
    sink->driver->row(sink, SINK_NOTICES, notice);
    return hand_over(sink, output_append);
}

int sink_flush(struct sink *sink, bool last)
{
    int r;

    if (sink->driver->flush)
        sink->driver->flush(sink, last);
    r = hand_over(sink, output_append);
    if (r >= 0)
        r = take_failure(sink);
    return r < 0 ? r : output_flush(sink->output);
}
