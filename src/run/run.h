/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A COMMAND, from the cgroup made for it to the end of the last process in there, however these
 * were started and whatever became of the first one.
 */
#pragma once

#include <systemd/sd-event.h>

#include "src/run/cgroup.h"
#include "src/run/process.h"
#include "src/run/user.h"

struct run;

struct run_options {
    char *const *argv; /* ends with NULL; borrowed */
    const char *user;  /* NAME[:GROUP]; NULL: see run_user_choose() */
    bool as_root;
};

/*
 * Makes cgroup, guard and process, which waits. Before signals are blocked, see
 * run_process_fork(). 0 or a negative errno with a sentence; *ret_status is the exit status for it,
 * but for -EINVAL, which is a mistake on the command line.
 */
int run_new(const struct run_options *options, struct run **ret_run, int *ret_status,
            struct error *error);

/* Ends what still runs, unless run_abandon() was called, and removes the cgroup. */
void run_free(struct run **run);

/* Follows the process, which still waits: `ended` comes from the loop once no process is left. 0 or
 * a negative errno with a sentence. */
int run_follow(struct run *run, sd_event *event, void (*ended)(void *userdata), void *userdata,
               struct error *error);

/* Lets it go; our powers need not be there any more. 0 or a negative errno with a sentence and an
 * exit status. */
int run_start(struct run *run, int *ret_status, struct error *error);

/* Passes a signal on: to the process, or if that has ended to all that it has left behind. */
void run_signal(struct run *run, int number);

/* What is left goes on where we are, without us: how many processes. */
size_t run_abandon(struct run *run);

/* Whether the first process has ended, and whether all have. */
bool run_first_has_ended(const struct run *run);
bool run_has_ended(const struct run *run);

/* Of the first process, as waitpid(2) has it; valid once that has ended. */
int run_status(const struct run *run);

/* The command's name, without directories. Borrowed. */
const char *run_name(const struct run *run);
pid_t run_pid(const struct run *run);
pid_t run_guard(const struct run *run);
const struct run_cgroup *run_cgroup(const struct run *run);
const struct run_user *run_user(const struct run *run);
