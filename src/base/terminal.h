/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a descriptor can show. */
#pragma once

#include "src/base/macros.h"

struct terminal_size {
    unsigned int columns;
    unsigned int rows;
};

/* False when it is no terminal, or one that does not know. */
bool terminal_size(int fd, struct terminal_size *ret_size);

/* Columns; 0 when it is no terminal, so that nothing is cut. */
unsigned int terminal_width(int fd);

/* How long lines should be in what is no terminal: $COLUMNS, or what less(1) and logs show. */
unsigned int terminal_usual_width(void);

/* `when` is "always", "never" or "auto": a terminal that is not "dumb", and NO_COLOR is not set
 * (no-color.org). */
bool terminal_wants_colour(int fd, const char *when);
