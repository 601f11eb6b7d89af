/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the formats share. A format is one file with a `const struct sink_driver` and a row in
 * SINK_FORMATS. */
#pragma once

#include "src/base/output.h"
#include "src/base/text.h"
#include "src/model/record.h"
#include "src/sink/sink.h"

/* Each adds to sink->row; sink.c moves that to the output. */
struct sink_driver {
    void (*row)(struct sink *sink, const void *object);
    void (*loss)(struct sink *sink, const struct record_loss *loss); /* NULL: nothing is shown */
    void (*flush)(struct sink *sink, bool last); /* NULL: nothing is held back */
};

#define SINK_FORMAT_DRIVER(number, driver, word) extern const struct sink_driver driver;
SINK_FORMATS(SINK_FORMAT_DRIVER)

#define SINK_FIELDS_MAX 64

struct sink {
    const struct sink_driver *driver;
    struct sink_options options;
    struct output *output;                       /* borrowed */
    const struct field *fields[SINK_FIELDS_MAX]; /* in the order in which they are shown */
    size_t field_count;
    struct text row; /* owned; empty between calls */
    uint64_t rows;
    /* JSON only: `,"key":` of each field, one after the other; field i from key_at[i] on */
    struct text keys; /* owned */
    size_t key_at[SINK_FIELDS_MAX + 1];
    /* JSON only: the last capability set as text, as the same one comes many times in a row */
    struct text set_text; /* owned; empty: none yet */
    uint64_t set;
    /* columns only */
    unsigned int widths[SINK_FIELDS_MAX]; /* 0: not shown yet, or */
    bool hidden[SINK_FIELDS_MAX];         /* never, for want of room */
    unsigned int gap;
    bool header_done;
};

/* Whether a field without a value may be left out: not when it was asked for by name. */
static inline bool sink_may_skip(const struct sink *sink, const struct field *field)
{
    return field->in_json == FIELD_JSON_IF_SEEN && !sink->options.fields;
}
