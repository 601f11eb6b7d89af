#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A user who makes very many cgroups, named like containers, hides nobody and keeps nobody waiting.
. "$(dirname "$0")/lib.sh"
harness_enter "$0" "$@"

USER_ID=4321
CROWD=12000 # more than a user's share of the index
crowd=/sys/fs/cgroup/crowd
id=$(printf '%064x' 7)
web=/sys/fs/cgroup/docker/$id

# crowd_name NUMBER
crowd_name() {
    printf 'docker-%064x.scope' "$1"
}

# make_crowd FIRST LAST: by the user.
make_crowd() {
    seq "$1" "$2" | while read -r number; do
        crowd_name "$number"
        echo
    done | (cd "$crowd" && setpriv --reuid "$USER_ID" --regid "$USER_ID" --clear-groups xargs mkdir)
}

# check_in DIRECTORY COUNT: so many denied checks, by a process that is there.
check_in() {
    in_cgroup "$1" setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all \
        --bounding-set=-all sh -c "for i in $(seq -s ' ' "$2"); do date -s @0; done" \
        >/dev/null 2>&1
}

mkdir -p "$web" "$crowd"
chown "$USER_ID" "$crowd"

tracer_start --cap SYS_TIME -r runc
make_crowd 1 "$CROWD" &
maker=$!
check_in "$web" 100
sees "a container is seen while a user makes cgroups" ".containerId == \"$id\"" 100
wait "$maker"
same "the cgroups are made" 0 "$?"
check_in "$crowd/$(crowd_name "$CROWD")" 3
sees "what happens in one of those is its user's" \
    ".container == \"user/$USER_ID/$(printf '%012x' 0)\"" 3
ends_well "the tracer ends and has lost nothing"
same "nothing had to be remembered of the others" 0 "$(grep -c 'no room' "$tracer_words")"

# All of them are there at the start.
tracer_start --cap SYS_TIME -r runc
check_in "$web" 10
sees "a container is seen among very many of a user" ".containerId == \"$id\"" 10
make_crowd "$((CROWD + 1))" "$((CROWD + 1))"
check_in "$crowd/$(crowd_name "$((CROWD + 1))")" 3
sees "over a user's share a number has to do" \
    '.container | startswith("cgroup:")' 3
find "$crowd" -mindepth 1 -type d -exec rmdir {} + &
ends_well "the tracer ends while they go"
check "that there was no room is said" grep -q "a user's cgroup found no room" "$tracer_words"
wait

tap_end
