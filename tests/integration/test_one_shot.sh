#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs that end by themselves, for scripts: where rows go, what the exit status says, and that it
# ends when nobody reads any more.
. "$(dirname "$0")/lib.sh"
harness_enter "$0" "$@"

# A unit of systemd, made by hand, stands for a container: no engine is needed.
unit=/sys/fs/cgroup/system.slice/job.service
mkdir -p "$unit"
file=$HARNESS_WORK/rows.json

in_unit() {
    (
        echo "$BASHPID" >"$unit/cgroup.procs"
        exec "$@"
    )
}

as_nobody_in_unit() {
    in_unit setpriv --reuid 65534 --regid 65534 --clear-groups nice -n -5 true
}

# -------- --output-file --------

echo "what was there" >"$file"
tracer_start --unit job --output-file "$file"
in_unit nice -n -5 true
wait_until test -s "$file"
ends_well "with --output-file it ends well"
same "rows are in the file, and nothing else" SYS_NICE "$(jq -r 'select(.comm == "nice").capName' "$file")"
same "none is on standard output" "" "$(cat "$tracer_rows")"

mkfifo "$HARNESS_WORK/fifo"
cat "$HARNESS_WORK/fifo" >"$HARNESS_WORK/through" &
tracer_start --unit job --output-file "$HARNESS_WORK/fifo"
in_unit nice -n -5 true
wait_until test -s "$HARNESS_WORK/through"
ends_well "a named pipe will do"

# refuses STATUS WORD OPTION...
refuses() {
    local status=$1 word=$2 actual
    shift 2
    "$LOCAL_GADGET" trace capabilities -t 1 "$@" >"$tracer_rows" 2>"$tracer_words"
    actual=$?
    if [ "$actual" -eq "$status" ] && head -n 1 "$tracer_words" | grep -qF -e "$word"; then
        pass "$* -> $status, $word"
    else
        fail "$* -> $status, $word" "status $actual"$'\n'"$(cat "$tracer_words")"
    fi
}

refuses 1 "cannot open /nowhere/file: No such file" --output-file /nowhere/file
refuses 1 "cannot open $HARNESS_WORK: Is a directory" --output-file "$HARNESS_WORK"
refuses 2 "output-file" --output-file
before=$(cat "$file")
refuses 2 nonsense --fields nonsense --output-file "$file"
same "a mistake elsewhere on the line costs no file" "$before" "$(cat "$file")"

mkdir "$HARNESS_WORK/small"
mount -t tmpfs -o size=4k none "$HARNESS_WORK/small"
tracer_start --unit job --output-file "$HARNESS_WORK/small/rows"
while kill -0 "$tracer_pid" 2>/dev/null; do
    in_unit nice -n -5 true
done
wait "$tracer_pid"
same "a full file system is a failure" 1 $?
check "that names the file and the reason" \
    grep -qx "local-gadget: cannot write to $HARNESS_WORK/small/rows: No space left on device" "$tracer_words"
check "and what did not get through is counted" grep -Eq 'events? shown, [1-9][0-9]* lost \([1-9][0-9]* not written\)' \
    "$tracer_words"
same "what did is whole" "$(sed -n 's/.*: \([0-9]*\) events\{0,1\} shown.*/\1/p' "$tracer_words")" \
    "$(head -c 4096 "$HARNESS_WORK/small/rows" | grep -c '}$')"

# -------- --fail-on --------

tracer_start --unit job --fail-on deny
in_unit nice -n -5 true
sees "an Allow comes" '.verdict == "Allow" and .comm == "nice"'
tracer_stop
same "and is no failure" 0 "$tracer_status"

tracer_start --unit job --fail-on deny
as_nobody_in_unit 2>/dev/null
sees "a Deny comes" '.verdict == "Deny" and .comm == "nice"'
tracer_stop
same "and is: 3" 3 "$tracer_status"

tracer_start --unit job --cap SYS_NICE
as_nobody_in_unit 2>/dev/null
sees "without --fail-on a Deny comes" '.verdict == "Deny"'
tracer_stop
same "and is no failure" 0 "$tracer_status"
check "one is one" grep -q ': 1 event shown, 0 lost$' "$tracer_words"

