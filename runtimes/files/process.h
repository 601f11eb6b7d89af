/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a pid out of a state file is still the process that it was written for. */
#pragma once

#include <sys/types.h>

#include "src/base/macros.h"

bool process_alive(pid_t pid);

/* Field 22 of /proc/PID/stat, in clock ticks since boot: tells a process from a later one with the
 * same pid. 0, or a negative errno. */
int process_start_time(pid_t pid, uint64_t *ret_ticks);

/* Whether the process lives that had this start time; 0 is unknown: any process will do. */
bool process_still(pid_t pid, uint64_t start_ticks);

/* Whether /proc/PID/cgroup speaks for the container: it names `id`. */
bool process_in_container(pid_t pid, const char *id);
