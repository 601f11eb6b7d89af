/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The cgroup that a COMMAND runs in: made, emptied, removed. */
#pragma once

#include "src/containers/cgroup_tree.h"

struct run_cgroup {
    const struct cgroup_tree *tree; /* borrowed */
    char *path;                     /* owned; below the mount point. NULL: none */
    uint64_t id;
};

/*
 * Makes it below our own cgroup, so that what limits us limits it; else, where none can be made
 * there or we have no place in this mount, at its top. 0 or a negative errno with a sentence.
 */
int run_cgroup_make(const struct cgroup_tree *tree, struct run_cgroup *ret_cgroup,
                    struct error *error);

/* Moves a process into it. 0 or a negative errno. */
int run_cgroup_add(const struct run_cgroup *cgroup, pid_t pid);

/* Sends a signal to a process, if it is in it or below it. 0 or a negative errno. */
int run_cgroup_signal_one(const struct run_cgroup *cgroup, pid_t pid, int number);

/* Sends a signal to every process in it and below it; how many there were. */
size_t run_cgroup_signal(const struct run_cgroup *cgroup, int number);

/* Ends all of its processes and waits for that. */
void run_cgroup_kill(const struct run_cgroup *cgroup);

/* Moves what is left in it to where it was made; how many processes that were. */
size_t run_cgroup_abandon(const struct run_cgroup *cgroup);

/* Removes it, and what was made below it, and forgets it. False: processes are left, or were just
 * now. */
bool run_cgroup_remove(struct run_cgroup *cgroup);
