/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The first process of a COMMAND: it waits to be let go, and says if it could not begin. */
#pragma once

#include <sys/types.h>

#include "src/base/macros.h"

struct run_user;

struct run_process {
    pid_t pid;  /* 0: none */
    int go;     /* owned: a byte lets it go, closing it ends it */
    int report; /* owned: why it could not begin; closed by the kernel when it has */
};

/* Whether a program of this name is there, by PATH where it has no slash: 0, -ENOENT, or -EACCES
 * for one that cannot be executed. Whether the user may is seen later. */
int run_process_find(const char *name);

/*
 * Makes it, as `user`; it waits. Call it before signals are blocked or ignored and before anything
 * is opened: all that is as it was given to us. `guard_fd` is closed in it. `argv` ends with NULL.
 * It is killed when we end. 0 or a negative errno.
 */
int run_process_fork(char *const *argv, const struct run_user *user, int guard_fd,
                     struct run_process *ret_process);

/* Why a process does not run its program. */
struct run_obstacle {
    int error;        /* negative errno */
    bool in_becoming; /* the user that it should be; else it is the program's */
};

/* Lets it go. True once it runs the program; else it has ended. */
bool run_process_go(struct run_process *process, struct run_obstacle *ret_obstacle);

/* Ends it if it has not ended, and waits for it. */
void run_process_clear(struct run_process *process);

/* Exit status for a program that could not be begun, by errno (negative). */
int run_status_of_failure(int r);

/*
 * Our exit status, of what waitpid(2) says of the command: its own. Where a signal has ended it,
 * 128 and the number of the signal as shells have it, and *ret_signal; else that is 0.
 */
int run_status_of_end(int status, int *ret_signal);

/* Ends us as a signal ends, without a dump of core: whoever waits for us sees how the command has
 * ended. Returns where that signal does not end anything. */
void run_end_by_signal(int number);
