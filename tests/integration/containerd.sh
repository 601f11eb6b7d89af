# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A real containerd without Docker, with or without its CRI. For suites with HARNESS_LAYOUT=hybrid:
# runc wants a cpu controller, which a bare cgroup2 mount need not have.

containerd_daemon=

# native_start [DISABLED-PLUGIN]: again after native_kill.
native_start() {
    mkdir -p "$HARNESS_WORK/native"
    cat >"$HARNESS_WORK/native.toml" <<END
version = 2
root = "$HARNESS_WORK/native"
state = "/run/containerd"
disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
    "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs"${1:+, \"$1\"}]
[grpc]
address = "/run/containerd/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
restrict_oom_score_adj = true
disable_apparmor = true
sandbox_image = "local/app:1"
[plugins."io.containerd.grpc.v1.cri".containerd]
snapshotter = "native"
END
    daemon_start containerd_daemon 'ctr version' containerd --config "$HARNESS_WORK/native.toml"
}

native_kill() {
    daemon_kill "$containerd_daemon"
}

# native_run NAMESPACE ID [CTR-OPTION...] -- COMMAND...: in the background.
native_run() {
    local space=$1 id=$2 options=()
    shift 2
    while [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    shift
    ctr -n "$space" run -d --null-io "${options[@]}" --rootfs "$HARNESS_WORK/rootfs" "$id" "$@" \
        >"$HARNESS_WORK/ctr.log" 2>&1 || {
        fail "ctr run $id" "$(cat "$HARNESS_WORK/ctr.log")"
        exit 1
    }
}

# native_remove NAMESPACE ID
native_remove() {
    ctr -n "$1" task kill -s KILL "$2" >/dev/null 2>&1
    wait_until ctr -n "$1" task delete "$2" >/dev/null 2>&1
    ctr -n "$1" container delete "$2" >/dev/null
}

# Resident memory of a process, in KiB.
resident() {
    awk '/^VmRSS:/ { print $2 }' "/proc/$1/status"
}
