/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Paths as another process sees them, step by step: what openat2(2) does with RESOLVE_IN_ROOT, but
 * by calls whose arguments a filter of system calls can see.
 */
#pragma once

#include "src/base/macros.h"

/*
 * What `path` names below `root`, links followed: absolute ones and ".." stay below it. Returns a
 * descriptor that is owned by the caller, opened with O_PATH, or a negative errno.
 */
int root_walk(int root, const char *path);
