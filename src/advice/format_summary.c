/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The end of a trace: three lines a container at most, and none for what asked for nothing. */
#include "src/advice/format_private.h"

static void add_line(struct text *out, const struct advice *advice, const char *what, uint64_t set)
{
    static const struct set_style style = { " ", "", "", false };

    if (!set)
        return;
    format_foreign(out, advice->circumstances->name);
    text_add_char(out, ' ');
    text_add_string(out, what);
    format_set(out, set, &style);
    text_add_char(out, '\n');
}

void advice_summary_write(struct text *out, const struct advice *advice)
{
    bool whole = advice->confidence == CONFIDENCE_WHOLE;

    add_line(out, advice, whole ? "needs" : "needs at least", advice->need & ~advice->missing);
    add_line(out, advice, "lacks", advice->missing);
    add_line(out, advice, "asked without need for", advice->unneeded | advice->unreached);
}
