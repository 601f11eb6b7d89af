/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What symbolizer.c (frames to text) and symbolizer_confine.c (its powers) share. */
#pragma once

#include "src/base/macros.h"

/*
 * Nobody's uid, the three capabilities that reading other processes and their files takes, no way
 * to gain more, an end with its parent, a bound on memory, and a list of system calls that only
 * read. 0 or a negative errno.
 */
int symbolizer_confine(void);
