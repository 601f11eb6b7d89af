# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What every suite here begins with:
#
#   . "$(dirname "$0")/lib.sh"
#   harness_enter "$0" "$@"
#
# A suite runs in a cgroup, a cgroup namespace and a mount namespace of its own, so that whatever
# engines do to "the root cgroup", to mounts and to /run is done to the suite's. The process that
# was started stays outside and removes all of it, however the suite ends.
#
# HARNESS_LAYOUT=v2 (default) mounts cgroup2 alone at /sys/fs/cgroup; hybrid keeps the host's v1
# hierarchies beside it.
set -u -o pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/tap.sh
. "$here/../tap.sh"
# shellcheck source=tests/rootfs.sh
. "$here/../rootfs.sh"
# shellcheck source=tests/integration/tracer.sh
. "$here/tracer.sh"
# shellcheck source=tests/integration/docker.sh
. "$here/docker.sh"
# shellcheck source=tests/integration/podman.sh
. "$here/podman.sh"

: "${LOCAL_GADGET:=$here/../../build/release/local-gadget}"
: "${TEST_BUILD:=$here/../../build/release}"
: "${HARNESS_LAYOUT:=v2}"

# Only against hanging for ever: nothing is expected to take nearly that long.
GUARD_SECONDS=60

# wait_until COMMAND...: polls; fails after the guard time.
wait_until() {
    local end=$((SECONDS + GUARD_SECONDS))
    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 0.02
    done
}

# daemon_start VARIABLE PROBE COMMAND...: in the background, the number of its process in VARIABLE;
# until PROBE, one or more words, succeeds. What it says goes to a log with its name.
daemon_start() {
    local variable=$1 probe=$2 log=$HARNESS_WORK/$3.log
    shift 2
    "$@" >>"$log" 2>&1 &
    printf -v "$variable" %s $!
    # shellcheck disable=SC2086 # words
    wait_until $probe >/dev/null 2>&1 || {
        fail "$1 starts" "$(tail -n 20 "$log")"
        exit 1
    }
}

# As a crash would: containers live on.
daemon_kill() {
    kill -KILL "$1"
    wait "$1" 2>/dev/null
}

# in_cgroup DIRECTORY COMMAND...
in_cgroup() {
    (
        echo "$BASHPID" >"$1/cgroup.procs"
        shift
        exec "$@"
    )
}

# -------- outside --------

# The mount points of the hierarchies that the layout needs, one a line.
harness_hierarchies() {
    if [ "$HARNESS_LAYOUT" = hybrid ]; then
        findmnt -n -l -t cgroup,cgroup2 -o TARGET
    else
        findmnt -n -l -t cgroup2 -o TARGET
    fi | grep '^/sys/fs/cgroup' | sort -u
}

# A new cpuset of v1 has neither processors nor memory, and takes no process before it has.
harness_make_cgroup() {
    local file
    mkdir "$1" || return 1
    for file in cpuset.cpus cpuset.mems; do
        [ ! -e "$1/$file" ] || [ -e "$1/cgroup.controllers" ] || cat "$1/../$file" >"$1/$file"
    done
}

# Ends every process in a cgroup and below; again, as long as some are left.
harness_kill() {
    local directory=$1 pids end=$((SECONDS + GUARD_SECONDS))
    while pids=$(find "$directory" -name cgroup.procs -execdir cat {} + 2>/dev/null) &&
        [ -n "$pids" ] && [ "$SECONDS" -lt "$end" ]; do
        # shellcheck disable=SC2086 # a list of numbers
        kill -KILL $pids 2>/dev/null
        sleep 0.05
    done
}

harness_clean_up() {
    local directory
    trap '' HUP INT TERM
    for directory in "${harness_cgroups[@]}"; do
        harness_kill "$directory"
    done
    for directory in "${harness_cgroups[@]}"; do
        wait_until harness_remove "$directory"
    done
    rm -rf "$HARNESS_WORK"
}

# A cgroup stays busy for a moment after its last process. From where it is: whole paths may be
# longer than the kernel takes.
harness_remove() {
    find "$1" -depth -type d -execdir rmdir {} + 2>/dev/null
    [ ! -d "$1" ]
}

harness_run() {
    local directory
    for directory in "${harness_cgroups[@]}"; do
        echo "$BASHPID" >"$directory/cgroup.procs" || exit 1
    done
    exec unshare --cgroup --mount --propagation private "$@"
}

harness_outside() {
    local target child
    HARNESS_WORK=$(mktemp -d /tmp/lg.XXXXXX)
    harness_cgroups=()
    trap harness_clean_up EXIT
    trap 'exit 1' HUP INT TERM
    while read -r target; do
        target=$target/lg-test-${HARNESS_WORK##*.}
        harness_make_cgroup "$target" || exit 1
        harness_cgroups+=("$target")
    done < <(harness_hierarchies)
    export HARNESS_WORK HARNESS_LAYOUT LOCAL_GADGET TEST_BUILD
    HARNESS_INSIDE=1 harness_run "$@" &
    child=$!
    wait "$child"
    exit $?
}

# -------- inside --------

# The top is nobody's place, as on a machine: controllers can be passed on only by a cgroup without
# processes of its own, and a tracer at the top of a private namespace is taken for one in a
# container, which is blind.
harness_leave_top() {
    harness_make_cgroup "$1/suite" && echo $$ >"$1/suite/cgroup.procs"
}

harness_mount_cgroups() {
    local hierarchies target options
    hierarchies=$(findmnt -n -l -t cgroup,cgroup2 -o TARGET,FSTYPE,FS-OPTIONS | grep '^/sys/fs/cg')
    umount -R -l /sys/fs/cgroup || return 1
    if [ "$HARNESS_LAYOUT" != hybrid ]; then
        mount -t cgroup2 none /sys/fs/cgroup || return 1
        harness_leave_top /sys/fs/cgroup
        return
    fi
    mount -t tmpfs none /sys/fs/cgroup
    while read -r target type options; do
        [ "$type" = cgroup ] && options=${options#rw,} || options=rw
        mkdir -p "$target" && mount -t "$type" -o "$options" none "$target" || return 1
        harness_leave_top "$target" || return 1
    done <<<"$hierarchies"
}

harness_inside() {
    harness_mount_cgroups || exit 1
    mount -t tmpfs -o mode=755 none /run || exit 1
    cd "$HARNESS_WORK" || exit 1
    trap tap_crashed EXIT
}

# A suite that ends before tap_end has no plan: the runner sees that. This says why.
tap_crashed() {
    local status=$?
    [ "$status" -eq 0 ] || [ "$tap_failed" -gt 0 ] || note "the suite ended with status $status"
}

harness_enter() {
    [ -z "${HARNESS_INSIDE-}" ] || {
        harness_inside
        return
    }
    [ "$(id -u)" -eq 0 ] || skip_all "root is missing: sudo make check"
    [ -x "$LOCAL_GADGET" ] || {
        echo "no program $LOCAL_GADGET" >&2
        exit 1
    }
    if [ "$HARNESS_LAYOUT" = hybrid ] && ! findmnt -n -t cgroup >/dev/null; then
        skip_all "cgroup v1 hierarchies are missing: this host has cgroup v2 alone"
    fi
    harness_outside "$@"
}
