/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process that outlives us, however we end: if that is before the COMMAND has ended, it ends the
 * command's cgroup and removes it.
 */
#pragma once

#include "src/run/cgroup.h"

struct run_guard {
    pid_t pid; /* 0: none */
    int fd;    /* owned: while it is open, we live */
};

/* 0 or a negative errno. The cgroup is as it is now: the guard has a copy. */
int run_guard_start(const struct run_cgroup *cgroup, struct run_guard *ret_guard);

/* All has ended well. A no-op where there is none. */
void run_guard_dismiss(struct run_guard *guard);
