#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# trace capabilities -- COMMAND: as whom it runs, what of it is seen, how it ends, and that nothing
# of it stays.
. "$(dirname "$0")/lib.sh"
harness_enter "$0" "$@"
need python3

# Nothing unreachable in it, or a user's search for a program is denied DAC_OVERRIDE.
PATH=/usr/sbin:/usr/bin:/sbin:/bin
chmod 755 "$HARNESS_WORK"
for program in "$LOCAL_GADGET" "$TEST_BUILD/tests/provoke"; do
    cp "$program" "$HARNESS_WORK" && chmod 755 "$HARNESS_WORK/${program##*/}"
done

# A user of our own, who is in a group besides his own.
cat /etc/passwd - >"$HARNESS_WORK/passwd" <<<'tester:x:4711:4712::/home/tester:/bin/sh'
cat /etc/group - >"$HARNESS_WORK/group" <<<$'tester:x:4712:\nextra:x:4713:tester'
mount --bind "$HARNESS_WORK/passwd" /etc/passwd
mount --bind "$HARNESS_WORK/group" /etc/group
export SUDO_UID=4711 SUDO_GID=4712 SUDO_USER=tester SUDO_COMMAND=x HOME=/root USER=root \
    LOGNAME=root

file=$HARNESS_WORK/file

# trace OPTION... -- COMMAND...: rows in $tracer_rows, the command's output in $file.
trace() {
    rm -f "$tracer_rows"
    "$HARNESS_WORK/local-gadget" trace capabilities -o json --output-file "$tracer_rows" "$@" \
        >"$file" 2>"$tracer_words"
}

cgroups_left() {
    find /sys/fs/cgroup -name 'local-gadget-*' 2>/dev/null
}

says() {
    check "$1" grep -Eq -e "$2" "$tracer_words"
}

# -------- what is seen, and the exit status --------

trace -- sh -c 'echo hello; nice -n -20 true; exit 7'
same "the command's exit status is ours" 7 $?
same "its output is its own" hello "$(cat "$file")"
same "what an ordinary user was denied, under the command's name" "sh command nice SYS_NICE Deny 4711" \
    "$(jq -r '"\(.container) \(.runtime) \(.comm) \(.capName) \(.verdict) \(.uid)"' "$tracer_rows")"
says "the last words say as whom" '^local-gadget: sh ran as tester \(uid 4711\), who called sudo'
says "after how much was seen" '^local-gadget: 1 event shown, 0 lost$'
same "its cgroup has gone" "" "$(cgroups_left)"

"$LOCAL_GADGET" trace capabilities -- nice -n -20 true >"$file" 2>"$tracer_words"
same "nothing of ours is on standard output" "0 " "$? $(cat "$file")"
says "without a file rows go to standard error" '^nice .* SYS_NICE .*Deny'

trace --user nobody -- "$HARNESS_WORK/provoke" chown >/dev/null
same "from its first instruction, and nothing before it" "[\"p-chown\",\"provoke\"]" \
    "$(jq -s -c '[.[].comm] | unique' "$tracer_rows")"
trace --as-root -- "$HARNESS_WORK/local-gadget" trace capabilities -t 0.1
check "our own program, too" has_rows '.comm == "local-gadget" and .capName == "BPF"'

# shellcheck disable=SC2016
trace -- sh -c '(setsid sh -c "sleep 0.5; nice -n -3 true" &) & exit 3'
same "a daemon does not change the status" 3 $?
check "and is followed to its end" has_rows '.container == "sh" and .comm == "nice"'
# shellcheck disable=SC2016
trace -- sh -c 'i=0; while [ $i -lt 300 ]; do (nice -n -3 true) & i=$((i + 1)); done'
same "so is a crowd" "0 300" "$? $(count_rows '.capName == "SYS_NICE"')"

# ends_by NUMBER COMMAND...: what waitpid(2) says of us.
ends_by() {
    python3 -c 'import subprocess, sys; print(subprocess.run(sys.argv[1:]).returncode)' \
        "$LOCAL_GADGET" trace capabilities -- "$@" 2>"$tracer_words"
}
# shellcheck disable=SC2016
same "a signal that ends it ends us: TERM" -15 "$(ends_by sh -c 'kill -TERM $$')"
# shellcheck disable=SC2016
same "ABRT" -6 "$(ends_by sh -c 'kill -ABRT $$')"

# -------- what cannot be run --------

# refuses STATUS WORD WORD...
refuses() {
    local status=$1 word=$2 actual
    shift 2
    trace "$@"
    actual=$?
    if [ "$actual" -eq "$status" ] && head -n 1 "$tracer_words" | grep -qF -e "$word" &&
        [ -z "$(cgroups_left)" ]; then
        pass "$* -> $status, $word"
    else
        fail "$* -> $status, $word" "status $actual"$'\n'"$(cat "$tracer_words")"
    fi
}

