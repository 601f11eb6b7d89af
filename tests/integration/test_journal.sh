#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -o journal, with a real journald: what journalctl finds, and what a storm, a journald that is
# stopped, and one that is restarted leave out: nothing, or what is said.
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/integration/journald.sh
. "$(dirname "$0")/journald.sh"
harness_enter "$0" "$@"
journald_need

id=$(printf '%064x' 51966)
cgroup=/sys/fs/cgroup/docker/$id
unit=/sys/fs/cgroup/system.slice/lg-demo.service
mkdir -p "$cgroup" "$unit"

# in_cgroup CGROUP COMMAND...: by a user without any power.
in_cgroup() {
    (
        echo "$BASHPID" >"$1/cgroup.procs"
        shift
        exec setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all \
            --bounding-set=-all "$@"
    ) 2>/dev/null
}

# storm COUNT: so many checks of SYS_NICE, all denied.
# shellcheck disable=SC2016 # for the shell in there
storm() {
    in_cgroup "$cgroup" /usr/bin/python3 -c 'import os, sys
for i in range(int(sys.argv[1])):
    try: os.setpriority(os.PRIO_PROCESS, 0, -20)
    except PermissionError: pass' "$1"
}

start() {
    tracer_start --cap SYS_NICE -r runc -o journal "$@"
}

# -------- nobody listens --------

"$LOCAL_GADGET" trace capabilities -o journal -t 1 2>"$tracer_words"
same "without a journald it does not begin" 1 "$?"
check "and names the socket" grep -q '/run/systemd/journal/socket' "$tracer_words"
"$LOCAL_GADGET" trace capabilities -o journal --journal-namespace none -t 1 2>"$tracer_words"
same "nor without that of a namespace" 1 "$?"
check "and names that socket" grep -q '/run/systemd/journal.none/socket' "$tracer_words"
"$LOCAL_GADGET" trace capabilities -o journal --journal-namespace a/b 2>"$tracer_words"
same "what is no name of a namespace is an error of usage" 2 "$?"
check "that says where" grep -q 'character 2' "$tracer_words"
"$LOCAL_GADGET" trace capabilities --journal-wait -t 1 2>"$tracer_words"
same "so is an option of the journal without it" 2 "$?"

start --journal-wait -c "$id"
in_cgroup "$cgroup" nice -n -5 true
journald_start
wait_until grep -q 'takes entries again' "$tracer_words"
tracer_stop
same "--journal-wait begins without one, and keeps entries for it" 1 "$(count_of VERDICT=Deny)"

# -------- what is found --------

start -c "$id" --unit lg-demo
in_cgroup "$cgroup" nice -n -5 true
in_cgroup "$unit" nice -n -5 true
in_cgroup "$cgroup" sh -c 'for i in 1 2 3 4 5; do nice -n -5 true; done'
ends_well "it ends well"
found=$(entries CONTAINER_ID="${id:0:12}" VERDICT=Deny OBJECT_COMM=nice | tail -n 1)
field() { jq -r --arg name "$1" '.[$name] | if type == "array" then .[0] else . end' <<<"$found"; }
fields() { for name; do field "$name"; done | xargs; }
same "denials of a container" "nice SYS_NICE setpriority 4 $id" \
    "$(fields OBJECT_COMM CAPABILITY SYSCALL PRIORITY LOCAL_GADGET_CONTAINER_ID)"
check "the sentence is for people" grep -Eq \
    "^${id:0:12}: nice \(pid [0-9]+\) was denied SYS_NICE in setpriority" <<<"$(field MESSAGE)"
check "repeats are one entry" [ "$(entries CONTAINER_ID="${id:0:12}" | wc -l)" -le 4 ]
same "which counts them" 7 "$(count_of CONTAINER_ID="${id:0:12}")"
check "time is the event's own" [ $(($(field __REALTIME_TIMESTAMP) - $(field EVENT_TIME_USEC))) -gt 0 ]
same "a unit's denials are found by journalctl -u" 1 \
    "$(journalctl -q --no-pager -o json -u lg-demo -t local-gadget | wc -l)"
same "no engine's log is touched" "" \
    "$(journalctl -q --no-pager -o json | grep -E 'CONTAINER_ID_FULL|CONTAINER_TAG')"
