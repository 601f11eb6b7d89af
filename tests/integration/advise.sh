# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# `advise capabilities` in the background, one at a time.
#
#   advised   what it advises, after advise_ends
#   words     what it says on standard error

advised=${HARNESS_WORK-}/advised
words=${HARNESS_WORK-}/words
adviser=

# advise OPTION...: returns once it is attached.
advise() {
    : >"$words" # not yet by the one in the background
    "$LOCAL_GADGET" advise capabilities -v "$@" >"$advised" 2>"$words" &
    adviser=$!
    wait_until grep -q 'tracing with back-end' "$words"
}

# The advice is there.
advise_ends() {
    kill -INT "$adviser"
    wait "$adviser"
}

missing() {
    jq -r '.missing | join(" ")' "$advised"
}

# -------- jobs of docker, after docker_start --------

# run_job NAME FORMAT OPTION... -- COMMAND...: its whole life, watched; the advice is in $advised,
# what the job ended with is returned.
run_job() {
    local name=$1 format=$2 status
    shift 2
    advise -c "$name" -o "$format"
    container "$name" "$@"
    status=$(docker wait "$name")
    advise_ends
    remove "$name"
    return "$status"
}

# Options of docker run for the first run alone, by which it is measured.
measured_with=()

# closes NAME WANTED OPTION... -- COMMAND...: WANTED is what it is to be given, names with blanks
# between them.
closes() {
    local name=$1 wanted=$2 flags=() capability left options=()
    shift 2
    run_job "$name" docker "${measured_with[@]}" "$@"
    for capability in $wanted; do
        flags+=(--cap-add "$capability")
    done
    same "$name: what is advised" "--cap-drop ALL${flags[*]:+ ${flags[*]}}" "$(cat "$advised")"
    run_job "$name" json --cap-drop ALL "${flags[@]}" "$@"
    same "$name: with that it goes well, and misses nothing" "0 " "$? $(missing)"
    same "$name: and is given nothing in vain" "" "$(jq -r '.unused | join(" ")' "$advised")"
    for capability in $wanted; do
        options=()
        for left in $wanted; do
            [ "$left" = "$capability" ] || options+=(--cap-add "$left")
        done
        if run_job "$name" json --cap-drop ALL "${options[@]}" "$@" && [ -z "$(missing)" ]; then
            fail "$name: without $capability something is missing" "$(cat "$advised")"
        else
            pass "$name: without $capability something is missing"
        fi
    done
}
