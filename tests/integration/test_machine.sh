#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The tests themselves: after one has run an engine, containers and a trace, and after one was killed
# in the middle of that, the machine is as it was before.
. "$(dirname "$0")/lib.sh"
[ "$(id -u)" -eq 0 ] || skip_all "root is missing: sudo make check"

# `test_machine.sh inside WORK-FILE [wait]`: what is run in the harness.
if [ "${1-}" = inside ]; then
    harness_enter "$0" "$@"
    docker_start
    container guest
    tracer_start
    sees "a container is traced" '.container == "guest"'
    echo "$HARNESS_WORK" >"$2"
    [ -z "${3-}" ] || sleep 600
    ends_well "and the trace ends"
    tap_end
    exit
fi

marks=$(mktemp -d)
trap 'rm -rf "$marks"' EXIT

# Everything that a test could have left or changed.
state_of_machine() {
    local file
    find /sys/fs/cgroup -maxdepth 3 -type d ! -path '*/lg-test-*' | sort
    find /sys/fs/cgroup -maxdepth 2 -name cgroup.subtree_control |
        while read -r file; do
            echo "$file: $(cat "$file")"
        done
    cut -d ' ' -f 4- /proc/self/mountinfo | sort
    cat /proc/1/cgroup
    find /run -maxdepth 2 -name 'docker*' -o -maxdepth 2 -name 'containerd*' | sort
}

# Whether anything is left of a harness that worked in this directory.
nothing_left() {
    local tag=${1##*.}
    [ ! -e "$1" ] || return 1
    [ -z "$(find /sys/fs/cgroup -maxdepth 3 -name "lg-test-$tag" 2>/dev/null)" ] || return 1
    # A cgroup goes only after its last process; mounts go with the namespace.
    ! grep -qs -F -e "$1" /proc/[0-9]*/mountinfo
}

has_mark() {
    [ -s "$1" ] || ! kill -0 "$2" 2>/dev/null
}

for layout in v2 hybrid; do
    if [ "$layout" = hybrid ] && ! findmnt -n -t cgroup >/dev/null; then
        skip "hybrid" "cgroup v1 hierarchies are missing: this host has cgroup v2 alone"
        continue
    fi
    before=$(state_of_machine)
    HARNESS_LAYOUT=$layout "$0" inside "$marks/$layout" >"$marks/log" 2>&1
    same "$layout: a suite runs" 0 $?
    work=$(cat "$marks/$layout")
    check "$layout: it was where it says" [ -n "$work" ]
    check "$layout: nothing of it is left" nothing_left "$work"
    same "$layout: the machine is as before" "" "$(diff <(echo "$before") <(state_of_machine))"

    HARNESS_LAYOUT=$layout "$0" inside "$marks/$layout.killed" wait >"$marks/log" 2>&1 &
    suite=$!
    wait_until has_mark "$marks/$layout.killed" "$suite"
    work=$(cat "$marks/$layout.killed")
    kill -TERM "$suite"
    wait "$suite" 2>/dev/null
    check "$layout: it was in the middle" [ -n "$work" ]
    check "$layout: nothing is left of one that was ended" nothing_left "$work"
    same "$layout: and the machine is as before" "" \
        "$(diff <(echo "$before") <(state_of_machine))"
done
tap_end
