/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a cgroup's path says about the container in it. Pure: no I/O, any bytes.
 *
 * The shapes are those of shared practice: docker-ID.scope, cri-containerd-ID.scope, crio-ID.scope,
 * libpod-ID.scope, nerdctl-ID.scope, runc-ID.scope, crun-ID.scope, /docker/ID,
 * /kubepods/.../podUID/ID, machine.slice units, lxc.payload.NAME. The last component that is of an
 * engine counts, from the leaf up: kind and docker-in-docker nest them. Everything below it belongs
 * to it, such as /init.scope or /container.
 */
#pragma once

#include "src/base/macros.h"

enum cgroup_kind {
    CGROUP_HOST = 0, /* no engine's shape: a process of the host, or a name that only its engine
                        can tell */
    CGROUP_CONTAINER,
    CGROUP_MONITOR, /* conmon and shims: the engine's own */
};

struct cgroup_ref {
    enum cgroup_kind kind;
    const char *runtime; /* static: "docker", "podman", ...; NULL: the path does not say */
    const char *id;      /* borrowed from the path */
    size_t id_length;
    size_t prefix_length; /* of the path down to the container's own cgroup */
    const char *pod_uid;  /* borrowed; NULL outside Kubernetes; '_' stands for '-' with systemd */
    size_t pod_uid_length;
    bool unit;    /* a unit of systemd that was asked for: its id is its name */
    bool user;    /* below a user's own subtree (user@UID.service): anybody may have made
                     it */
    uint32_t uid; /* that user */
};

/* `path` begins with '/'. Always fills *ret_ref. */
void cgroup_path_parse(const char *path, size_t length, struct cgroup_ref *ret_ref);

/* The unit of systemd that a path is in ("nginx.service"), from the leaf up, without slices.
 * Borrowed; NULL: none. */
const char *cgroup_path_unit(const char *path, size_t length, size_t *ret_length);
