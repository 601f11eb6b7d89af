#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# doctor says what is so: held against what tracing itself then does, with engines that answer, hang
# and are not there.
. "$(dirname "$0")/lib.sh"
harness_enter "$0" "$@"
docker_start

report=$HARNESS_WORK/report
words=$HARNESS_WORK/words

# doctor OPTION...: JSON in $report; the exit status is the program's.
doctor() {
    "$LOCAL_GADGET" doctor -o json "$@" >"$report" 2>"$words"
}

# finds FILTER: one finding for which the jq filter holds.
finds() {
    [ "$(jq "[.[] | select($1)] | length" "$report")" = 1 ] || {
        cat "$report" "$words"
        return 1
    }
}

doctor
same "tracing works here: status 0" 0 $?
check "and the report ends with it" finds '.section == "Result" and .ok'
same "nothing else is said" "" "$(cat "$words")"

# -------- each back-end: doctor's word against a trace's --------

for backend in fexit tracepoint kprobe; do
    if timeout 20 "$LOCAL_GADGET" trace capabilities --backend $backend -t 200ms -o json \
        >"$HARNESS_WORK/out" 2>"$HARNESS_WORK/trace"; then
        check "$backend works, and doctor says so" \
            finds ".section == \"Back-ends\" and .name == \"$backend\" and .ok"
    else
        reason=$(sed -n "s/^local-gadget: cannot trace on this kernel: $backend: //p" \
            "$HARNESS_WORK/trace")
        check "$backend is refused, and doctor gives the same reason, and a way out" \
            finds ".section == \"Back-ends\" and .name == \"$backend\" and .ok == null and
                .detail == \"$reason\" and .advice != null"
    fi
done
best=$("$LOCAL_GADGET" trace capabilities -v -t 100ms 2>&1 >"$HARNESS_WORK/out" |
    sed -n 's/.*tracing with back-end \([a-z]*\),.*/\1/p')
check "the one that a trace takes is named" \
    finds ".section == \"Result\" and (.detail | endswith(\"back-end $best\"))"

# -------- what the kernel says of itself --------

for level in integrity confidentiality; do
    mount -t tmpfs none /sys/kernel/security
    echo "none integrity confidentiality" | sed "s/$level/[$level]/" >/sys/kernel/security/lockdown
    doctor
    umount /sys/kernel/security
    cp "$report" "$HARNESS_WORK/$level"
done
blames() { jq -r '.[] | select(.section == "Back-ends").detail' "$HARNESS_WORK/$1" | grep "that is"; }
if [ -n "$(blames confidentiality)" ]; then
    same "lockdown that is not for confidentiality is not blamed" "" \
        "$(blames integrity | grep -v 'that is not kernel lockdown')"
    same "lockdown that is, is" "" "$(blames confidentiality | grep -v 'that is kernel lockdown')"
else
    skip "whom doctor blames" "this kernel forbids root nothing"
fi
doctor
check "without securityfs doctor says how to see lockdown" finds '.name == "lockdown" and
    (.advice | contains("mount -t securityfs"))'
check "a user namespace is the reason, not lockdown" grep -q 'this is a user namespace' \
    <(unshare --user --map-root-user "$LOCAL_GADGET" trace capabilities -t 0.1 2>&1)

# -------- engines --------

container one
container two
doctor
check "Docker answers, with its containers" \
    finds '.name == "docker" and .ok and .detail == "answers at /run/docker.sock; running: 2"'
check "containerd answers" finds '.name == "containerd" and .ok'
check "CRI-O is not here, which is no fault" \
    finds '.name == "cri-o" and .ok == null and (.detail | contains("/run/crio/crio.sock"))'
check "crun runs none, and is not said to be here" finds '.name == "crun" and .ok == null'
check "all containers are named" finds '.name == "containers" and .detail == "2 run here, 2 named"'

kill -STOP "$docker_daemon"
doctor
same "an engine that hangs costs names only: status 0" 0 $?
check "that it does not answer is said" finds '.name == "docker" and .ok == false and
    .advice != null'
kill -CONT "$docker_daemon"
python3 "$here/bad_engine.py" "$HARNESS_WORK/bad.sock" garbage &
bad=$!
wait_until [ -S "$HARNESS_WORK/bad.sock" ]
doctor --docker-socketpath "$HARNESS_WORK/bad.sock"
same "an engine that talks nonsense: status 0" 0 $?
check "what is wrong with it is said" finds '.name == "docker" and .ok == false'
kill "$bad"
wait "$bad" 2>/dev/null
doctor -r docker --docker-socketpath $'/nowhere/\e[31m'
check "an engine that was asked for and is not there" \
    finds '.section == "Engines" and .ok == false and (.detail | contains("/nowhere/"))'

# -------- people --------

doctor_text() { "$LOCAL_GADGET" doctor "$@" 2>&1; }
check "text names the engine" grep -Eq '^  yes  docker +answers' <(doctor_text)
same "a socket's path is printed harmlessly" "" \
    "$(doctor_text --docker-socketpath $'/nowhere/\e[31m' | LC_ALL=C grep -aP '[\x00-\x08\x0b-\x1f]')"
same "no line is wider than 80 columns" "" "$(doctor_text | grep -E '^.{81}')"
check "a full disk is an error" grep -q 'cannot write' \
    <("$LOCAL_GADGET" doctor 2>&1 >/dev/full)

# -------- not root --------

as_nobody doctor -o json >"$report" 2>"$words"
same "not root: status 1" 1 $?
check "what is missing is named" finds '.section == "Caller" and .name == "BPF" and .ok == false'
check "and what to do about it" \
    finds '.section == "Result" and .ok == false and (.advice | contains("sudo"))'
check "Docker's socket is not ours" finds '.name == "docker" and .ok != true'

# Others may trace at the same time: theirs are held by a process.
nothing_left() {
    local id programs
    programs=$(PATH=$PATH:/usr/sbin bpftool prog show) || return 1
    while read -r id; do
        grep -Eqs "^prog_id:[[:space:]]+$id\$" /proc/[0-9]*/fdinfo/* || return 1
    done < <(sed -nE 's/^([0-9]+): .* name capable_.*/\1/p' <<<"$programs")
}
check "nothing is left in the kernel" wait_until nothing_left
remove one two
tap_end
