/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/advice/table.h"

#include "src/advice/format_private.h"
#include "src/base/escape.h"

#define NAME_MAX_WIDTH 30
#define CELL_SIZE      48
#define GAP            2
#define COLOUR_END     "\033[0m"

static const char corner[] = "CONTAINER";

/* Columns of a block, and how wide each is. */
struct block {
    unsigned int capabilities[CAPABILITY_MAX];
    size_t widths[CAPABILITY_MAX];
    size_t count, name_width;
};

static size_t make_cell(char cell[static CELL_SIZE], const struct subject *subject,
                        unsigned int capability)
{
    const struct evidence *evidence = subject->evidence[capability];
    unsigned long long allowed = evidence ? evidence->allowed : 0,
                       denied = evidence ? evidence->denied : 0;
    int length;

    if (allowed && denied)
        length = snprintf(cell, CELL_SIZE, "%llu+%llu!", allowed, denied);
    else if (denied)
        length = snprintf(cell, CELL_SIZE, "%llu!", denied);
    else if (allowed)
        length = snprintf(cell, CELL_SIZE, "%llu", allowed);
    else
        length = snprintf(cell, CELL_SIZE, ".");
    return (size_t)length;
}

static size_t header_width(unsigned int capability)
{
    return capability_name(capability) ? strlen(capability_name(capability)) : 2;
}

/* 0: nobody asked for it. */
static size_t column_width(const struct advice *advices, size_t count, unsigned int capability)
{
    size_t width = 0;

    for (size_t i = 0; i < count; i++) {
        char cell[CELL_SIZE];

        if (advices[i].subject->evidence[capability])
            width = MAX(width, make_cell(cell, advices[i].subject, capability));
    }
    return width ? MAX(width, header_width(capability)) : 0;
}

static size_t add_name(struct text *out, const char *name)
{
    return escape_terminal(out, name, strlen(name), NAME_MAX_WIDTH, true);
}

static size_t name_width(const struct advice *advices, size_t count)
{
    size_t width = strlen(corner);

    for (size_t i = 0; i < count; i++) {
        struct text name = { 0 };

        if (advices[i].subject->checks)
            width = MAX(width, add_name(&name, advices[i].circumstances->name));
        text_clear(&name);
    }
    return width;
}

/* As many of the capabilities from *next on as there is room for, but one at least. */
static struct block make_block(const struct advice *advices, size_t count, size_t width,
                               unsigned int *next)
{
    struct block block = { .name_width = name_width(advices, count) };
    size_t used = block.name_width;

    for (; *next < CAPABILITY_MAX; (*next)++) {
        size_t column = column_width(advices, count, *next);

        if (!column)
            continue;
        if (block.count && width && used + GAP + column > width)
            break;
        used += GAP + column;
        block.capabilities[block.count] = *next;
        block.widths[block.count++] = column;
    }
    return block;
}

static void add_header(struct text *out, const struct block *block)
{
    text_add_string(out, corner);
    text_add_spaces(out, block->name_width - strlen(corner));
    for (size_t i = 0; i < block->count; i++) {
        text_add_spaces(out, GAP + block->widths[i] - header_width(block->capabilities[i]));
        format_name(out, block->capabilities[i], false);
    }
    text_add_char(out, '\n');
}

/* A step for each power of ten, dark on light, so that it is read on any terminal. */
static const char *heat_of(const struct evidence *evidence)
{
    static const char *const heats[] = { "\033[30;48;5;230m", "\033[30;48;5;222m",
                                         "\033[30;48;5;215m", "\033[30;48;5;208m",
                                         "\033[30;48;5;203m" };
    size_t step = 0;

    for (uint64_t n = (evidence->allowed + evidence->denied) / 10;
         n && step < ARRAY_SIZE(heats) - 1; n /= 10)
        step++;
    return heats[step];
}

static void add_cell(struct text *out, const struct subject *subject, unsigned int capability,
                     size_t width, bool colour)
{
    const struct evidence *evidence = subject->evidence[capability];
    char cell[CELL_SIZE];
    size_t length = make_cell(cell, subject, capability);

    text_add_spaces(out, GAP + width - length);
    if (colour && evidence)
        text_add_string(out, heat_of(evidence));
    text_add(out, cell, length);
    if (colour && evidence)
        text_add_string(out, COLOUR_END);
}

static void add_line(struct text *out, const struct block *block, const struct advice *advice,
                     bool colour)
{
    size_t width = add_name(out, advice->circumstances->name);

    text_add_spaces(out, block->name_width - width);
    for (size_t i = 0; i < block->count; i++)
        add_cell(out, advice->subject, block->capabilities[i], block->widths[i], colour);
    text_add_char(out, '\n');
}

void advice_table_write(struct text *out, const struct advice *advices, size_t count,
                        const struct table_style *style)
{
    unsigned int next = 0;
    bool first = true;

    for (;;) {
        struct block block = make_block(advices, count, style->width, &next);

        if (!block.count)
            return;
        if (!first)
            text_add_char(out, '\n');
        first = false;
        add_header(out, &block);
        for (size_t i = 0; i < count; i++) {
            if (advices[i].subject->checks)
                add_line(out, &block, &advices[i], style->colour);
        }
    }
}
