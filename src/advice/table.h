/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Containers by capabilities: how often each was asked for, and what the kernel said. Pure. */
#pragma once

#include "src/advice/judge.h"
#include "src/base/text.h"

struct table_style {
    size_t width; /* of a line; what has no room comes in a further block. 0: no limit */
    bool colour;  /* the more checks the hotter */
};

/* "12" was allowed, "3!" denied, "12+3!" both, "." not asked for. Of containers that asked for
 * nothing there is no line; nothing is written where there is none. */
void advice_table_write(struct text *out, const struct advice *advices, size_t count,
                        const struct table_style *style);
