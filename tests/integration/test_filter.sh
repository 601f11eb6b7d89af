#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --filter and its short forms, on real checks: what is shown is what was asked for, whether the
# kernel decides it or the program, and all the rest is counted.
. "$(dirname "$0")/lib.sh"
harness_enter "$0" "$@"
docker_start

# A program of its own for each of two users, by two system calls.
BUSY='while :; do nice -n -20 sleep 0.1; chown 1:1 /tmp/f 2>/dev/null; done'
container web -- sh -c "mkdir -p /tmp; : > /tmp/f; $BUSY"
container db --user 65534 -- sh -c "$NICE_LOOP"

# says PATTERN: of what was filtered where.
says() { grep -q -- "$1" "$tracer_words"; }

# only NAME FILTER OPTION...: with these options all rows are such, and there are some.
only() {
    local name=$1 filter=$2
    shift 2
    tracer_start --audit-only=false "$@"
    sees "$name: seen" "$filter" 3
    sees_none "$name: and nothing else" "($filter) | not"
    ends_well "$name: ends"
}

only "a capability" '.capName == "SYS_NICE"' -F capname:SYS_NICE
check "the kernel decides that" says 'filtered in the kernel: capname:$'
check "what it leaves out is counted" says '[1-9][0-9]* checks not shown, as the filter leaves'
only "a capability by a pattern" '.capName | test("^SYS_N")' --filter 'capname=~^SYS_N'
only "a container" '.container == "db"' -F container:db
only "another spelling" '.container == "db" and .uid == 65534' -F 'container==db,uid==65534'
only "a user" '.uid >= 65534' -F 'uid:>=65534'
check "the kernel decides that, too" says 'filtered in the kernel: uid:>=$'
only "not that user" '.uid != 65534' -F 'uid:!65534'
check "which is decided here" says 'filtered here: uid:!$'
only "a program" '.comm == "chown"' --comm chown
only "all but a program" '.comm != "nice"' --comm '!nice'
only "silent probes" '.audit == 0' -F audit:0
only "several at once" '.comm == "nice" and .verdict == "Deny" and .container == "web"' \
    -F 'comm:~^ni,verdict:deny' -F container:web --image demo
only "a function of the kernel" '.kernelStack | tostring | test("setpriority")' \
    -F 'kstack:~setpriority' --print-stack
pid=$(docker inspect --format '{{.State.Pid}}' db)
docker exec -d --user 0 db sh -c "$BUSY"
only "a process, and no other" ".pid != $pid and .container == \"db\" and .uid == 0" \
    -c db --pid "!$pid" --uid 0
remove web db

# -------- every check is shown or counted --------

id=$(printf '%064x' 1)
mkdir -p "/sys/fs/cgroup/docker/$id"
cp "$TEST_BUILD/tests/provoke" "$HARNESS_WORK/provoke"
chmod 755 "$HARNESS_WORK" "$HARNESS_WORK/provoke"

# The same checks each time, so many by each of two programs, for two capabilities.
act() {
    in_cgroup "/sys/fs/cgroup/docker/$id" setpriv --reuid 65534 --regid 65534 --clear-groups \
        --inh-caps=-all --bounding-set=-all "$HARNESS_WORK/provoke" -n "$1" sethostname chown \
        >/dev/null
}

# sum OPTION...: how many of those are shown, or counted as left out. The first time nothing is known
# of the cgroup yet, and the kernel decides nothing.
sum() {
    tracer_start -c "$id" -r runc --audit-only=false "$@"
    act 40
    wait_until has_rows '.comm == "p-sethostname"' 40
    act 40
    wait_until has_rows '.comm == "p-sethostname"' 80
    tracer_stop
    sed -n 's/^local-gadget: \([0-9]*\) \(events\? shown, \|checks not shown, as the filter\|checks of engines\).*/\1/p' \
        "$tracer_words" | jq -s add
}

all=$(sum)
check "there are some" [ "$all" -gt 160 ]
for filter in capname:SYS_ADMIN audit:1 verdict:deny,comm:p-sethostname 'cap:>1' 'comm:!p-chown,uid:>1' \
    "container:${id:0:12},capname:!CHOWN"; do
    same "with $filter none is missing" "$all" "$(sum -F "$filter")"
    note "$(grep -E 'shown|filtered' "$tracer_words" | tr '\n' ';')"
done

# -------- what the kernel leaves out takes no room --------

# A process that itself asks for KILL, as another user than those of act().
in_cgroup "/sys/fs/cgroup/docker/$id" setpriv --reuid 1 --regid 1 --clear-groups \
    --inh-caps=-all --bounding-set=-all \
    bash -c 'echo "$$"; while :; do kill -0 1; sleep 0.1; done' >"$HARNESS_WORK/killer" 2>/dev/null &
wait_until [ -s "$HARNESS_WORK/killer" ]
killer=$(cat "$HARNESS_WORK/killer")

# The reader sleeps while there are more other checks than its ring has room for.
for filter in "pid:$killer" capname:KILL uid:1; do
    tracer_start -c "$id" -r runc --buffer-size 64K -F "$filter"
    sees "$filter: seen" ".pid == $killer"
    kill -STOP "$tracer_pid"
    act 2000
    kill -CONT "$tracer_pid"
    sees "$filter: and seen afterwards" ".pid == $killer" $(($(count_rows .pid) + 2))
    ends_well "$filter: the others took no room of the ring"
done
kill "$killer"
tap_end
