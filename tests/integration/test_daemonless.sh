#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Containers of engines without a daemon: runc, crun, podman. Each is denied a capability and then
# allowed it; events bear the engine's name for the container, however short it lives.
#
# Runs twice in worlds of its own (cgroup, cgroup and mount namespace, /run, container storage):
# with a bare cgroup2 mount, where runc works, and with cgroup v1, where crun and podman work
# without CAP_SYS_RESOURCE. What the engines call the root cgroup is ours.
set -u

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/tap.sh
. "$here/../tap.sh"
# shellcheck source=tests/integration/podman.sh
. "$here/podman.sh"
: "${LOCAL_GADGET:?}"

RUNS=50
DENIED='nice -n -20 true'
# What was there before the trace asks when that has begun, and says so by a file in the root.
UPON_START='until [ -e /start ]; do sleep 0.05; done; nice -n -20 true; sleep 600'

# ---- the world ----

hierarchies() {
    awk '/ - cgroup2? / { print $5 }' /proc/self/mountinfo | sort -u
}

# Runs this script again inside; leaves nothing behind.
in_world() {
    local name=local-gadget-daemonless-$$ mount status
    for mount in $(hierarchies); do
        mkdir -p "$mount/$name" || return 1
        if [ -f "$mount/$name/cpuset.cpus" ] && [ -z "$(cat "$mount/$name/cpuset.cpus")" ]; then
            cat "$mount/cpuset.cpus" >"$mount/$name/cpuset.cpus" 2>/dev/null
            cat "$mount/cpuset.mems" >"$mount/$name/cpuset.mems" 2>/dev/null
        fi
    done
    (
        for mount in $(hierarchies); do
            echo "$BASHPID" >"$mount/$name/cgroup.procs"
        done
        exec unshare --cgroup --mount --propagation private "$0" --inside "$1"
    )
    status=$?
    for mount in $(hierarchies); do
        leave "$mount/$name"
    done
    return "$status"
}

# Ends what is still in a cgroup and removes it.
leave() {
    local tries pid
    for tries in $(seq 100); do
        find "$1" -name cgroup.procs -exec cat {} + 2>/dev/null |
            while read -r pid; do kill -KILL "$pid" 2>/dev/null; done
        find "$1" -depth -type d -exec rmdir {} + 2>/dev/null
        [ -d "$1" ] || return 0
        sleep 0.05
    done
    echo "# left behind after $tries tries: $1"
    return 1
}

# At the top of a private namespace the program is taken for one in a container, which is blind.
leave_top() {
    mkdir "$1/suite" || return 1
    if [ -f "$1/suite/cpuset.cpus" ] && [ ! -f "$1/suite/cgroup.controllers" ]; then
        cat "$1/cpuset.cpus" >"$1/suite/cpuset.cpus"
        cat "$1/cpuset.mems" >"$1/suite/cpuset.mems"
    fi
    echo $$ >"$1/suite/cgroup.procs"
}

mount_v2() {
    umount -l /sys/fs/cgroup && mount -t cgroup2 cgroup2 /sys/fs/cgroup && leave_top /sys/fs/cgroup
}

