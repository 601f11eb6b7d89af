/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "did you mean ...?": the closest of the words that would have been right. */
#pragma once

#include "src/base/macros.h"

struct near_word {
    const char *word; /* borrowed: as typed; need not end in NUL */
    size_t length;
    const char *best; /* borrowed candidate, NULL while none is near */
    unsigned int distance;
};

/*
 * Looks at one more candidate. Near is: typed as a prefix of it (two letters at least), or with few
 * letters wrong, missing, added or exchanged: one in three, at least one. Letter case is ignored.
 */
void near_word_offer(struct near_word *near_word, const char *candidate);
