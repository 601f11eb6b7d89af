/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the formats share. */
#pragma once

#include "src/advice/format.h"

#define ADVICE_WRITER(word, help, one) \
    void format_##word(struct text *out, const struct advice *advice, bool explain);
ADVICE_FORMATS(ADVICE_WRITER)
#undef ADVICE_WRITER

/* The names of a set, in order of number: `before` and `after` around each, `between` them. */
struct set_style {
    const char *before, *after, *between;
    bool lower;
};

void format_set(struct text *out, uint64_t set, const struct set_style *style);
void format_name(struct text *out, unsigned int capability, bool lower);

/* Options by which docker and podman give just this set. */
void format_flags(struct text *out, uint64_t need);

/* Foreign text on one line of a terminal. */
void format_foreign(struct text *out, const char *foreign);
