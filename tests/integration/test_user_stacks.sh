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

# Debug information that is a megabyte, and 450 of them unpacked.
python3 - "$programs/deep" "$programs/deep-packed" <<'END'
import struct, sys, zlib
data = bytearray(open(sys.argv[1], "rb").read())
size = 450 << 20
packer = zlib.compressobj(9)
packed = struct.pack("<IIQQ", 1, 0, size, 1)
for _ in range(size >> 20):
    packed += packer.compress(bytes(1 << 20))
packed += packer.flush()
sections, = struct.unpack_from("<Q", data, 40)
length, count, names = struct.unpack_from("<HHH", data, 58)
names, = struct.unpack_from("<Q", data, sections + names * length + 24)
for section in range(sections, sections + count * length, length):
    name, = struct.unpack_from("<I", data, section)
    if data[names + name:].startswith(b".debug_str\0"):
        flags, = struct.unpack_from("<Q", data, section + 8)
        struct.pack_into("<Q", data, section + 8, flags | 0x800)
        struct.pack_into("<QQ", data, section + 24, len(data), len(packed))
        data += packed
open(sys.argv[2], "wb").write(data)
END

# The build id of another program, and other names in it; and debug information with those names.
objcopy --redefine-sym deep_outer=forged_outer --redefine-sym deep_inner=forged_inner \
    --strip-debug "$programs/deep" "$programs/deep-forged"
mkdir "$programs/forged-debug"
objcopy --only-keep-debug "$programs/deep-forged" "$programs/forged-debug/${id:2}.debug"
chmod 755 "$programs"/*

# run NAME PROGRAM [ARGUMENT]: in a container that has its own mounts and ends with the program.
run() {
    local name=$1 program=$2
    shift 2
    docker run --rm --network none --name "$name" -v "$programs:/bin/programs:ro" demo \
        "/bin/programs/$program" "$@" >/dev/null 2>&1
}

tracer_start --cap SYS_NICE --print-user-stack
helper=$(tracer_helper)

# -------- what reads them can do little --------

status() { sed -n "s/^$1:[[:space:]]*//p" "/proc/$helper/status"; }
same "the process that reads programs is nobody" "65534 65534 65534 65534" "$(status Uid | xargs)"
same "with three capabilities" "cap_dac_read_search cap_sys_ptrace cap_checkpoint_restore" \
    "$(capsh --decode="$(status CapPrm)" | sed 's/.*=//' | tr ',' ' ')"
same "it can gain none" 1 "$(status NoNewPrivs)"
same "its system calls are filtered" 2 "$(status Seccomp)"
same "nor get any by running a program" 0000000000000000 "$(status CapBnd)"

# -------- frames --------

run alive deep 5
sees "a program that runs: function, module, file and line" '.container == "alive" and
    (.userStack | any(test("^deep_outer\\+0x[0-9a-f]+ \\[deep\\] .*tests/deep\\.c:[0-9]+$")))'
sees "libraries of its own root" '.container == "alive" and
    (.userStack[0] | test("^syscall\\+0x[0-9a-f]+ \\[libc.so.6\\]"))'
sees "main is called by the C library" '.container == "alive" and
    (.userStack | .[(map(startswith("main+0x")) | index(true)) + 1] | contains("libc"))'
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
helper=$(tracer_helper)
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

# A container has another one's build id, and is the first to show it.
run forger deep-forged 5
sees "a program with a copied build id has its own names" '.container == "forger" and
    (.userStack | any(startswith("forged_outer+0x")))'
run victim deep 5
sees "and does not name another container's frames" '.container == "victim" and
    (.userStack | any(startswith("deep_outer+0x")))'
docker run --rm --network none --name debugger -v "$programs:/bin/programs:ro" \
    -v "$programs/forged-debug:/usr/lib/debug/.build-id/${id:0:2}:ro" demo \
    /bin/programs/deep-stripped 5 >/dev/null 2>&1
sees "debug information lies in a container's own root" '.container == "debugger" and
    (.userStack | any(startswith("forged_outer+0x")))'
run owner deep-stripped 5
sees "the very same file runs in another container" '.container == "owner"' 5
sees_none "and its frames are not named by the first one's" '.container != "forger" and
    .container != "debugger" and (.userStack // [] | any(startswith("forged_")))'

# Packed too well: no reader dies of it.
helper=$(tracer_helper)
run packed deep-packed 5
sees "debug information that is packed too well: functions without lines" \
    '.container == "packed" and (.userStack | any(test("^deep_outer\\+0x[0-9a-f]+ \\[deep-packed\\]$")))'
same "and the same process reads on" "$helper" "$(tracer_helper)"

kill -KILL "$helper"
run killed deep 5
sees "the reader dies: the event is shown all the same" '.container == "killed"' 5
sees "and another one reads on" '.container == "killed" and
    (.userStack | any(startswith("deep_outer+0x")))'
helper=$(tracer_helper)
kill -STOP "$helper"
run hung deep 30
sees "the reader hangs: the event is shown all the same" '.container == "hung"' 5
sees "and another one takes its place" '.container == "hung" and
    (.userStack | any(startswith("deep_outer+0x")))'
ends_well "nothing was lost"
check "that stacks were not read is said" grep -q 'user stacks are shown as addresses' \
    "$tracer_words"
# Of this suite, which is in cgroups of its own: others may trace at the same time.
no_reader() {
    local pids
    pids=$(find /sys/fs/cgroup -name cgroup.procs -exec cat {} + | sed 's,.*,/proc/&/comm,')
    # shellcheck disable=SC2086 # words
    ! grep -qsx lg-symbolizer $pids
}
check "no process is left" wait_until no_reader

# -------- what is not shown --------

tracer_start --cap SETPCAP --print-user-stack
kill -STOP "$(tracer_helper)"
run silent deep
ends_well "a container's set-up, and a reader that would not answer"
check "the set-up asked for a capability" grep -q 'checks of engines' "$tracer_words"
same "nobody was asked for its stacks" "" "$(grep 'shown as addresses' "$tracer_words")"

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
