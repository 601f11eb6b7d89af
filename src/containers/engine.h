/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the table of drivers says of engines, by name. An engine that is unknown, such as that of
 * which a path alone tells, has rank 0 and no ids. */
#pragma once

#include <stdbool.h>

/* See struct runtime_driver, likewise below. */
unsigned int engine_rank(const char *runtime);

bool engine_takes_any_id(const char *runtime);
