/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether this host lets us trace, found out by trying: each part adds its findings, and says
 * whether tracing can work as far as it is concerned. Nothing of the host is changed; what is
 * loaded into the kernel for a moment is taken away again.
 */
#pragma once

#include <systemd/sd-event.h>

#include "src/containers/cgroup_tree.h"
#include "src/containers/discovery.h"
#include "src/doctor/finding.h"

/* Kernel, type information, lockdown, security modules, symbols. */
bool doctor_kernel(struct findings *findings);

/* Our own capabilities and namespaces. */
bool doctor_caller(struct findings *findings);

/* What is laid down once tracing has begun, by doing it in a process of its own. */
void doctor_sandbox(struct findings *findings);

/* How cgroups are mounted, and whether a number leads to one. `tree` is opened where it can be
 * (fd -1 otherwise), and the caller clears it. */
bool doctor_cgroups(struct findings *findings, struct cgroup_tree *tree);

/* Each back-end, by loading it with a ring of that size and running its self-test. *ret_best: the
 * name of the first that works, static; NULL: none. */
bool doctor_backends(struct findings *findings, const struct cgroup_tree *tree,
                     uint64_t buffer_size, const char **ret_best);

/* Each engine's socket and its answer; waits for it, two seconds at most. Tracing works without
 * any of them. */
void doctor_engines(struct findings *findings, const struct cgroup_tree *tree,
                    const struct discovery_options *options, sd_event *event);
