/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a helper does that has not answered yet: it sleeps, in a file system that need not answer at
 * all; or it works, or has no turn because the machine is busy. By /proc/PID/stat (proc(5))
 * and /proc/PID/schedstat (Documentation/scheduler/sched-stats.rst).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct helper_progress {
    int stat, schedstat; /* owned; -1: not there */
};

#define HELPER_PROGRESS_NONE ((struct helper_progress){ -1, -1 })

void helper_progress_open(struct helper_progress *progress, pid_t helper);
void helper_progress_close(struct helper_progress *progress);

/* Whether it would go on, or does, given a processor. false, too, when that cannot be told. */
bool helper_progress_runs(const struct helper_progress *progress);

/* Nanoseconds, since its start, that it was ready to run and had no turn; 0 where the kernel does
 * not count them. */
uint64_t helper_progress_waited_ns(const struct helper_progress *progress);
