/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The end of all processes in a cgroup and in those below it, while the cgroup itself may stay:
 * CRI-O, with the cgroupfs manager, keeps those of containers until they are removed. One process
 * of each is followed, and when that has ended one of those that are left, until none is.
 */
#pragma once

#include <systemd/sd-event.h>

#include "src/containers/cgroup_tree.h"

/* One descriptor each; of more, the end is the end of their cgroup. */
#define EXITS_MAX 512

struct exits;

typedef void (*exit_handler)(void *userdata, uint64_t cgroup_id);

/* The loop and the tree are borrowed. 0 or -ENOMEM. */
int exits_new(sd_event *event, const struct cgroup_tree *tree, exit_handler ended, void *userdata,
              struct exits **ret_exits);
void exits_free(struct exits **exits);

/* Follows a cgroup that has had a process. `ended` comes once, from the loop, or at once from
 * inside this call if it is empty by now. A no-op for one that is followed. */
void exits_follow(struct exits *exits, uint64_t cgroup_id, const char *path);
/* Whether it was followed. */
bool exits_forget(struct exits *exits, uint64_t cgroup_id);

/* How many are followed. */
size_t exits_count(const struct exits *exits);
