/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the formats share. A format is one file with a `const struct sink_driver` and a row in
 * SINK_FORMATS. */
#pragma once

#include "src/base/output.h"
#include "src/base/text.h"
#include "src/sink/sink.h"

/* What a sink prints: the rows that it was made for, losses, and notices, each by a table of
 * fields. */
enum sink_kind {
    SINK_ROWS = 0,
    SINK_LOSSES,
    SINK_NOTICES,
    SINK_KINDS,
};

/* row and flush add to sink->row; sink.c moves that to the output. A driver that holds rows back
 * adds nothing, and later hands each over by itself. */
struct sink_driver {
    size_t state_size; /* of sink->state, all zero before `open` and the first row */
    int (*open)(struct sink *sink, struct error *error); /* NULL: nothing can fail */
    void (*close)(struct sink *sink); /* frees what the state owns; NULL: nothing */
    void (*row)(struct sink *sink, enum sink_kind kind, const void *object);
    void (*flush)(struct sink *sink, bool last); /* NULL: nothing is held back */
    /* Checks of the rows that have got where they were to go; NULL: the output knows. */
    uint64_t (*written)(const struct sink *sink);
    bool no_losses; /* the caller says them elsewhere */
    bool notices;   /* which others leave to the caller */
};

#define SINK_FORMAT_DRIVER(number, driver, word) extern const struct sink_driver driver;
SINK_FORMATS(SINK_FORMAT_DRIVER)

#define SINK_FIELDS_MAX 64

struct sink_layout {
    const struct field_table *table;
    const struct field *fields[SINK_FIELDS_MAX]; /* in the order in which they are shown */
    size_t field_count;
    bool chosen; /* by name */
};

struct sink {
    const struct sink_driver *driver;
    struct sink_options options;
    struct output *output; /* borrowed */
    struct sink_layout layouts[SINK_KINDS];
    struct text row; /* owned; empty between calls */
    uint64_t rows;
    int failure; /* of a row that was handed over; negative errno, cleared when it is told */
    void *state; /* owned: the driver's */
};

/* Whether a field without a value may be left out: not when it was asked for by name. */
static inline bool sink_may_skip(const struct sink_layout *layout, const struct field *field)
{
    return field->in_json == FIELD_JSON_IF_SEEN && !layout->chosen;
}

/* What is in sink->row is one whole row. */
void sink_hand_over_row(struct sink *sink);
