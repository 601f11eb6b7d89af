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
tracer_start --buffer-size 64K --cap SYS_TIME -r runc -c "$id"
kill -STOP "$tracer_pid"
in_cgroup "$cgroup" setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all \
    --bounding-set=-all \
    sh -c "i=0; while [ \$i -lt $ROUNDS ]; do date -s @0 >/dev/null; i=\$((i + 1)); done" 2>/dev/null
kill -CONT "$tracer_pid"
sees "a loss is a row of the stream" '.type == "lost" and .count > 0 and .total >= .count'
tracer_stop
shown=$(count_rows '.capName == "SYS_TIME"')
lost=$(jq -s '[.[] | select(.type == "lost") | .count] | add' "$tracer_rows")
total=$(jq -s '[.[] | select(.type == "lost") | .total] | max' "$tracer_rows")
note "$shown shown, $lost lost"
# No one else asks to set the clock meanwhile, nor makes cgroups, whose checks would be lost with
# them: a check counted twice shows here.
same "every check was shown or counted, once" "$ROUNDS" "$((shown + lost))"
same "the last record has the sum" "$lost" "$total"
check "it is said on standard error" grep -q 'events were lost' "$tracer_words"
check "and at the end" grep -q "$shown events\? shown, $lost lost" "$tracer_words"

# Births that find no room are found by looking: that of a container which no engine knows, at a
# place that tells nothing, too.
tracer_start --buffer-size 64K --cap SYS_TIME -r runc
kill -STOP "$tracer_pid"
mkdir /sys/fs/cgroup/many
seq 1 2000 | sed 's|^|/sys/fs/cgroup/many/|' | xargs mkdir
mkdir /sys/fs/cgroup/box
in_cgroup /sys/fs/cgroup/box unshare --mount setpriv --reuid 65534 --regid 65534 --clear-groups \
    --inh-caps=-all --bounding-set=-all \
    sh -c 'while :; do date -s @0; done' >/dev/null 2>&1 &
wait_until grep -q . /sys/fs/cgroup/box/cgroup.procs
kill -CONT "$tracer_pid"
sees "a container is seen whose birth found no room" '.container == "box"'
harness_kill /sys/fs/cgroup/box
find /sys/fs/cgroup/many -depth -type d -exec rmdir {} +
tracer_stop

# The end of a container finds no room, and is all that is lost: births fill the ring, of 1 MiB, but
# for less than that notice takes. A birth takes 8 bytes, 32, and its name with the end, in eights.
mkdir /sys/fs/cgroup/many
in_cgroup "$cgroup" sleep 1000 &
wait_until grep -q . "$cgroup/cgroup.procs"
: >"$tracer_rows"
"$LOCAL_GADGET" list-containers --watch -o json >"$tracer_rows" 2>"$tracer_words" &
tracer_pid=$!
sees "a container is there" ".id == \"$id\" and .event == \"CREATED\""
kill -STOP "$tracer_pid"
seq -f "/sys/fs/cgroup/many/%0250.0f" 1 3542 | xargs mkdir
mkdir "/sys/fs/cgroup/many/$(printf '%071d' 0)"
harness_kill "$cgroup"
wait_until rmdir "$cgroup"
kill -CONT "$tracer_pid"
sees "its end is seen all the same" ".id == \"$id\" and .event == \"DELETED\""
check "and that a notice was lost is said" \
    wait_until grep -q 'starts or stops were lost; looking at all' "$tracer_words"
find /sys/fs/cgroup/many -depth -type d -exec rmdir {} +
tracer_stop

tap_end
