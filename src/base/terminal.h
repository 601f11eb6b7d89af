/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a descriptor can show. */
#pragma once

#include "src/base/macros.h"

/* Columns; 0 when it is no terminal, so that nothing is cut. */
unsigned int terminal_width(int fd);

/* A terminal that is not "dumb", and NO_COLOR is not set (no-color.org). */
bool terminal_wants_colour(int fd);
