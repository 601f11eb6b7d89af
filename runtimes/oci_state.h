/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What runc and crun write down about a container: pure parsers of state.json and of status. */
#pragma once

#include "src/model/container.h"

/*
 * Fills `container` from runc's state.json: init_process_pid, init_process_start, cgroup_paths and
 * config.labels, which hold the annotations as "key=value". Names of Kubernetes, nerdctl and CRI-O
 * annotations become the container's fields. *ret_start_ticks is the start of the pid, as in
 * /proc/PID/stat; 0 unknown. 0, -EBADMSG, -ENOMEM.
 */
int oci_state_parse_runc(const char *text, size_t length, struct container *container,
                         uint64_t *ret_start_ticks);

/* The same from crun's status: pid, process-start-time, cgroup-path, bundle. */
int oci_state_parse_crun(const char *text, size_t length, struct container *container,
                         uint64_t *ret_start_ticks);

/*
 * The name of a container that only its OCI runtime knows is its id, unless the id is another
 * engine's: 64 hexadecimal digits, or a bundle or label that tells of podman or CRI-O.
 */
bool oci_state_id_is_name(const struct container *container);
