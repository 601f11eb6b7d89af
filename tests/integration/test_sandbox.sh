#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What is held once tracing has begun, as the kernel has it, in each mode; and that bad deeds are
# refused to a process that holds that. What still works under it the other suites show: none of
# them goes without.
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/integration/journald.sh
. "$(dirname "$0")/journald.sh"
harness_enter "$0" "$@"
need setpriv capsh
unit=$TEST_BUILD/man/local-gadget.service
[ -r "$unit" ] || {
    echo "no $unit: make docs" >&2
    exit 1
}

# status PID NAME: a line of /proc/PID/status.
status() {
    sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status"
}

# names MASK: capabilities, in their order.
names() {
    capsh --decode="$1" | sed 's/.*=//; s/cap_//g; s/,/ /g'
}

is_confined() {
    [ "$(status "$1" Seccomp)" = 2 ]
}

# holds PID WHOM NAMES [BOUNDING]: no more than these capabilities, and no way to more.
holds() {
    check "$2: system calls are filtered" wait_until is_confined "$1"
    note "$2: $(grep -E '^(Uid|Cap|NoNewPrivs|Seccomp:)' "/proc/$1/status" | tr '\t\n' '  ')"
    same "capabilities" "$3 = $3" "$(names "$(status "$1" CapEff)") = $(names "$(status "$1" CapPrm)")"
    same "none is inherited or ambient" "0 0" \
        "$((16#$(status "$1" CapInh))) $((16#$(status "$1" CapAmb)))"
    same "bounding set" "${4-0000000000000000}" "$(status "$1" CapBnd)"
    same "no program gives more" 1 "$(status "$1" NoNewPrivs)"
    same "no core is dumped" "0 0" "$(awk '/^Max core/ { print $5, $6 }' "/proc/$1/limits")"
}

# On a kernel before 5.19 that forbids BPF to users, BPF comes to it.
kept="dac_read_search sys_ptrace"
if ! setpriv --bounding-set=-all --inh-caps=-all python3 -c '
import ctypes, errno
libc = ctypes.CDLL(None, use_errno=True)
number = {"x86_64": 321, "aarch64": 280}[__import__("os").uname().machine]
attributes = (ctypes.c_uint32 * 32)(0xffffffff)
libc.syscall(number, 15, attributes, 128)
raise SystemExit(ctypes.get_errno() == errno.EPERM)'; then
    kept="$kept bpf"
fi

is_told_often() {
    [ "$(grep -cx WATCHDOG=1 notified)" -ge 3 ]
}

tracer_start
holds "$tracer_pid" "plain" "$kept"
check "it says so" grep -q 'sandbox: capabilities held: DAC_READ_SEARCH, SYS_PTRACE' "$tracer_words"
ends_well "it ends well"

tracer_start --print-user-stack --print-stack
holds "$tracer_pid" "with user stacks" "$kept"
holds "$(tracer_helper)" "the reader of programs" "dac_read_search sys_ptrace checkpoint_restore"
spawner=$(pgrep -x -P "$tracer_pid" lg-spawner)
same "whoever starts it holds the same" "dac_read_search sys_ptrace checkpoint_restore 1 65534" \
    "$(names "$(status "$spawner" CapPrm)") $(status "$spawner" NoNewPrivs) $(
        status "$spawner" Uid | cut -f 1)"
ends_well "it ends well"

if [ -n "$(journald_program)" ]; then
    journald_start
    tracer_start -o journal
    holds "$tracer_pid" "into the journal" "$kept"
    ends_well "it ends well"
    journald_stop
fi

tracer_start --output-file "$tracer_rows" --user nobody -- sleep 1000
holds "$tracer_pid" "with a command" "$kept"
guard=$(pgrep -x -P "$tracer_pid" local-gadget)
same "its guard" "dac_override kill sys_ptrace 0000000000000000" \
    "$(names "$(status "$guard" CapPrm)") $(status "$guard" CapBnd)"