mount_v1() {
    local controller
    umount -l /sys/fs/cgroup && mount -t tmpfs tmpfs /sys/fs/cgroup || return 1
    for controller in pids memory cpu devices freezer cpuset blkio name=systemd; do
        local directory=/sys/fs/cgroup/${controller#name=} options=$controller
        [ "$controller" != name=systemd ] || options=none,name=systemd
        mkdir "$directory"
        if mount -t cgroup -o "$options" cgroup "$directory"; then
            leave_top "$directory"
        else
            rmdir "$directory"
        fi
    done 2>/dev/null
    [ -d /sys/fs/cgroup/pids ]
}

# A root file system made of this host's own files.
make_rootfs() {
    local program library
    mkdir -p "$1/bin" "$1/proc" "$1/sys" "$1/dev"
    for program in sh nice sleep true; do
        program=$(type -P "$program")
        cp "$program" "$1/bin/"
        for library in $(ldd "$program" | grep -o '/[^ ]*'); do
            mkdir -p "$1$(dirname "$library")"
            cp -n "$library" "$1$library"
        done
    done
}

# make_bundle DIRECTORY RUNTIME COMMAND [CAPABILITY]
make_bundle() {
    mkdir -p "$1"
    (cd "$1" && rm -f config.json && "$2" spec) || return 1
    jq --arg command "$3" --arg rootfs "$world/rootfs" --arg capability "${4-}" --arg cgroups "$cgroups" '
        .process.terminal = false
        | .root.path = $rootfs
        | .process.args = ["sh", "-c", $command]
        | del(.process.rlimits)
        | if $cgroups == "v1" then del(.linux.namespaces[] | select(.type == "cgroup")) else . end
        | if $capability == "" then . else .process.capabilities[] += [$capability] end
    ' "$1/config.json" >"$1/new" && mv "$1/new" "$1/config.json"
}

# ---- the program ----

start_trace() {
    "$LOCAL_GADGET" trace capabilities --verbose -o json >"$world/events" 2>"$world/notes" &
    trace=$!
    wait_for grep -q 'tracing with' "$world/notes"
}

stop_trace() {
    kill -INT "$trace"
    wait "$trace" || note "$(cat "$world/notes")"
}

wait_for() {
    local tries
    for tries in $(seq 600); do
        "$@" >/dev/null 2>&1 && return 0
        sleep 0.05
    done
    note "in vain, $tries times: $*"
    return 1
}

# One line for each container: name, capability, verdict.
seen() {
    jq -r 'select(.capName == "SYS_NICE" or .capname == "SYS_NICE")
        | "\(.container) \(.verdict)"' "$world/events" | sort | uniq -c | awk '{ print $2, $3, $1 }'
}

has_seen() {
    [ "$(seen | wc -l)" -ge "$1" ]
}

# ---- the tests ----

# plain RUNTIME: a runtime by hand, where the id is the name.
plain() {
    local runtime=$1 run named
    make_bundle "$world/$runtime" "$runtime" "$DENIED"
    make_bundle "$world/$runtime-allowed" "$runtime" "$DENIED" CAP_SYS_NICE
    make_bundle "$world/$runtime-before" "$runtime" "$UPON_START"
    "$runtime" run -d -b "$world/$runtime-before" before </dev/null >/dev/null 2>"$world/engine" ||
        note "$(cat "$world/engine")"
    start_trace
    echo >"$world/rootfs/start" # whoever was there before may go on
    for run in $(seq "$RUNS"); do
        "$runtime" run -b "$world/$runtime" "brief$run" </dev/null >/dev/null 2>&1
    done
    "$runtime" run -b "$world/$runtime-allowed" given </dev/null >/dev/null 2>&1
    wait_for has_seen $((RUNS + 2))
    rm "$world/rootfs/start"
    listed=$("$LOCAL_GADGET" list-containers -o json)
    stop_trace
    seen >"$world/seen"
    named=$(grep -c '^brief[0-9]* Deny 1$' "$world/seen")
    note "$runtime: $named of $RUNS containers of a few ms named"
    same "$runtime: each brief container is denied once, under its name" "$RUNS" "$named"
    same "$runtime: allowed once the capability is given" 'given Allow 1' \
        "$(grep given "$world/seen")"
    same "$runtime: a container from before the trace has its name" 'before Deny 1' \
        "$(grep before "$world/seen")"
    same "$runtime: nothing else was seen" $((RUNS + 2)) "$(wc -l <"$world/seen")"
    same "$runtime: list-containers knows it" \
        "$runtime before before $("$runtime" state before | jq .pid) running $world/$runtime-before" \
        "$(jq -r '.[] | select(.id == "before") |
            "\(.runtime) \(.id) \(.name) \(.pid) \(.state) \(.bundle)"' <<<"$listed")"
    same "$runtime: and its cgroup, by the version that it is of" "$(
        [ -e /sys/fs/cgroup/cgroup.controllers ] && echo cgroupV2 || echo cgroupV1)" \
        "$(jq -r '.[] | select(.id == "before") | .cgroupPath as $path | to_entries[] |
            select(.key != "cgroupPath" and .value == $path).key' <<<"$listed")"
    "$runtime" delete -f before
}

make_podman() {
    mkdir -p /var/lib/containers && mount -t tmpfs tmpfs /var/lib/containers
    runtime_without_limits crun "$world/crun-without-limits"
    tar c -C "$world/rootfs" . | run_podman import - demo/app:1 >/dev/null 2>&1
}

run_podman() {
    podman --storage-driver vfs --cgroup-manager cgroupfs --runtime "$world/crun-without-limits" "$@"
}

podman_tests() {
    local run id
    make_podman
    run_podman run -d --network none --name earlier demo/app:1 sh -c "$UPON_START" >/dev/null
    run_podman rename earlier renamed
    run_podman pod create --name duo --network none --infra-image demo/app:1 \
        --infra-command 'sleep 600' >/dev/null
    run_podman run -d --pod duo --name member demo/app:1 sleep 600 >/dev/null
    start_trace
    touch "$(run_podman mount renamed)/start"
    for run in $(seq 10); do
        run_podman run --rm --network none --name "brief$run" demo/app:1 sh -c "$DENIED"
    done >/dev/null 2>&1
    run_podman run --rm --cap-drop all --cap-add sys_nice --network none --name given demo/app:1 \
        sh -c "$DENIED" >/dev/null 2>&1
    wait_for has_seen 12
    stop_trace
    seen >"$world/seen"
    same 'podman: each brief container is denied once, under its name' 10 \
        "$(grep -c '^brief[0-9]* Deny 1$' "$world/seen")"
    same 'podman: allowed once the capability is given' 'given Allow 1' \
        "$(grep given "$world/seen")"
    same 'podman: a renamed container has its new name' 'renamed Deny 1' \
        "$(grep renamed "$world/seen")"
    same 'podman: nothing else was seen' 12 "$(wc -l <"$world/seen")"
    listed=$("$LOCAL_GADGET" list-containers -o json)
    id=$(run_podman inspect -f '{{.Id}}' member)
    same 'podman: listed once, as podman, with image and pid' \
        "podman member localhost/demo/app:1 $(run_podman inspect -f '{{.State.Pid}}' member)" \
        "$(jq -r --arg id "$id" \
            '.[] | select(.id == $id) | "\(.runtime) \(.name) \(.image) \(.pid)"' <<<"$listed")"
    same "podman: a pod's infra container is listed on demand only" '0 1' \
        "$(jq -r '.[].name' <<<"$listed" | grep -c -- -infra) $("$LOCAL_GADGET" list-containers --all \
            -o json | jq -r '.[].name' | grep -c -- -infra)"
    run_podman rm -fa -t 0 >/dev/null 2>&1
    run_podman pod rm -fa >/dev/null 2>&1
}

inside() {
    mount -t tmpfs tmpfs /run && mkdir -p /run/lock
    world=/run/world cgroups=$1
    make_rootfs "$world/rootfs"
    if [ "$1" = v2 ]; then
        mount_v2
        plain runc
    else
        mount_v1
        plain crun
        podman_tests
    fi
    tap_end
}

if [ "${1-}" = --inside ]; then
    inside "$2"
    exit
fi
status=0
before=$(sort /proc/1/cgroup)
in_world v2 || status=1
in_world v1 || status=1
same 'the machine is as it was' "$before" "$(sort /proc/1/cgroup)"
tap_end && exit "$status"
