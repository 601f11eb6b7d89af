#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A pipe that nobody reads, and Ctrl-C: what did not get through is counted, each check once. Of one
# container: others may be at it on this machine.
. "$(dirname "$0")/lib.sh"
harness_enter "$0" "$@"

id=$(printf '%064x' 64206)
cgroup=/sys/fs/cgroup/docker/$id
mkdir -p "$cgroup"
ROUNDS=3000

pipe=$HARNESS_WORK/pipe
mkfifo "$pipe"
exec 9<>"$pipe"
"$LOCAL_GADGET" trace capabilities -v -o json --cap SYS_NICE -r runc -c "$id" >"$pipe" 2>"$tracer_words" &
tracer_pid=$!
wait_until tracer_is_attached
(
    echo "$BASHPID" >"$cgroup/cgroup.procs"
    exec setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all --bounding-set=-all \
        sh -c "i=0; while [ \$i -lt $ROUNDS ]; do nice -n -1 nice >/dev/null; i=\$((i + 1)); done" \
        2>/dev/null
)
tracer_stop
same "it ends well" 0 "$tracer_status"
# What is in the pipe; the last row may be cut.
timeout 2 cat "$pipe" >"$tracer_rows"
shown=$(jq -R 'fromjson? | select(.capName == "SYS_NICE") | 1' "$tracer_rows" | wc -l)
lost=$(sed -n 's/.* events\{0,1\} shown, \([0-9]*\) lost.*/\1/p' "$tracer_words")
note "$shown shown, $lost lost"
check "some got through" [ "$shown" -gt 0 ]
check "not all did" [ "$shown" -lt "$ROUNDS" ]
same "every check was shown or counted, once" "$ROUNDS" "$((shown + lost))"
check "and the words say why" \
    grep -q "$shown events\? shown, $lost lost ($lost not written)" "$tracer_words"

# -------- nobody reads for two seconds --------

CHECKS=100000
: >"$tracer_words"
"$LOCAL_GADGET" trace capabilities -v -o json --cap SYS_NICE -r runc -c "$id" 2>"$tracer_words" |
    (sleep 2 && exec cat) >"$tracer_rows" &
wait_until grep -q 'tracing with back-end' "$tracer_words"
tracer_pid=$(pgrep -x -P $$ local-gadget)
in_cgroup "$cgroup" setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all \
    --bounding-set=-all /usr/bin/python3 -c 'import os, sys
for i in range(int(sys.argv[1])):
    try: os.setpriority(os.PRIO_PROCESS, 0, -20)
    except PermissionError: pass' $CHECKS
# shown_and_lost: what is in the file, and what is counted in there as lost.
shown_and_lost() {
    echo $(($(grep -c '"capName":"SYS_NICE"' "$tracer_rows") + $(sed -n \
        's/.*"type":"lost".*"count":\([0-9]*\).*/\1/p' "$tracer_rows" | paste -sd + | grep . || echo 0)))
}
all_are_there() { [ "$(shown_and_lost)" -ge $CHECKS ]; }
check "a reader who comes late gets all of them, or their number" wait_until all_are_there
kill -INT "$tracer_pid"
has_ended() { ! kill -0 "$tracer_pid" 2>/dev/null; }
check "and the trace ends" wait_until has_ended
same "each once" $CHECKS "$(shown_and_lost)"
note "$(grep 'events shown' "$tracer_words")"
tap_end
