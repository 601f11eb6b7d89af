#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The program in a container of its own, started by the command of README: it sees the others, by
# name, and says what it has not got.
# shellcheck disable=SC2016 # jq has variables too
. "$(dirname "$0")/lib.sh"
harness_enter "$0" "$@"
docker_start

# The image that README speaks of: the program and its libraries.
make_rootfs "$HARNESS_WORK/ours" "$LOCAL_GADGET" || exit 1
tar -C "$HARNESS_WORK/ours" -c . | docker import - local-gadget >/dev/null || exit 1
container web

# README's words of the command, up to the program's own.
read -r -a run < <(sed -n '/^docker run .*HOST_ROOT/,/[^\\]$/p' "$here/../../README.md" |
    sed 's/\\$//; s/local-gadget trace.*//' | xargs)
inside() {
    "${run[@]}" local-gadget "$@" >"$HARNESS_WORK/rows" 2>"$tracer_words"
}

inside list-containers -o json
check "it lists the others, by the names that engines of the host know" jq -e --arg id \
    "$(container_id web)" '.[] | select(.id == $id) | .name == "web" and .runtime == "docker"' \
    "$HARNESS_WORK/rows"
inside trace capabilities -c web --max-events 2 -o json
check "it traces them" test "$(jq -r '"\(.container) \(.capName) \(.verdict)"' "$HARNESS_WORK/rows" |
    sort -u)" = "web SYS_NICE Deny"
# Before engines have answered it cannot.
knows_who_is_there() {
    inside trace capabilities -c nosuch -t 1
    grep -q "no container is called 'nosuch'.*web" "$tracer_words"
}
check "and knows who is there" wait_until knows_who_is_there
inside doctor -o json
same "doctor: it works there" "true" \
    "$(jq '.[] | select(.section == "Result").ok' "$HARNESS_WORK/rows")"
same "and what is missing is said" "CHECKPOINT_RESTORE" "$(jq -r '.[] | select(.section == "Caller" and
    .ok == false and .name != "cgroup namespace").name' "$HARNESS_WORK/rows")" # the suite has its own

run=("${run[@]/--cgroupns=host/}")
mapfile -t run < <(printf '%s\n' "${run[@]}" | grep .)
inside trace capabilities -t 0.2
same "without the host's cgroup namespace: status 1" 1 $?
check "and the reason" grep -q -e '--cgroupns=host' "$tracer_words"
remove web
tap_end
