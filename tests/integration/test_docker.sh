#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Docker containers, by name: from Deny to Allow, and told apart.
. "$(dirname "$0")/lib.sh"
harness_enter "$0" "$@"
docker_start

# -------- the main job --------

container set-priority --label app=shop --label tier=front
tracer_start --containername set-priority
sees "a container that was there before is denied SYS_NICE, by name" '
    .container == "set-priority" and .comm == "nice" and .syscall == "setpriority" and
    .cap == 23 and .capName == "SYS_NICE" and .verdict == "Deny" and .uid == 0 and .audit == 1' 2
sees "engine, id, image and process come with it" "
    .runtime == \"docker\" and .containerId == \"$(container_id set-priority)\" and
    .image == \"demo\" and .pid > 0 and .type == \"normal\""
sees_none "nothing else is shown" '.type == "normal" and .container != "set-priority"'
ends_well "Ctrl-C ends the trace"
remove set-priority

tracer_start --containername set-priority
container set-priority --cap-drop ALL --cap-add SYS_NICE
sees "with SYS_NICE alone it is allowed, and the trace was there first" '
    .container == "set-priority" and .capName == "SYS_NICE" and .verdict == "Allow"' 2
sees_none "nothing is denied any more" '.capName == "SYS_NICE" and .verdict == "Deny"'
sees_none "the engine's own work is hidden" '.setup == true or (.comm | startswith("runc"))'
same "its effective set is SYS_NICE" '["SYS_NICE"]' \
    "$(rows '.comm == "nice"' | head -n 1 | jq -c .capsNames)"
ends_well "the second trace ends"
remove set-priority

# -------- which container --------

tracer_start
container first
container second --cap-add SYS_NICE
sees "two containers at once: the first is denied" '.container == "first" and
    .capName == "SYS_NICE" and .verdict == "Deny"' 3
sees "and the second is allowed" '.container == "second" and
    .capName == "SYS_NICE" and .verdict == "Allow"' 3
sees_none "never the other way round" '.capName == "SYS_NICE" and
    ((.container == "first" and .verdict == "Allow") or
     (.container == "second" and .verdict == "Deny"))'
sees_none "every row has a container" '.type == "normal" and .container == null'
ends_well "that trace ends"

tracer_start -c '!first'
sees "a name can be left out" '.container == "second" and .capName == "SYS_NICE"'
sees_none "and is" '.container == "first"'
ends_well "so does this one"
remove first second

container blue --label colour=blue --label size=big
container red --label colour=red --label size=big
tracer_start --selector 'colour=blue,size=big'
sees "labels select" '.container == "blue" and .capName == "SYS_NICE"' 2
sees_none "and leave out" '.container == "red"'
ends_well "a selecting trace ends"
remove blue red

# -------- what is hard --------

tracer_start --containername brief
container brief --entrypoint sh -- -c "$NICE_LOOP"
sees "a container is seen" '.container == "brief"'
remove brief
container brief
sees "one of the same name after it is another container" \
    ".containerId == \"$(container_id brief)\" and .capName == \"SYS_NICE\""
remove brief
ends_well "a container may be removed while it is traced"

tracer_start -c outer
container outer -- sleep 1000
top=$(find /sys/fs/cgroup -type d -path "*docker/$(container_id outer)" -prune)
for directory in $top; do
    mkdir -p "$directory/a/b"
done
(
    for directory in $top; do
        echo "$BASHPID" >"$directory/a/b/cgroup.procs"
    done
    exec setpriv --reuid 65534 --clear-groups --bounding-set -sys_nice nice -n -20 true
) >/dev/null 2>&1
sees "a cgroup inside the container's is the container's" '.container == "outer" and
    .comm == "nice" and .verdict == "Deny" and .uid == 65534'
ends_well "a nested cgroup does no harm"
remove outer

# -------- rows in columns --------

container set-priority
"$LOCAL_GADGET" trace capabilities -c set-priority --max-events 2 >"$HARNESS_WORK/columns" 2>&1
same "the header is what users know" "CONTAINER PID COMM SYSCALL UID CAP CAPNAME AUDIT VERDICT" \
    "$(head -n 1 "$HARNESS_WORK/columns" | tr -s ' ' | sed 's/ $//')"
check "a row is as wide as told" grep -Eq \
    '^set-priority +[0-9]+ +nice +setpriority +0 +23 +SYS_NICE +1\?? +Deny$' "$HARNESS_WORK/columns"
"$LOCAL_GADGET" trace capabilities -c set-priority --unique -o json -t 3 \
    >"$HARNESS_WORK/unique" 2>/dev/null
same "--unique says each thing once" 1 \
    "$(jq -c 'select(.capName == "SYS_NICE")' "$HARNESS_WORK/unique" | wc -l)"
"$LOCAL_GADGET" trace capabilities -c set-priority --print-stack --cap SYS_NICE -o json \
    --max-events 1 >"$HARNESS_WORK/stack" 2>/dev/null
check "--print-stack names who asked" \
    jq -e '.kernelStack | tostring | test("can_nice|setpriority")' "$HARNESS_WORK/stack"
remove set-priority
tap_end
