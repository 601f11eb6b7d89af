#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a container writes goes to the journal, by its engine's journald driver, and our entries of the
# same container stand between: `docker logs` and `podman logs` show what they show without us, byte
# for byte.
export HARNESS_LAYOUT=hybrid # podman does not start here on cgroup v2 alone
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/integration/journald.sh
. "$(dirname "$0")/journald.sh"
harness_enter "$0" "$@"
journald_need
journald_start
docker_start
podman_prepare

# On both outputs; denied something between, and allowed something. Engines take what has the
# priority of an Allow for standard output.
# shellcheck disable=SC2016 # for the container's shell
TALK=': >/file; for i in 1 2 3; do echo "line $i"; nice -n -20 true; chown 1:1 /file; done'

engine() {
    if [ "$1" = docker ]; then docker "${@:2}"; else podman_ "${@:2}"; fi
}

# wrote ENGINE FILE: the container has ended; what its engine shows of it goes to FILE.*
wrote() {
    engine "$1" wait talk >/dev/null
    journalctl --sync 2>/dev/null
    engine "$1" logs talk >"$HARNESS_WORK/$2.output" 2>"$HARNESS_WORK/$2.errors"
}

# entries_are_there ENGINE
entries_are_there() {
    local verdict
    for verdict in Deny Allow; do
        [ "$(count_of CONTAINER_NAME=talk CONTAINER_RUNTIME="$1" VERDICT=$verdict)" -ge 3 ] ||
            return 1
    done
}

# Each start adds the same, so that twice what was there before is right.
same_twice() {
    local stream
    for stream in output errors; do
        [ -s "$HARNESS_WORK/without.$stream" ] || return 1
        cat "$HARNESS_WORK/without.$stream" "$HARNESS_WORK/without.$stream" |
            cmp - "$HARNESS_WORK/with.$stream" || return 1
    done
}

for name in docker podman; do
    engine $name run -d --log-driver journald --network none --name talk demo sh -c "$TALK" \
        >"$HARNESS_WORK/$name-run.log" 2>&1 || note "$(cat "$HARNESS_WORK/$name-run.log")"
    wrote $name without
    same "$name logs shows what was written" $'line 1\nline 2\nline 3' \
        "$(cat "$HARNESS_WORK/without.output")"
    tracer_start -o journal -c talk
    engine $name start talk >/dev/null
    engine $name wait talk >/dev/null
    wait_until entries_are_there $name
    ends_well "$name: its container is traced into the same journal"
    check "$name: where its checks are" entries_are_there $name
    wrote $name with
    check "$name logs shows the same as without us, byte for byte" same_twice
    engine $name rm talk >/dev/null
done
kill "$journald_pid"
tap_end