same "the last words are an entry" 1 \
    "$(entries MESSAGE_ID=ca95e4f302904b94994d19f9d0781f2f SHOWN=7 LOST=0 | wc -l)"

# -------- what it means --------

mount -t tmpfs none /usr/lib/systemd/catalog && mount -t tmpfs none /var/lib/systemd/catalog
cp "$TEST_BUILD/man/local-gadget.catalog" /usr/lib/systemd/catalog
journalctl --update-catalog
explained=$(journalctl -q --no-pager -x -t local-gadget CONTAINER_ID="${id:0:12}" VERDICT=Deny)
check "journalctl -x says what the capability allows" \
    grep -q 'SYS_NICE lets a process raise priorities' <<<"$explained"
check "and how to grant it" grep -q 'podman run --cap-drop ALL --cap-add SYS_NICE' <<<"$explained"
same "each kind of entry has its text" 6 "$(journalctl --list-catalog | grep -c local-gadget)"

# -------- what is foreign --------

start -c "$id"
in_cgroup "$cgroup" /usr/bin/python3 -c 'import os
open("/proc/self/comm", "w").write("a\nINJECTED=1\n")
try: os.setpriority(os.PRIO_PROCESS, 0, -20)
except PermissionError: pass'
tracer_stop
same "a newline in a name begins no field" "" "$(entries INJECTED=1)"
found=$(entries VERDICT=Deny | tail -n 1)
same "but is in its own" $'a\nINJECTED=1' "$(field OBJECT_COMM)"
same "the sentence is one line" 1 "$(field MESSAGE | wc -l)"

# -------- a storm, and a journald that is stuck meanwhile --------

# Many programs' names in one second are one entry, too.
start -c "$id"
in_cgroup "$cgroup" /usr/bin/python3 -c 'import os
for i in range(2000):
    open("/proc/self/comm", "w").write(f"name{i}")
    try: os.setpriority(os.PRIO_PROCESS, 0, -20)
    except PermissionError: pass'
tracer_stop
before=$(count_of VARIED=1)
check "many names are one entry" [ "$before" -gt 1000 ]

seen=$(count_of VERDICT=Deny)
lost=$(count_of MESSAGE_ID=aee28d40a1fc49eb94055a0a24f34b26)
start -c "$id"
kill -STOP "$journald_pid"
end=$((SECONDS + 10)) made=0
while [ $SECONDS -lt $end ]; do
    storm 20000
    made=$((made + 20000))
done
# In the kernel it waits for what happens next, not for journald.
check "a journald that is stuck does not hold the trace" wait_until \
    grep -q epoll_wait "/proc/$tracer_pid/stack"
kill -CONT "$journald_pid"
storm 1000
made=$((made + 1000))
tracer_stop
same "it ends well" 0 "$tracer_status"
seen=$(($(count_of VERDICT=Deny) - seen))
lost=$(($(count_of MESSAGE_ID=aee28d40a1fc49eb94055a0a24f34b26) - lost))
note "$made made, $seen in entries, $lost said to be lost"
same "every check is in an entry or in one that says it is lost" "$made" "$((seen + lost))"
check "a storm is few entries" [ "$(entries --since -30s VERDICT=Deny | wc -l)" -lt 100 ]

# -------- away and back --------

before=$(count_of VERDICT=Deny)
start -c "$id"
journald_stop
storm 5
wait_until grep -q 'no journald listens' "$tracer_words"
journald_start
wait_until grep -q 'takes entries again' "$tracer_words"
tracer_stop
same "what was seen while journald was away is there when it is back" 5 \
    "$(($(count_of VERDICT=Deny) - before))"

# -------- a namespace --------

start -c "$id" --journal-namespace lg-test --journal-wait
system=$journald_pid
journald_start lg-test
wait_until grep -q 'takes entries again' "$tracer_words"
storm 3
tracer_stop
same "a namespace has its own" 3 \
    "$(journalctl -q --no-pager --namespace lg-test -o json -t local-gadget VERDICT=Deny | jq -r .COUNT)"
kill "$journald_pid" "$system"
wait

tap_end
