/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a cgroup's path says about the container in it. Pure: no I/O, any bytes.
 *
 * The shapes are those of shared practice: docker-ID.scope, cri-containerd-ID.scope, crio-ID.scope,
 * libpod-ID.scope, nerdctl-ID.scope, runc-ID.scope, crun-ID.scope, /docker/ID,
 * /kubepods/.../podUID/ID, machine.slice units, lxc.payload.NAME.
 *
 * A name proves nothing by itself: whoever may make a cgroup may name it. So it is decided from the
 * root down: the outermost component that is of an engine is the container, and everything below
 * it, such as /init.scope, /container or a user's session, belongs to it. A name of an engine below
 * that is a container inside of the container (docker in docker, a node of kind), which can be
 * told from it, see cgroup_path_parse_inside(), but is never anything beside it. Whose the
 * directories above are, who thus chose the name, is for the cgroup tree to say.
 */
#pragma once

#include <sys/types.h>

#include "src/base/macros.h"

enum cgroup_kind {
    CGROUP_HOST = 0, /* no engine's shape: a process of the host, or a name that only its engine
                        can tell */
    CGROUP_CONTAINER,
    CGROUP_MONITOR, /* conmon and lxc's monitor, at their exact places: the engine's own */
};

struct cgroup_ref {
    enum cgroup_kind kind;
    const char *runtime; /* static: "docker", "podman", ...; NULL: the path does not say */
    const char *id;      /* borrowed from the path */
    size_t id_length;
    size_t prefix_length; /* of the path down to the container's (or monitor's) own cgroup */
    const char *pod_uid;  /* borrowed; NULL outside Kubernetes; '_' stands for '-' with systemd */
    size_t pod_uid_length;
    bool unit;   /* a unit of systemd that was asked for: its id is its name */
    uid_t owner; /* whose directories are above it, see cgroup_tree_owner(); the caller's to fill */
};

/* `path` begins with '/'. Always fills *ret_ref. */
void cgroup_path_parse(const char *path, size_t length, struct cgroup_ref *ret_ref);

/*
 * The outermost container inside of the one whose cgroup is the first `outer_length` bytes of the
 * path; what is inside of that one again is not looked at. Never CGROUP_MONITOR: an engine that is
 * in a container belongs to it.
 */
void cgroup_path_parse_inside(const char *path, size_t length, size_t outer_length,
                              struct cgroup_ref *ret_ref);

/* The unit of systemd that a path is in ("nginx.service"), from the leaf up, without slices.
 * Borrowed; NULL: none. */
const char *cgroup_path_unit(const char *path, size_t length, size_t *ret_length);
