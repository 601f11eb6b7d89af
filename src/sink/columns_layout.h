/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How wide columns are: by what was seen in them, and by the room that there is. Pure. All widths
 * are columns of the terminal.
 */
#pragma once

#include "src/sink/sink_private.h"

struct columns_layout {
    const struct sink_layout *shown;      /* borrowed: which fields, in which order */
    unsigned int usual[SINK_FIELDS_MAX];  /* what a column gets where there is room */
    unsigned int needs[SINK_FIELDS_MAX];  /* of its header and the widest value so far; 0: none */
    unsigned int widths[SINK_FIELDS_MAX]; /* 0: not shown, for want of a value or */
    bool given_up[SINK_FIELDS_MAX];       /* of room */
    unsigned int room;                    /* of a line */
    bool cuts;                            /* what has no room; else lines become longer */
    unsigned int gap;                     /* between two columns */
    bool seen;                            /* a value, so that needs are more than a guess */
    bool made;
};

/* With the columns that are shown from the first row on. `shown` is borrowed. */
void columns_layout_init(struct columns_layout *layout, const struct sink_layout *shown,
                         unsigned int room, bool cuts);

/* Another room, and what was given up for want of it may come back. */
void columns_layout_resize(struct columns_layout *layout, unsigned int room);

/* A value that is `width` wide is about to stand in a column. The layout is made again before the
 * next row when this says true. */
bool columns_layout_note(struct columns_layout *layout, size_t column, unsigned int width);

/* Shares the room out. What has been given to a column stays its own as long as there is room. */
void columns_layout_make(struct columns_layout *layout);

/* The last column that is shown. */
size_t columns_layout_last(const struct columns_layout *layout);
