# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A real dockerd on a containerd of its own. /run is the suite's, so sockets are at their usual
# places; everything else is in the suite's work directory.

NICE_LOOP='while :; do nice -n -20 sleep 0.1; done'

docker_daemon=

containerd_start() {
    mkdir -p "$HARNESS_WORK/containerd"
    cat >"$HARNESS_WORK/containerd.toml" <<END
version = 2
root = "$HARNESS_WORK/containerd"
state = "/run/containerd"
disabled_plugins = [
    "io.containerd.grpc.v1.cri", "io.containerd.snapshotter.v1.aufs",
    "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper",
    "io.containerd.snapshotter.v1.zfs",
]
[grpc]
address = "/run/containerd/containerd.sock"
END
    daemon_start containerd_daemon 'ctr version' containerd --config "$HARNESS_WORK/containerd.toml"
}

dockerd_start() {
    rm -f /run/docker.pid
    daemon_start docker_daemon 'docker version' dockerd --host unix:///run/docker.sock \
        --containerd /run/containerd/containerd.sock \
        --data-root "$HARNESS_WORK/docker" --exec-root /run/docker --pidfile /run/docker.pid \
        --iptables=false --ip6tables=false --bridge=none --storage-driver=vfs \
        --exec-opt native.cgroupdriver=cgroupfs --live-restore
}

dockerd_kill() {
    daemon_kill "$docker_daemon"
}

# Both daemons, and the image `demo`.
docker_start() {
    need dockerd containerd docker
    containerd_start
    dockerd_start
    make_rootfs "$HARNESS_WORK/rootfs" sh nice sleep cat mkdir true chown tr \
        "$TEST_BUILD/tests/provoke" || exit 1
    tar -C "$HARNESS_WORK/rootfs" -c . | docker import - demo >/dev/null || exit 1
}

# container NAME [DOCKER-OPTION...] [-- COMMAND...]: in the background; by default it asks for a
# better priority ten times a second.
container() {
    local name=$1 options=()
    shift
    while [ $# -gt 0 ] && [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    shift $(($# > 0))
    [ $# -gt 0 ] || set -- sh -c "$NICE_LOOP"
    docker run -d --network none --name "$name" "${options[@]}" demo "$@" \
        >"$HARNESS_WORK/docker-run.log" 2>&1 || {
        fail "docker run $name" "$(cat "$HARNESS_WORK/docker-run.log")"
        exit 1
    }
}

# container_id NAME
container_id() {
    docker inspect --format '{{.Id}}' "$1"
}

# remove NAME...
remove() {
    docker rm -f "$@" >/dev/null
}
