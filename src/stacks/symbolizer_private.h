/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What symbolizer.c (frames to text) and symbolizer_confine.c (its powers) share. */
#pragma once

#include "src/base/macros.h"

/*
 * Nobody's uid, the three capabilities that reading other processes and their files takes, no way
 * to gain more, an end with its parent, a bound on memory, and a list of system calls that only
 * read, but for answers into `socket`, which is connected. 0 or a negative errno.
 *
 * Landlock would forbid writing too, and then more than that: whoever is under it may not look at
 * a process that is not, and /proc/PID/root is refused. So it is the list that has no hole: files
 * are opened by openat alone, whose flags it sees.
 */
int symbolizer_confine(int socket);
