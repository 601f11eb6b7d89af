#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# advise capabilities on Docker: a container that is started again with just what was advised is
# denied nothing that mattered, and what is taken away from that is missed.
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/integration/advise.sh
. "$(dirname "$0")/advise.sh"
# shellcheck source=tests/integration/tracer.sh
. "$(dirname "$0")/tracer.sh"
harness_enter "$0" "$@"
docker_start

# An image with programs of which it is known what they need; `raw` has a file capability, which
# docker import takes over.
cp "$TEST_BUILD/tests/needs" "$HARNESS_WORK/rootfs/bin/needs"
cp "$TEST_BUILD/tests/needs" "$HARNESS_WORK/rootfs/bin/raw"
setcap cap_net_raw+ep "$HARNESS_WORK/rootfs/bin/raw"
tar -C "$HARNESS_WORK/rootfs" --xattrs --xattrs-include='*' -c . | docker import - demo >/dev/null

# A line of setcap, for the image's files.
in_image() {
    # shellcheck disable=SC2086 # words
    set -- $1
    "$1" "$2" "$HARNESS_WORK/rootfs$3"
}

closes nothing "" -- needs
closes nice SYS_NICE -- nice -n -20 true
closes server "SETGID SETUID NET_BIND_SERVICE" --sysctl net.ipv4.ip_unprivileged_port_start=1024 -- \
    needs port80 user
closes owner "CHOWN DAC_OVERRIDE" -- needs chown read
closes writer "CHOWN DAC_OVERRIDE" -- needs chown read write
closes mount SYS_ADMIN --security-opt seccomp=unconfined --security-opt apparmor=unconfined -- \
    needs mount

# -------- the last words of a trace --------

# summed OPTION...: a job's life by trace, the same judgement in its last words.
summed() {
    tracer_start -c summed "$@"
    container summed -- needs chown read nice
    docker wait summed >/dev/null
    tracer_stop
    remove summed
    sed -n '/seccomp filter/d; s/^local-gadget: summed //p' "$tracer_words"
}

same "a trace ends with the same judgement" "needs at least CHOWN DAC_OVERRIDE
lacks SYS_NICE
asked without need for DAC_READ_SEARCH" "$(summed)"
same "in columns, too, where that denial is no row" "needs at least CHOWN DAC_OVERRIDE
lacks SYS_NICE
asked without need for DAC_READ_SEARCH" "$(summed -o columns)"
same "unless it is not wanted" "" "$(summed --no-summary)"
same "a table in place of rows" $'CONTAINER  CHOWN  DAC_OVERRIDE  DAC_READ_SEARCH  SYS_NICE\nsummed         2             1               1!        1!' \
    "$(summed -o columns --summary --interval 1m >"$HARNESS_WORK/said" && cat "$tracer_rows")"
advise -c summed -o json
container summed -- needs chown read nice
docker wait summed >/dev/null
advise_ends
remove summed
same "as advise has it" "SYS_NICE DAC_READ_SEARCH" "$(missing) $(jq -r '.unneeded[]' "$advised")"

# -------- what a file asks for --------

advise -c file -o text
container file -- raw wait
wait_until grep -qs raw "/proc/$(docker inspect --format '{{.State.Pid}}' file)/comm"
advise_ends
check "a program that cannot start without it: NET_RAW, for its file" \
    grep -q 'to start     NET_RAW for /bin/raw' "$advised"
check "is to be given it" grep -q '=> --cap-drop ALL --cap-add NET_RAW$' "$advised"
remove file
check "and starts with it" docker run --rm --network none --cap-drop ALL --cap-add NET_RAW demo raw
check "but not without" \
    sh -c '! docker run --rm --network none --cap-drop ALL demo raw 2>/dev/null'

# -------- what --cap-add cannot give --------

run_job user text --user 1000 -- needs try-nice
check "of a user it says that --cap-add does not help" grep -q 'not reached  SYS_NICE' "$advised"
check "and does not advise it" grep -q '=> --cap-drop ALL$' "$advised"

# -------- what a file can give --------

# The image again, after the line of setcap was run in it.
advise -c capable -o filecap
container capable --user 1000 -- needs try-nice wait
wait_until grep -qs needs "/proc/$(docker inspect --format '{{.State.Pid}}' capable)/comm"
advise_ends
remove capable
same "of a user's program it says what its file should have" \
    $'setcap cap_sys_nice+ep /bin/needs\n# and start the container with --cap-drop ALL --cap-add SYS_NICE' \
    "$(cat "$advised")"
check "setcap(8) takes it" in_image "$(grep '^setcap' "$advised")"
tar -C "$HARNESS_WORK/rootfs" --xattrs --xattrs-include='*' -c . | docker import - capable >/dev/null
given=$(sed -n 's/^# and start the container with //p' "$advised")
# shellcheck disable=SC2086 # words
check "with both the user may" docker run --rm --network none --user 1000 $given capable needs nice
check "with the file alone he may not even start it" \
    sh -c '! docker run --rm --network none --user 1000 --cap-drop ALL capable needs nice 2>/dev/null'
# shellcheck disable=SC2086
check "nor with the options alone" \
    sh -c "! docker run --rm --network none --user 1000 $given demo needs nice 2>/dev/null"

# -------- how much was seen --------

container old -- needs wait
"$LOCAL_GADGET" advise capabilities -c old -t 2 >"$advised" 2>"$words"
same "of one that was there and asks for nothing: no error, in text" 0 $?
check "but no advice" grep -q 'No advice' "$advised"
"$LOCAL_GADGET" advise capabilities -c old -t 2 -o docker >"$advised" 2>"$words"
same "and nothing to be pasted" "1 " "$? $(cat "$advised")"
remove old
container old
"$LOCAL_GADGET" advise capabilities -c old -t 2 >"$advised" 2>"$words"
check "one that was there: its start was not seen" grep -q 'its start was not seen' "$advised"
check "and how to see it is said" grep -q 'start it again' "$advised"
check "what it lacks is there" grep -q 'lacks        SYS_NICE' "$advised"
remove old
run_job brief json -- true
check "what the engine does in there is kept out, and counted" \
    grep -Eq 'kept out: [1-9][0-9]* of engines' "$words"
same "and is in no advice" '[] 0' "$(jq -c .need "$advised") $(jq .checks "$advised")"

tap_end
