#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What an engine does inside of a container is not the container's: neither before its first program
# nor when the engine enters it later, for exec and health checks. But who is in a container without
# having executed anything, as after a restore, is not hidden for ever.
. "$(dirname "$0")/lib.sh"
harness_enter "$0" "$@"
docker_start

container healthy --cap-drop ALL --health-cmd true --health-interval 1s -- sleep 600
container entered --cap-drop ALL -- sleep 600

enter_often() {
    local turn
    for turn in 1 2 3 4 5 6 7 8 9 10; do
        docker exec entered true || fail "docker exec, turn $turn"
        sleep 0.5
    done
}

health_checks() {
    docker inspect --format '{{json .State.Health.Log}}' healthy | jq 'length'
}

was_checked() {
    [ "$(health_checks)" -ge 5 ]
}

engine_row='.container == "entered" or .container == "healthy"'

tracer_start
enter_often
wait_until was_checked
said=$(docker exec entered nice -n -20 true 2>&1)
check "a program is executed there, and says so" grep "Permission denied" <<<"$said"
sees "what is executed there is shown" '.container == "entered" and .comm == "nice"'
same "and nothing else: no row is an engine's" 0 "$(count_rows "($engine_row) and .comm != \"nice\"")"
ends_well "it ends well"
check "they were counted" grep -q 'checks of engines' "$tracer_words"

tracer_start --all
enter_often
sees "--all shows them, and says what they are" \
    '.container == "entered" and .setup and (.comm | startswith("runc"))'
sees "those of health checks too" '.container == "healthy" and .setup'
ends_well "that ends well, too"

# -------- nobody executes anything --------

group=/sys/fs/cgroup/docker/$(printf '%064d' 42)
mkdir "$group"
tracer_start
(
    echo "$BASHPID" >"$group/cgroup.procs"
    # More than anybody may have: asks for SYS_RESOURCE, in this very process.
    for ((turn = 0; turn < 600; turn++)); do
        ulimit -H -u 99999999
        read -r -t 0.1 </dev/zero
    done 2>/dev/null
) 2>/dev/null &
squatter=$!
sees "who never executes anything is shown before long" \
    '.container == "000000000000" and .capName == "SYS_RESOURCE"'
kill "$squatter"
wait "$squatter" 2>/dev/null
ends_well "it ends well with that, too"

# -------- it executes itself again --------

# As runc 1.1 does, from a file that has no name any more; what has one is the container's program.
group=/sys/fs/cgroup/docker/$(printf '%064d' 43)
mkdir "$group"
tracer_start -c "$(printf '%064d' 43)"
cp "$TEST_BUILD/tests/provoke" "$HARNESS_WORK/engine"
exec 3<"$HARNESS_WORK/engine"
rm "$HARNESS_WORK/engine"
in_cgroup "$group" /proc/self/fd/3 -n 5 sethostname >/dev/null
exec 3<&-
in_cgroup "$group" "$TEST_BUILD/tests/provoke" -n 5 chown >/dev/null
sees "the container's program is shown" '.comm == "p-chown"' 5
same "and not the engine that became it" 0 "$(count_rows '.comm == "p-sethostname"')"
ends_well "it ends well with an engine that executes itself again"

tap_end
