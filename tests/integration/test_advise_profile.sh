#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# advise over time, on Docker: what one run has seen is carried on in the next, and a run that goes
# beyond it ends with exit status 3.
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/integration/advise.sh
. "$(dirname "$0")/advise.sh"
harness_enter "$0" "$@"
docker_start
cp "$TEST_BUILD/tests/needs" "$HARNESS_WORK/rootfs/bin/needs"
tar -C "$HARNESS_WORK/rootfs" -c . | docker import - demo >/dev/null

profile=$HARNESS_WORK/profile.json

# run_job OPTION... -- DEED...: a job's life, watched with these options; what advise ended with is
# returned.
run_job() {
    local options=() status
    while [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    shift
    advise -c job -o json "${options[@]}"
    container job -- needs "$@"
    docker wait job >/dev/null
    advise_ends
    status=$?
    remove job
    return "$status"
}

run_job --output-file "$profile" -- chown
same "a run: what it needs" '["CHOWN"]' "$(jq -c .need "$profile")"
run_job --check "$profile" -- chown
same "another one of the same is within it" 0 $?
run_job --check "$profile" -- chown read
same "one that reads what is not its own is not" 3 $?
check "and what that is is said" grep -q 'job used DAC_OVERRIDE, which is not in the profile' "$words"
run_job --check "$profile" -- try-nice
same "nor is one that is denied something" 3 $?
check "and what that is is said, too" grep -q 'job was denied SYS_NICE, which is not in' "$words"
run_job --merge "$profile" --output-file "$profile" -- chown read
same "carried on: what both need" '["CHOWN","DAC_OVERRIDE"] whole' \
    "$(jq -r '"\(.need) \(.confidence)"' "$profile")"
run_job --check "$profile" -- chown read
same "with that it is within it" 0 $?
"$LOCAL_GADGET" advise capabilities --check "$profile" -- true >"$advised" 2>"$words"
same "what did not run is not passed" 3 $?
"$LOCAL_GADGET" advise capabilities --check "$profile" -t 0.1 >"$advised" 2>"$words"
same "nor is nothing at all" 1 $?
check "and why" grep -q 'nothing of what was asked for\|job of the profile was not seen' "$words"
advise -c job -o docker --merge "$profile"
advise_ends
same "without a run it is what it was" "--cap-drop ALL --cap-add CHOWN --cap-add DAC_OVERRIDE" \
    "$(cat "$advised")"

tap_end
