#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A container that no engine can name, in a cgroup of no engine's shape: by runc with a state
# directory of its own. Its namespaces tell it from a service, before the trace as well as in it.
. "$(dirname "$0")/lib.sh"
harness_enter "$0" "$@"
need runc jq

make_rootfs "$HARNESS_WORK/rootfs" sh nice sleep true || exit 1

# runc_ WORD...: where nobody looks for its containers.
runc_() {
    runc --root "$HARNESS_WORK/elsewhere" "$@"
}

# Nothing of ours stays open in it.
start() {
    runc_ run -d -b "$HARNESS_WORK/$1" "$1" </dev/null >/dev/null 2>&1
}

# bundle NAME COMMAND
bundle() {
    local directory=$HARNESS_WORK/$1
    mkdir "$directory"
    (cd "$directory" && runc spec) || return 1
    jq --arg command "$2" --arg root "$HARNESS_WORK/rootfs" --arg path "/$1" '
        .process.terminal = false | .process.args = ["sh", "-c", $command] |
        .root.path = $root | .linux.cgroupsPath = $path | del(.process.rlimits)' \
        "$directory/config.json" >"$directory/new" && mv "$directory/new" "$directory/config.json"
}

bundle old "$NICE_LOOP" && bundle young "$NICE_LOOP" && bundle brief 'nice -n -20 true' || exit 1
check "one runs before the trace" start old

# A service's processes, in a cgroup of as plain a name, have the host's namespaces.
mkdir /sys/fs/cgroup/plain
(
    echo "$BASHPID" >/sys/fs/cgroup/plain/cgroup.procs
    exec sh -c "$NICE_LOOP"
) 2>/dev/null &
service=$!

tracer_start
sees "that one is traced, by its cgroup's name" \
    '.container == "old" and .comm == "nice" and .capName == "SYS_NICE" and .verdict == "Deny"' 2
check "another one starts" start young
sees "so is one that starts while it is traced" \
    '.container == "young" and .comm == "nice" and .capName == "SYS_NICE"' 2
for ((turn = 0; turn < 10; turn++)); do
    runc_ run -b "$HARNESS_WORK/brief" brief </dev/null >/dev/null 2>&1
done
sees "and each of ten that live some milliseconds" '.container == "brief" and .comm == "nice"' 10
same "once" 10 "$(count_rows '.container == "brief" and .comm == "nice"')"
sees_none "a service is none" '.container == "plain"'
sees_none "nothing of runc's own is shown" '.comm | startswith("runc")'
same "both are listed, with their first processes" \
    "old $(runc_ state old | jq .pid) young $(runc_ state young | jq .pid)" \
    "$("$LOCAL_GADGET" list-containers -o json | jq -r '.[] | "\(.name) \(.pid)"' | sort | xargs)"
ends_well "it ends well"

kill "$service"
wait "$service" 2>/dev/null
runc_ delete -f old
runc_ delete -f young
tap_end
