#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How a trace ends, and that nothing of it stays attached.
. "$(dirname "$0")/lib.sh"
harness_enter "$0" "$@"

# A load of our own, on the host's side: nobody asks for CHOWN, over and over.
cp "$TEST_BUILD/tests/provoke" "$HARNESS_WORK/provoke"
chmod 755 "$HARNESS_WORK" "$HARNESS_WORK/provoke"
while :; do
    "$HARNESS_WORK/provoke" chown setpriority >/dev/null
    sleep 0.05
done &
load=$!

# The programs and links that a process holds, as bpftool's words.
held_by() {
    local info kind number
    for info in /proc/"$1"/fdinfo/*; do
        while read -r kind number; do
            case $kind in
            prog_id:) echo "prog show id $number" ;;
            link_id:) echo "link show id $number" ;;
            map_id:) echo "map show id $number" ;;
            esac
        done <"$info"
    done 2>/dev/null | sort -u
}

bpf() {
    # shellcheck disable=SC2086 # words
    PATH=$PATH:/usr/sbin bpftool $1
}

is_gone() {
    ! bpf "$1" >/dev/null 2>&1
}

for signal in INT TERM HUP; do
    tracer_start --host --cap CHOWN
    sees "before SIG$signal: events come" '.capName == "CHOWN" and .verdict == "Deny"' 2
    held=$(held_by "$tracer_pid")
    check "a trace holds programs and links" grep -q '^link' <<<"$held"
    ends_well "SIG$signal ends it with status 0 and a count" "$signal"
    while read -r what; do
        wait_until is_gone "$what" || fail "$what has gone" "$(bpf "$what")"
    done <<<"$held"
    pass "SIG$signal leaves nothing attached"
done

tracer_start --host --cap CHOWN
sees "before SIGKILL: events come" '.capName == "CHOWN"'
held=$(held_by "$tracer_pid")
tracer_stop KILL
while read -r what; do
    wait_until is_gone "$what" || fail "$what has gone" "$(bpf "$what")"
done <<<"$held"
pass "even SIGKILL leaves nothing attached"

# -------- ends of its own --------

gadget() {
    "$LOCAL_GADGET" trace capabilities --host --cap CHOWN "$@" 2>"$tracer_words"
}

gadget -o json --max-events 3 >"$tracer_rows"
same "--max-events ends it with status 0" 0 $?
same "after as many rows" 3 "$(wc -l <"$tracer_rows")"

gadget -o json -t 1 >"$tracer_rows"
same "--timeout ends it with status 0" 0 $?
check "and it has shown what there was" [ -s "$tracer_rows" ]
check "and says how much" grep -Eq '^local-gadget: [1-9][0-9]* events? shown, 0 lost$' "$tracer_words"

gadget -t 30 | head -n 1 >"$tracer_rows"
same "a reader that has seen enough is no failure" "0 0" "${PIPESTATUS[*]}"
same "and nothing is said about it" "" "$(grep -iE 'error|broken|cannot' "$tracer_words")"

gadget -o json -t 2 >/dev/full
same "a full disk is a failure" 1 $?
check "and is named" grep -q 'No space left' "$tracer_words"

(
    # Without anywhere to say it, it still ends.
    exec 2>&-
    "$LOCAL_GADGET" trace capabilities --host --cap CHOWN --max-events 1 -o json >"$tracer_rows"
)
same "closed standard error does no harm" 0 $?
same "and its rows are whole" CHOWN "$(jq -r .capName "$tracer_rows")"

# -------- JSON --------

gadget -o json --max-events 2 >"$tracer_rows"
check "zero is shown: CHOWN is 0" jq -e '.cap == 0 and has("uid") and has("audit")' "$tracer_rows"
check "unknown is null" jq -e 'has("pod") and .pod == null and .container == null' "$tracer_rows"
keys='node namespace pod container timestamp type message pid comm uid cap capName audit verdict
    insetid mountnsid syscall targetuserns currentuserns caps capsNames'
for key in $keys; do
    jq -e "has(\"$key\")" "$tracer_rows" >/dev/null || fail "JSON has the key $key"
done
pass "JSON has the keys that users know"
gadget -o yaml --max-events 1 >"$tracer_rows"
check "YAML comes too" grep -q '^ *capName: *"\?CHOWN' "$tracer_rows"

kill "$load"
wait "$load" 2>/dev/null
tap_end
