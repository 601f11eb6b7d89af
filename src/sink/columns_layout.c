/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/sink/columns_layout.h"

#define GAP_WIDE   2
#define GAP_NARROW 1

/* Of a name that is cut this much should be left, before another column is given up for it. */
#define NAME_LEFT 8

/* How far down columns may be taken, the mildest way first. */
enum squeeze {
    SQUEEZE_PADDING = 0, /* to what they need */
    SQUEEZE_LONG_NAMES,  /* to what names usually need at most */
    SQUEEZE_NAMES,       /* to what still tells a name from another */
    SQUEEZE_ALL_NAMES,   /* to nothing but an ellipsis */
    SQUEEZE_ALL,         /* numbers and words of ours, too */
};

static const struct field *field_at(const struct columns_layout *layout, size_t column)
{
    return layout->shown->fields[column];
}

/* Text that strangers have chosen; what is left of it still says something. */
static bool may_be_cut(const struct field *field)
{
    return (field->kind == VALUE_TEXT && !field->whole) || field->kind == VALUE_TIME ||
           field->kind == VALUE_SET || field->kind == VALUE_LABELS;
}

static unsigned int header_width(const struct field *field)
{
    return (unsigned int)strlen(field->header);
}

void columns_layout_init(struct columns_layout *layout, const struct sink_layout *shown,
                         unsigned int room, bool cuts)
{
    *layout = (struct columns_layout){ .shown = shown, .cuts = cuts };
    for (size_t i = 0; i < shown->field_count; i++) {
        if (shown->chosen || field_at(layout, i)->visibility != FIELD_IF_SEEN)
            layout->needs[i] = header_width(field_at(layout, i));
    }
    columns_layout_resize(layout, room);
}

void columns_layout_resize(struct columns_layout *layout, unsigned int room)
{
    layout->room = room;
    layout->made = false;
    memset(layout->given_up, 0, sizeof(layout->given_up));
    for (size_t i = 0; i < layout->shown->field_count; i++)
        layout->usual[i] = MAX(field_at(layout, i)->min_width, header_width(field_at(layout, i)));
}

/* Where nothing limits a line, one endless name must not push the columns of all rows away. */
static unsigned int useful_width(const struct columns_layout *layout, size_t column,
                                 unsigned int width)
{
    const struct field *field = field_at(layout, column);

    return layout->cuts ? width : MIN(width, MAX(field->max_width, header_width(field)));
}

bool columns_layout_note(struct columns_layout *layout, size_t column, unsigned int width)
{
    unsigned int useful = useful_width(layout, column, width);

    layout->seen = true;
    if (useful <= layout->needs[column])
        return false;
    layout->needs[column] = MAX(useful, header_width(field_at(layout, column)));
    return useful > layout->widths[column] && !layout->given_up[column];
}

static unsigned int total_width(const struct columns_layout *layout)
{
    unsigned int total = 0;

    for (size_t i = 0; i < layout->shown->field_count; i++)
        total += layout->widths[i] ? layout->widths[i] + (total ? layout->gap : 0) : 0;
    return total;
}

/* -------- giving -------- */

/* Before anything was seen: one column of room to each that may come to use it, in turn. */
static void grow(struct columns_layout *layout)
{
    bool grown = true;

    while (grown) {
        grown = false;
        for (size_t i = 0; i < layout->shown->field_count; i++) {
            if (!layout->widths[i] || layout->widths[i] >= field_at(layout, i)->max_width ||
                total_width(layout) >= layout->room)
                continue;
            layout->widths[i]++;
            grown = true;
        }
    }
}

/* -------- taking -------- */

static unsigned int least_width(const struct columns_layout *layout, size_t column,
                                enum squeeze squeeze)
{
    const struct field *field = field_at(layout, column);
    unsigned int needed = layout->needs[column];

    if (squeeze == SQUEEZE_PADDING || (squeeze < SQUEEZE_ALL && !may_be_cut(field)))
        return needed;
    if (squeeze == SQUEEZE_LONG_NAMES)
        return MIN(needed, MAX(field->max_width, header_width(field)));
    return squeeze == SQUEEZE_NAMES ? MIN(needed, NAME_LEFT) : 1;
}

static void take(struct columns_layout *layout, enum squeeze squeeze)
{
    while (total_width(layout) > layout->room) {
        size_t widest = SIZE_MAX;

        for (size_t i = 0; i < layout->shown->field_count; i++) {
            if (layout->widths[i] > least_width(layout, i, squeeze) &&
                (widest == SIZE_MAX || layout->widths[i] > layout->widths[widest]))
                widest = i;
        }
        if (widest == SIZE_MAX)
            return;
        layout->widths[widest]--;
    }
}

static void give_usual(struct columns_layout *layout)
{
    if (!layout->made)
        layout->gap = GAP_WIDE;
    for (size_t i = 0; i < layout->shown->field_count; i++)
        layout->widths[i] =
            layout->needs[i] && !layout->given_up[i] ? MAX(layout->usual[i], layout->needs[i]) : 0;
}

/* Without cutting anything short of what says nothing any more. Whether all fit. */
static bool fit(struct columns_layout *layout)
{
    give_usual(layout);
    if (!layout->seen && total_width(layout) > layout->room)
        layout->gap = GAP_NARROW; /* what is padding, only the rows will tell */
    take(layout, SQUEEZE_PADDING);
    if (layout->cuts)
        take(layout, SQUEEZE_LONG_NAMES);
    if (total_width(layout) > layout->room)
        layout->gap = GAP_NARROW;
    if (layout->cuts)
        take(layout, SQUEEZE_NAMES);
    return !layout->cuts || total_width(layout) <= layout->room;
}

/* Gives up the column that a reader misses least. Who chose the columns wants them all. */
static bool give_up_one(struct columns_layout *layout)
{
    size_t spare = SIZE_MAX;

    for (size_t i = 0; i < layout->shown->field_count && !layout->shown->chosen; i++) {
        if (layout->widths[i] && field_at(layout, i)->spare &&
            (spare == SIZE_MAX || field_at(layout, i)->spare > field_at(layout, spare)->spare))
            spare = i;
    }
    if (spare == SIZE_MAX)
        return false;
    layout->given_up[spare] = true;
    return true;
}

/* Where even one column of the terminal for each is too much, the last ones are not shown. */
static void cut_down(struct columns_layout *layout)
{
    take(layout, SQUEEZE_ALL_NAMES);
    take(layout, SQUEEZE_ALL);
    for (size_t i = layout->shown->field_count; i-- > 1 && total_width(layout) > layout->room;) {
        layout->given_up[i] = true;
        layout->widths[i] = 0;
    }
}

void columns_layout_make(struct columns_layout *layout)
{
    bool fits = fit(layout);

    while (!fits && give_up_one(layout))
        fits = fit(layout);
    if (!fits)
        cut_down(layout);
    else if (!layout->made && !layout->seen)
        grow(layout);
    if (!layout->made)
        memcpy(layout->usual, layout->widths, sizeof(layout->usual));
    layout->made = true;
}

size_t columns_layout_last(const struct columns_layout *layout)
{
    size_t last = 0;

    for (size_t i = 0; i < layout->shown->field_count; i++) {
        if (layout->widths[i])
            last = i;
    }
    return last;
}