refuses 127 "cannot run 'no-such-program'" -v -- no-such-program
check "nothing was attached for it" [ "$(wc -l <"$tracer_words")" -eq 1 ]
check "and its file was not made" [ ! -e "$tracer_rows" ]
refuses 127 "cannot run '/no/such'" -- /no/such
refuses 127 "cannot run ''" -- ''
refuses 126 "cannot run '/etc/passwd': Permission denied" -- /etc/passwd
refuses 126 "cannot run '/tmp'" -- /tmp
chmod 700 "$HARNESS_WORK/provoke"
refuses 126 "Permission denied" -- "$HARNESS_WORK/provoke" chown
refuses 125 "comes the command" --
refuses 125 "no user 'nosuch'" --user nosuch -- true
refuses 125 "no group 'nosuch'" --user tester:nosuch -- true
refuses 125 "not ':x'" --user :x -- true
refuses 125 "its group, too" --user 4242 -- true
refuses 125 "exclude each other" --user tester --as-root -- true
refuses 125 "to its end" --until-exit -c web -- true
refuses 125 "unknown option" --frobnicate -- true
refuses 125 "comes after --" ls -- true
refuses 2 "comes after --" ls
refuses 2 "there is none" --as-root
SUDO_UID=x refuses 125 "is no number" -- true
same "its own exit status 2 is no mistake of the line" "2 0" \
    "$(trace -- sh -c 'exit 2'; echo "$? $(grep -c Try "$tracer_words")")"

# -------- --fail-on --------

trace --fail-on deny -- nice -n -3 true
same "--fail-on deny, and a Deny" 3 $?
trace --fail-on deny -- sh -c 'nice -n -3 true; exit 5'
same "but the command's own failure goes before" 5 $?
trace --fail-on deny --as-root -- nice -n -3 true
same "and an Allow is none" 0 $?

# -------- as whom --------

# shellcheck disable=SC2016
who='echo "$(id -u):$(id -g) $(id -G) $HOME $USER $LOGNAME ${SUDO_UID-} ${SUDO_COMMAND-}"'
# runs_as EXPECTED OPTION...
runs_as() {
    local expected=$1
    shift
    trace "$@" -- sh -c "$who"
    same "runs as $expected" "$expected" "$(sed 's/ *$//' "$file")"
}
runs_as "4711:4712 4712 4713 /home/tester tester tester"
SUDO_GID='' refuses 125 "is no number" -- true
unset SUDO_GID
runs_as "4711:4712 4712 4713 /home/tester tester tester"
export SUDO_GID=4712
runs_as "4711:4713 4713 /home/tester tester tester" --user tester:extra
runs_as "4242:4243 4243 / 4242 4242" --user 4242:4243
runs_as "4711:4712 4712 4713 /home/tester tester tester" --user 4711
runs_as "0:0 0 /root root root 4711 x" --as-root
says "and that is said" '^local-gadget: sh ran as root \(uid 0\)$'

# -------- what it is given --------

given='ls -l /proc/self/fd | sed "s/.* \([0-9]* ->\)/\1/" | grep -v /proc; grep -E "Sig(Blk|Ign)" /proc/self/status'
sh -c "$given" >"$HARNESS_WORK/expected" 2>"$tracer_words"
trace --as-root -- sh -c "$given"
same "no descriptor, no blocked and no ignored signal of ours" "$(cut -d' ' -f1 "$HARNESS_WORK/expected")" \
    "$(cut -d' ' -f1 "$file")"
trace -- nohup sh -c 'exit 8' </dev/null
same "under nohup(1) it is as it should be" 8 $?

# -------- signals --------

# begin OPTION... -- COMMAND...: in the background, until the command says "ready".
begin() {
    : >"$file" # the one before has said so, too
    "$HARNESS_WORK/local-gadget" trace capabilities -o json --output-file "$tracer_rows" "$@" \
        >"$file" 2>"$tracer_words" &
    tracer_pid=$!
    wait_until grep -q ready "$file" || fail "$* begins" "$(cat "$tracer_words")"
}

has_no_cgroup() {
    [ -z "$(cgroups_left)" ]
}

idle='echo ready; while :; do sleep 0.1; done'
for signal in TERM HUP; do
    begin -- sh -c "trap 'exit 9' $signal; $idle"
    kill -"$signal" "$tracer_pid"
    wait "$tracer_pid"
    same "SIG$signal is passed on" 9 $?