same "the command is as it was given to us" "0" \
    "$(status "$(pgrep -x -P "$tracer_pid" sleep)" NoNewPrivs)"
kill -TERM "$tracer_pid"
wait "$tracer_pid" 2>/dev/null

"$LOCAL_GADGET" advise capabilities -v >"$tracer_rows" 2>"$tracer_words" &
tracer_pid=$!
wait_until tracer_is_attached
holds "$tracer_pid" "advise" "$kept"
tracer_stop
"$LOCAL_GADGET" list-containers --watch -v >"$tracer_rows" 2>"$tracer_words" &
tracer_pid=$!
wait_until grep -q 'sandbox:' "$tracer_words"
holds "$tracer_pid" "list-containers" "$kept"
tracer_stop

# Of the service nothing can take the bounding set away: it has not the capability for that.
read -ra powers < <(sed -n 's/^CapabilityBoundingSet=//p' "$unit" | xargs |
    tr '[:upper:]' '[:lower:]' | sed 's/cap_//g')
program=$LOCAL_GADGET
LOCAL_GADGET=$HARNESS_WORK/local-gadget
printf '#!/bin/sh\nexec setpriv --bounding-set=-all%s --inh-caps=-all --no-new-privs %s "$@"\n' \
    "$(printf ',+%s' "${powers[@]}")" "$program" >"$LOCAL_GADGET"
chmod +x "$LOCAL_GADGET"
# A service manager that notes what it is told.
python3 -c '
import socket
one = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
one.bind("notify")
with open("notified", "w", buffering=1) as notified:
    while True:
        notified.write(one.recv(4096).decode() + "\n")' &
manager=$!
wait_until [ -S notify ]
export NOTIFY_SOCKET=$PWD/notify WATCHDOG_USEC=200000
tracer_start -o journal --journal-wait
unset NOTIFY_SOCKET WATCHDOG_USEC
bounding=$(setpriv --bounding-set="-all$(printf ',+%s' "${powers[@]}")" \
    sed -n 's/^CapBnd:[[:space:]]*//p' /proc/self/status)
holds "$tracer_pid" "as the service" "$kept" "$bounding"
check "its manager is told that it has begun" wait_until grep -qx READY=1 notified
check "and, again and again, that it lives" wait_until is_told_often
ends_well "it ends well"
kill "$manager"
LOCAL_GADGET=$program

# -------- a socket that is another user's --------

mkdir -m 755 sockets
python3 -c '
import os, socket
os.umask(0o177)
one = socket.socket(socket.AF_UNIX)
one.bind("sockets/one")
os.chown("sockets/one", 4711, 4711)
one.listen()
open("sockets/listens", "w")
one.accept()
open("sockets/asked", "w")' &
wait_until [ -e sockets/listens ]
tracer_start --docker-socketpath "$PWD/sockets/one"
holds "$tracer_pid" "where an engine's socket is closed to others" \
    "dac_override dac_read_search sys_ptrace${kept#dac_read_search sys_ptrace}"
check "that engine is asked all the same" wait_until [ -e sockets/asked ]
tracer_stop

# -------- without --------

tracer_start --no-sandbox
wait_until grep -q ': connected' "$tracer_words" # by then it would be in it
same "--no-sandbox keeps all" "$(status $$ CapEff) 0 0" \
    "$(status "$tracer_pid" CapEff) $(status "$tracer_pid" Seccomp) $(status "$tracer_pid" NoNewPrivs)"
ends_well "and works as well"

check "doctor has tried it" grep -Eq 'yes +system calls +those of a list' <("$LOCAL_GADGET" doctor)

# -------- bad deeds --------

deeds=$TEST_BUILD/tests/unit/host/test_sandbox
if [ -x "$deeds" ]; then
    check "none of the deeds of $(basename "$deeds").c can be done under it" "$deeds"
else
    skip "bad deeds" "$deeds was not built"
fi
tap_end