refuses 2 "never can" --fail-on deny --verdict allow
refuses 2 "only: deny" --fail-on surprise

# -------- --until-exit --------

has_ended() {
    ! kill -0 "$1" 2>/dev/null
}

# ends_by_itself NAME: with status 0, nothing lost.
ends_by_itself() {
    if ! wait_until has_ended "$tracer_pid"; then
        fail "$1" "it still runs"$'\n'"$(cat "$tracer_words")"
        tracer_stop
        return
    fi
    wait "$tracer_pid"
    same "$1" "0 1" "$? $(grep -c 'events\? shown, 0 lost$' "$tracer_words")"
}

# Each process ends before the next, and the last is in a cgroup further below.
mkdir -p "$unit/below"
in_unit sh -c "(until [ -e go ]; do sleep 0.05; done; nice -n -6 true) &
    (echo 0 >$unit/below/cgroup.procs
     until [ -e go ]; do sleep 0.05; done; sleep 0.5; nice -n -7 true) &"
tracer_start --unit job --until-exit --cap SYS_NICE
touch go
ends_by_itself "it ends with the last process of a unit, wherever below"
same "after its last events" 2 "$(count_rows '.comm == "nice"')"
rmdir "$unit/below"
rmdir "$unit"

tracer_start --unit job --until-exit --cap SYS_NICE
mkdir "$unit"
in_unit nice -n -5 true
rmdir "$unit"
ends_by_itself "a unit that is not there yet is waited for, however brief it is"
same "and shown" 1 "$(count_rows '.comm == "nice"')"
mkdir "$unit"

tracer_start --unit job --until-exit --cap SYS_NICE
sleep 0.3
check "an empty cgroup that was there is no end" kill -0 "$tracer_pid"
tracer_stop

docker_start
docker create --name job --network none demo nice -n -5 sleep 0.1 >/dev/null
tracer_start -c job --until-exit
docker start job >/dev/null
ends_by_itself "it ends with a container that is started while it waits"
sees "after its events" '.container == "job" and .comm == "nice"'
docker run -d --name long --network none demo sh -c "$NICE_LOOP" >/dev/null
tracer_start -c long --until-exit
sees "a container that was there is traced" '.container == "long"' 3
docker kill long >/dev/null
ends_by_itself "and its end is the trace's"
for run in 1 2 3 4 5; do
    tracer_start -c "brief-$run" --until-exit
    docker run --rm --name "brief-$run" --network none demo nice -n -5 true 2>/dev/null
    ends_by_itself "one that lives for a moment, $run"
    has_rows ".container == \"brief-$run\" and .comm == \"nice\"" || fail "it was shown, $run"
done

refuses 2 "whose?" --until-exit
refuses 2 "whose?" --until-exit -c '!web'

# -------- when nobody reads --------

# While nothing happens.
# ends_without_reader NAME COMMAND...
ends_without_reader() {
    local name=$1 pid
    shift
    "$LOCAL_GADGET" "$@" 2>"$tracer_words" > >(head -n 1 >"$tracer_rows") &
    pid=$!
    if wait_until has_ended "$pid"; then
        wait "$pid"
        same "$name" "0 " "$? $(grep -ve 'events\? shown' -e "no container is called 'nobody'" "$tracer_words")"
    else
        kill "$pid"
        fail "$name" "it still runs"
    fi
}

ends_without_reader "trace | head -1 ends, though there is no row" trace capabilities -c nobody
ends_without_reader "list-containers -w | head -1 ends" list-containers -w
"$LOCAL_GADGET" trace capabilities --unit job -t 1 >&- 2>"$tracer_words"
same "a closed standard output is a failure" 1 $?
check "that is named" grep -q 'cannot write to standard output: Bad file descriptor' "$tracer_words"
for command in list-containers "list-containers -o json" "doctor -o json" version --help; do
    # shellcheck disable=SC2086 # words
    "$LOCAL_GADGET" $command >&- 2>"$tracer_words"
    same "$command >&-: so too" 1 $?
done
"$LOCAL_GADGET" trace capabilities --unit job -t 1 -o json --output-file "$file" >&- 2>"$tracer_words"
same "with --output-file nobody minds" 0 $?

tap_end
