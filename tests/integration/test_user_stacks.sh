#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --print-user-stack: functions of programs in containers, alive and ended, and files that harm
# whoever reads them.
. "$(dirname "$0")/lib.sh"
harness_enter "$0" "$@"
docker_start
need strip objcopy

# The program and what can be made of it.
programs=$HARNESS_WORK/programs
mkdir -p "$programs"
cp "$TEST_BUILD/tests/deep" "$TEST_BUILD/tests/deep-static" "$programs/"
strip -o "$programs/deep-stripped" "$TEST_BUILD/tests/deep"
objcopy --remove-section .note.gnu.build-id "$programs/deep-stripped" "$programs/deep-bare"
objcopy --only-keep-debug "$TEST_BUILD/tests/deep" "$programs/deep.debug"
id=$(readelf -n "$programs/deep" | sed -n 's/.*Build ID: //p')

# Debug information that is noise, behind a header that is not.
python3 - "$programs/deep" "$programs/deep-noise" <<'END'
import random, re, subprocess, sys
data = bytearray(open(sys.argv[1], "rb").read())
sections = subprocess.run(["readelf", "-SW", sys.argv[1]], capture_output=True, text=True).stdout
random.seed(1)
for offset, size in re.findall(r"\.(?:debug_\w+|symtab|strtab) +\w+ +\w+ (\w+) (\w+)", sections):
    start, length = int(offset, 16), int(size, 16)
    data[start:start + length] = random.randbytes(length)
open(sys.argv[2], "wb").write(data)
END
chmod 755 "$programs"/*

# run NAME PROGRAM [ARGUMENT]: in a container that has its own mounts and ends with the program.
run() {
    local name=$1 program=$2
    shift 2
    docker run --rm --network none --name "$name" -v "$programs:/bin/programs:ro" demo \
        "/bin/programs/$program" "$@" >/dev/null 2>&1
}

tracer_start --cap SYS_NICE --print-user-stack
helper=$(pgrep -x -P "$tracer_pid" lg-symbolizer)

# -------- what reads them can do little --------

status() { sed -n "s/^$1:[[:space:]]*//p" "/proc/$helper/status"; }
same "the process that reads programs is nobody" "65534 65534 65534 65534" "$(status Uid | xargs)"
same "with three capabilities" "cap_dac_read_search cap_sys_ptrace cap_checkpoint_restore" \
    "$(capsh --decode="$(status CapPrm)" | sed 's/.*=//' | tr ',' ' ')"
same "it can gain none" 1 "$(status NoNewPrivs)"
same "its system calls are filtered" 2 "$(status Seccomp)"

# -------- frames --------

run alive deep 5
sees "a program that runs: function, module, file and line" '.container == "alive" and
    (.userStack | any(test("^deep_outer\\+0x[0-9a-f]+ \\[deep\\] .*tests/deep\\.c:[0-9]+$")))'
sees "libraries of its own root" '.container == "alive" and
    (.userStack[0] | test("^syscall\\+0x[0-9a-f]+ \\[libc.so.6\\]"))'
sees "main is called by the C library" '.container == "alive" and
    (.userStack | any(startswith("main+0x"))) and (.userStack | last | contains("libc"))'
sees_none "kernel stacks were not asked for" '.container == "alive" and .kernelStack != null'

run static deep-static 5
sees "no library, no build id" '.container == "static" and
    (.userStack | any(test("^deep_outer\\+0x[0-9a-f]+ \\[deep-static\\] .*deep\\.c:[0-9]+$")))'

run stripped deep-bare 5
sees "stripped: module and offset, for what its file does not say" '.container == "stripped" and
    (.userStack | any(test("^deep-bare\\+0x[0-9a-f]+$"))) and
    (.userStack[0] | startswith("syscall+0x"))'

container neighbour -- sh -c 'while :; do sleep 0.1; done'
docker cp "$programs/deep" neighbour:/bin/deep >/dev/null
docker exec neighbour deep
docker exec neighbour deep
sees "a program that has ended is found by its name, and proved by its build id" \
    '.container == "neighbour" and .comm == "deep" and
    (.userStack | any(test("^deep_outer\\+0x[0-9a-f]+ \\[deep\\] .*deep\\.c:[0-9]+$")))'

# The debug information as distributions have it, in the container's own root.
docker cp "$programs/deep-stripped" neighbour:/bin/late >/dev/null
docker exec neighbour mkdir -p "/usr/lib/debug/.build-id/${id:0:2}"
docker cp "$programs/deep.debug" "neighbour:/usr/lib/debug/.build-id/${id:0:2}/${id:2}.debug" >/dev/null
ends_well "nothing was lost"
tracer_start --cap SYS_NICE --print-user-stack --print-stack
helper=$(pgrep -x -P "$tracer_pid" lg-symbolizer)
docker exec neighbour late 5
sees "what was stripped is found where distributions keep it" \
    '.comm == "late" and (.userStack | any(test("^deep_outer\\+.*deep\\.c:[0-9]+$")))'
sees "with both stacks, each is under its key" \
    '.comm == "late" and (.kernelStack | any(contains("setpriority")))'

# -------- harm --------

run noise deep-noise 5
sees "debug information that is noise" '.container == "noise" and (.userStack | length) >= 3' 5
run after deep 5
sees "and what comes after is read" '.container == "after" and
    (.userStack | any(startswith("deep_outer+0x")))'

helper=$(pgrep -x -P "$tracer_pid" lg-symbolizer)
kill -KILL "$helper"
run killed deep 5
sees "the reader dies: the event is shown all the same" '.container == "killed"' 5
sees "and another one reads on" '.container == "killed" and
    (.userStack | any(startswith("deep_outer+0x")))'
helper=$(pgrep -x -P "$tracer_pid" lg-symbolizer)
kill -STOP "$helper"
run hung deep 30
sees "the reader hangs: the event is shown all the same" '.container == "hung"' 5
sees "and another one takes its place" '.container == "hung" and
    (.userStack | any(startswith("deep_outer+0x")))'
ends_well "nothing was lost"
check "that stacks were not read is said" grep -q 'user stacks are shown as addresses' \
    "$tracer_words"
no_reader() { ! pgrep -x lg-symbolizer >/dev/null; }
check "no process is left" wait_until no_reader

# -------- people --------

"$LOCAL_GADGET" trace capabilities --cap SYS_NICE --print-user-stack --max-events 1 -t 20 \
    >"$tracer_rows" 2>"$tracer_words" &
tracer_pid=$!
wait_until grep -q CONTAINER "$tracer_rows"
docker exec neighbour deep 3
wait_until grep -q '^    main+0x' "$tracer_rows"
check "columns: frames under the row" grep -q '^    deep_outer+0x.*deep.c:' "$tracer_rows"
wait "$tracer_pid"
remove neighbour
tap_end