done
# begin_daemon SCRIPT: of a command whose first process has ended by then; before, a signal would be
# for that.
begin_daemon() {
    # shellcheck disable=SC2016 # expanded there
    SCRIPT=$1 begin -- sh -c 'FIRST=$$ setsid sh -c '\''
        while kill -0 "$FIRST" 2>/dev/null; do sleep 0.1; done
        eval "$SCRIPT"'\'' &'
}

begin_daemon "trap 'nice -n -3 true; exit' TERM; $idle"
kill -TERM "$tracer_pid"
wait "$tracer_pid"
same "to what a command has left behind, too" "0 1" "$? $(count_rows '.comm == "nice"')"

begin -- sh -c "trap 'exit 9' TERM; $idle"
kill -INT "$tracer_pid"
sleep 0.3
check "a first SIGINT is the command's business" kill -0 "$tracer_pid"
kill -INT "$tracer_pid"
wait "$tracer_pid" 2>/dev/null
same "a second one ends us" 130 $?
wait_until has_no_cgroup
same "and the command with us" "" "$(cgroups_left)"

# interrupt_group COMMAND...: Ctrl-C, as a terminal sends it, once the command says "ready". Also where
# these tests run in the background of a shell, which has it ignored.
interrupt_group() {
    python3 -c '
import os, signal, subprocess, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, start_new_session=True)
child.stdout.readline()
os.killpg(child.pid, signal.SIGINT)
print(child.wait())' "$LOCAL_GADGET" trace capabilities -- "$@" 2>"$tracer_words"
}
same "Ctrl-C is for the command: what it makes of it counts" 5 \
    "$(interrupt_group sh -c "trap 'exit 5' INT; $idle")"
says "and the trace ends well" 'events? shown, 0 lost$'
same "if it ends it, it ends us" -2 "$(interrupt_group sh -c "$idle")"

begin -- sh -c "(setsid sh -c '$idle' &) ; setsid sh -c '$idle'"
kill -KILL "$tracer_pid"
wait "$tracer_pid" 2>/dev/null
wait_until has_no_cgroup
same "SIGKILL for us is the end of all of it" "" "$(cgroups_left)"

begin_daemon "echo daemon \$\$ >&2; $idle"
daemon=$(sed -n 's/^daemon //p' "$tracer_words")
kill -INT "$tracer_pid"
wait "$tracer_pid"
same "Ctrl-C with only a daemon left ends the trace" 0 $?
says "and lets that go on" '[1-9] processes? of sh go on, untraced$'
check "which it does" kill -0 "$daemon"
same "in another cgroup" "" "$(cgroups_left)"
kill "$daemon"

# -------- the trace ends before the command --------

trace --as-root -t 0.5 -- sh -c 'sleep 1.5; nice -n -3 true; exit 4'
same "after --timeout the command goes on" 4 $?
check "without a trace" [ ! -s "$tracer_rows" ]
trace --as-root --max-events 1 -- sh -c 'nice -n -3 true; nice -n -3 true; exit 4'
same "so it does after --max-events" "4 1" "$? $(wc -l <"$tracer_rows")"
"$LOCAL_GADGET" trace capabilities --as-root --output-file /dev/full -- \
    sh -c 'nice -n -3 true; sleep 0.3; touch went-on' 2>"$tracer_words"
same "a full disk is our failure" 125 $?
says "which is named" '^local-gadget: cannot write to /dev/full: No space left on device$'
check "and no harm to the command" test -e went-on
mkfifo fifo
head -n 1 fifo >/dev/null &
"$LOCAL_GADGET" trace capabilities --as-root --output-file fifo -- \
    sh -c 'nice -n -3 true; sleep 0.3; nice -n -3 true; sleep 0.3; exit 6' 2>"$tracer_words"
same "nor is a reader that has seen enough" 6 $?

# -------- containers --------

docker_start
docker run -d --name old --network none demo sh -c "$NICE_LOOP" >/dev/null
trace --as-root -- docker run --rm --name born --network none demo nice -n -5 true
check "a container that is born during the run is shown" \
    has_rows '.container == "born" and .comm == "nice" and .verdict == "Deny"'
sees_none "one that was there is not" '.container == "old"'
trace -c old --as-root -- sh -c 'nice -n -3 true; sleep 1'
check "unless it is asked for" has_rows '.container == "old"'
check "with the command" has_rows '.container == "sh" and .comm == "nice"'
mkdir bundle
(cd bundle && runc spec && jq --arg root "$HARNESS_WORK/rootfs" '.process.terminal = false |
    .process.args = ["nice", "-n", "-5", "true"] | .root.path = $root' config.json >new &&
    mv new config.json)
trace --as-root -- runc run -b "$HARNESS_WORK/bundle" inner
check "what a container in the command's own cgroup asks for is not lost" has_rows '.comm == "nice"'

wait_until has_no_cgroup
same "nothing is left" "" "$(cgroups_left)"
tap_end
