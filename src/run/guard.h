/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process that outlives us, however we end: if that is before the COMMAND has ended, it ends the
 * command's cgroup and removes it. It keeps the powers for that, which we lay down: what has to be
 * done with the cgroup once we trace is asked of it.
 */
#pragma once

#include "src/run/cgroup.h"

struct run_guard {
    pid_t pid; /* 0: none */
    int fd;    /* owned: a socket; while it is open, we live */
};

/* 0 or a negative errno. The cgroup is as it is now: the guard has a copy. */
int run_guard_start(const struct run_cgroup *cgroup, struct run_guard *ret_guard);

/* As the functions of cgroup.h, each done when it returns. Where the guard has gone they do
 * nothing, and say 0 or false. `pid`: of a process in the cgroup; 0: all of them. */
void run_guard_signal(const struct run_guard *guard, pid_t pid, int number);
void run_guard_kill(const struct run_guard *guard);
size_t run_guard_abandon(const struct run_guard *guard);

/* Removes the cgroup, and with it the guard, which has no more to do. Where that cannot be done it
 * stays, and does what is left once we have ended. */
bool run_guard_remove(struct run_guard *guard);

/* A no-op where there is none. */
void run_guard_clear(struct run_guard *guard);
