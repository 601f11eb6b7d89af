#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A seccomp filter hides needs: what it refuses never comes to a check. Who is under one is said,
# and without it the need is there.
. "$(dirname "$0")/lib.sh"
harness_enter "$0" "$@"
docker_start

ACT='while :; do provoke sethostname; sleep 0.1; done >/dev/null'

says() { grep -q -- "$1" "$tracer_words"; }

container open --security-opt seccomp=unconfined -- sh -c "$ACT"
tracer_start
sees "without a filter the need is seen" '.container == "open" and .capName == "SYS_ADMIN" and
    .verdict == "Deny"'
ends_well "that trace ends"
check "and nothing is said of a filter" [ -z "$(grep seccomp "$tracer_words")" ]

docker info --format '{{.SecurityOptions}}' 2>/dev/null | grep -q seccomp || {
    skip "who runs under a filter is said" "this dockerd has no seccomp"
    tap_end
    exit
}
container web -- sh -c "$ACT"
container admin -- sh -c "nice -n -20 true; $ACT"
tracer_start
check "who runs under a filter is said, once" wait_until says 'admin, web run under a seccomp filter'
check "and what to do about it" says 'run them with --security-opt seccomp=unconfined'
container late -- sh -c "nice -n -20 true; $ACT"
check "of a later one with -v" wait_until says 'late runs under a seccomp filter$'
sees "what it does not refuse is seen" '.container == "late" and .capName == "SYS_NICE"'
sees "and so is the one without" '.container == "open" and .capName == "SYS_ADMIN"'
sees_none "what it refuses is not" '.container != "open" and .capName == "SYS_ADMIN" and
    .syscall == "sethostname"'
same "each is named once" 3 "$(grep -oE '\b(admin|web|late)\b.* under' "$tracer_words" |
    grep -oE 'admin|web|late' | wc -l)"
ends_well "the last trace ends"
tap_end
