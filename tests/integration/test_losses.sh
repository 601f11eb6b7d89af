#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A ring buffer that overflows: what is lost is counted, and said, in the stream and on standard
# error.
. "$(dirname "$0")/lib.sh"
harness_enter "$0" "$@"

id=$(printf '%064x' 1)
cgroup=/sys/fs/cgroup/docker/$id
mkdir -p "$cgroup"
ROUNDS=3000

# The reader is stopped while ROUNDS checks are made.
tracer_start --buffer-size 64K --cap SYS_TIME -r runc
kill -STOP "$tracer_pid"
(
    echo "$BASHPID" >"$cgroup/cgroup.procs"
    exec setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all --bounding-set=-all \
        sh -c "i=0; while [ \$i -lt $ROUNDS ]; do date -s @0 >/dev/null; i=\$((i + 1)); done" \
        2>/dev/null
)
kill -CONT "$tracer_pid"
sees "a loss is a row of the stream" '.type == "lost" and .count > 0 and .total >= .count'
tracer_stop
shown=$(count_rows '.capName == "SYS_TIME"')
lost=$(jq -s '[.[] | select(.type == "lost") | .count] | add' "$tracer_rows")
total=$(jq -s '[.[] | select(.type == "lost") | .total] | max' "$tracer_rows")
note "$shown shown, $lost lost"
# No one else asks to set the clock meanwhile: a check counted twice shows here.
same "every check was shown or counted, once" "$ROUNDS" "$((shown + lost))"
same "the last record has the sum" "$lost" "$total"
check "it is said on standard error" grep -q 'events were lost' "$tracer_words"
check "and at the end" grep -q "$shown events\? shown, $lost lost" "$tracer_words"

tap_end
