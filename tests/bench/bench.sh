#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# bench.sh LOCAL-GADGET PROGRAMS: what tracing costs.
#
# The time of a check is measured against an empty program on the same hook, in the same run: the
# settings take many short turns, and the least disturbed turn of each counts. "aim" is the
# project's own; a bench measures and does not judge, save that what is lost has to be said.
LOCAL_GADGET=$(realpath "$1") programs=$(realpath "$2")
. "$(dirname "$0")/../integration/lib.sh"
bench=$(cd "$(dirname "$0")" && pwd)
harness_enter "$0" "$LOCAL_GADGET" "$programs"

ROUNDS=${BENCH_ROUNDS:-20}
CALLS=${BENCH_CALLS:-200000}
STORM=${BENCH_STORM:-1000000}
STARTS=${BENCH_STARTS:-11}
CONTAINERS=${BENCH_CONTAINERS:-1000}
LONE=${BENCH_LONE:-300}

rows=$HARNESS_WORK/rows words=$HARNESS_WORK/words
container_id=$(printf 'b%.0s' {1..64})

# Load on one processor, reader on another, where there are two.
reader=() load=()
if [ "$(nproc)" -gt 1 ]; then
    load=(taskset -c 0)
    reader=(taskset -c 1)
fi

# -------- one check --------

# loaded CGROUP: ns per check of a process there, of the kind that $KIND says.
loaded() (
    echo "$BASHPID" >"$1/cgroup.procs"
    exec "${load[@]}" "$programs/load" "$CALLS" "${KIND:-hostname}"
)

# with_floor: the same with the empty program attached.
with_floor() {
    local ready ns
    coproc FLOOR { exec "$programs/floor" "$programs/floor.bpf.o" "$backend"; }
    # shellcheck disable=SC2153 # coproc sets it
    read -r ready <&"${FLOOR[0]}" && [ "$ready" = attached ] || return 1
    ns=$(loaded /sys/fs/cgroup/load)
    kill "$FLOOR_PID"
    wait "$FLOOR_PID" 2>/dev/null
    echo "$ns"
}

# with_tracer CGROUP OPTION...
with_tracer() {
    local cgroup=$1 ns
    shift
    tracer_on "$@"
    ns=$(loaded "$cgroup")
    tracer_off
    echo "$ns"
}

# tracer_on OPTION...: in the background, on its own processor.
tracer_on() {
    : >"$words" # what the one before said must not be taken for its words
    "${reader[@]}" "$LOCAL_GADGET" trace capabilities -v --backend "$backend" "$@" \
        >"$rows" 2>"$words" &
    tracer=$!
    wait_until is_attached || die "the tracer does not start"
}

is_attached() {
    grep -q 'tracing with back-end' "$words" || ! kill -0 "$tracer" 2>/dev/null
}

# It ends when it has shown all that came.
tracer_off() {
    kill -INT "$tracer"
    wait "$tracer" || die "the tracer failed"
}

die() {
    echo "bench: $*" >&2
    cat "$words" >&2
    exit 1
}

# least FILE: the smallest of its numbers.
least() {
    sort -n "$1" | head -n 1
}

# result WHAT NUMBER UNIT FLOOR AIM
result() {
    awk -v what="$1" -v ns="$2" -v unit="$3" -v floor="${4-}" -v aim="${5-}" 'BEGIN {
        printf "%-44s %8.1f %-4s", what, ns, unit
        if (floor) printf "  %+7.1f  %5.2f x", ns - floor, ns / floor
        print aim != "" ? "  aim: " aim : ""
    }'
}

bench_check() {
    local round floor
    mkdir -p /sys/fs/cgroup/load "/sys/fs/cgroup/docker/$container_id"
    for ((round = 0; round < ROUNDS; round++)); do
        loaded /sys/fs/cgroup/load >>"$HARNESS_WORK/nothing"
        with_floor >>"$HARNESS_WORK/floor"
        with_tracer /sys/fs/cgroup/load >>"$HARNESS_WORK/ignored"
        with_tracer "/sys/fs/cgroup/docker/$container_id" --cap CHOWN >>"$HARNESS_WORK/other"
        with_tracer "/sys/fs/cgroup/docker/$container_id" --unique >>"$HARNESS_WORK/unique"
        with_tracer "/sys/fs/cgroup/docker/$container_id" -o json >>"$HARNESS_WORK/reported"
    done
    floor=$(least "$HARNESS_WORK/floor")
    echo "one check, $backend, best of $ROUNDS x $CALLS:        above the empty program"
    result "  nothing attached" "$(least "$HARNESS_WORK/nothing")" ns
    result "  an empty program" "$floor" ns "$floor"
    result "  ignored: not in a container" "$(least "$HARNESS_WORK/ignored")" ns "$floor" "+20 ns"
    result "  ignored: another capability is asked for" "$(least "$HARNESS_WORK/other")" ns "$floor"
    result "  a repeat under --unique" "$(least "$HARNESS_WORK/unique")" ns "$floor"
    result "  shown: -o json > file" "$(least "$HARNESS_WORK/reported")" ns "$floor" "+130 ns"
}

# -------- other checks --------

# percent WHAT FLOOR NUMBER AIM: what one of them takes, and how much longer than with the floor.
percent() {
    awk -v what="$1" -v floor="$2" -v ns="$3" -v aim="${4-}" 'BEGIN {
        printf "%-44s %8.1f us    %+6.1f %%%s\n", what, ns / 1000, (ns / floor - 1) * 100,
            aim != "" ? "  aim: " aim : ""
    }'
}

# bench_kind KIND CALLS WHAT AIM: in a container, above the empty program.
bench_kind() {
    local KIND=$1 CALLS=$2 round
    for ((round = 0; round < ROUNDS; round++)); do
        with_floor >>"$HARNESS_WORK/$KIND.floor"
        with_tracer "/sys/fs/cgroup/docker/$container_id" -o json >>"$HARNESS_WORK/$KIND"
    done
    percent "  $3" "$(least "$HARNESS_WORK/$KIND.floor")" "$(least "$HARNESS_WORK/$KIND")" "$4"
}

bench_kinds() {
    echo "work of a container, best of $ROUNDS:             above the empty program"
    bench_kind mmap "$((CALLS / 4))" "mmap and munmap, a silent check" "under 3 %"
    bench_kind fork "$((CALLS / 200))" "fork and exit, silent checks" "under 3 %"
    bench_kind exec "$((CALLS / 400))" "exec of true, silent checks" "under 3 %"
    bench_kind open "$((CALLS / 4))" "open of what it may not read, two rows" ""
}

# -------- a storm --------

# MiB resident, as top shows it.
resident() {
    awk '/^VmRSS:/ { printf "%.2f\n", $2 / 1024 }' "/proc/$tracer/status"
}

# What the tracer counted as lost.
said_lost() {
    sed -n 's/.* events\{0,1\} shown, \([0-9]*\) lost.*/\1/p' "$words"
}

# Until it has written all that it has.
await_rows() {
    local before=-1 now=0
    until [ "$now" -eq "$before" ]; do
        before=$now
        sleep 0.1
        now=$(stat -c %s "$rows")
    done
}

# bench_storm PROCESSES: each makes $STORM checks in a row, in a container that nobody has heard of.
bench_storm() {
    local count=$1 made=$(($1 * STORM)) cgroup start most after said there load=("${load[@]}") i=0
    local makers=()
    [ "$count" -eq 1 ] || load=()
    cgroup=/sys/fs/cgroup/docker/$(printf "$count%.0s" {1..64})
    tracer_on -o json
    start=$(resident)
    mkdir -p "$cgroup"
    for ((i = 0; i < count; i++)); do
        CALLS=$STORM loaded "$cgroup" >/dev/null &
        makers+=("$!")
    done
    wait "${makers[@]}"
    most=$(resident)
    await_rows
    sleep 1
    after=$(resident)
    tracer_off
    rmdir "$cgroup"
    said=$(said_lost)
    [ -n "$said" ] || die "no word of losses"
    there=$(grep -c '"capName":"SYS_ADMIN"' "$rows")
    echo "$count x $STORM checks in a row in a new container, -o json > file"
    result "  lost, by its own count" "$said" "" "" 0
    result "  not in the file" "$((there < made ? made - there : 0))" "" "" 0
    result "  resident at the start" "$start" MiB "" "under 16 MiB"
    result "  resident when the last one was made" "$most" MiB
    result "  resident a second after the last row" "$after" MiB "" "under 20 MiB"
    [ "$there" -ge $((made - said)) ] || unsaid=1
}

# -------- start and memory --------

# ms between two values of EPOCHREALTIME.
milliseconds() {
    awk -v begin="$1" -v end="$2" 'BEGIN { printf "%.2f\n", (end - begin) * 1000 }'
}

# ms from exec to the line that says it is attached.
start_time() {
    local begin=$EPOCHREALTIME end=0 line pid
    exec {said}< <(exec "$LOCAL_GADGET" trace capabilities -v "$@" 2>&1 >/dev/null)
    pid=$!
    while read -r line <&"$said"; do
        end=$EPOCHREALTIME
        [[ $line != *'tracing with back-end'* ]] || break
    done
    kill -INT "$pid"
    exec {said}<&-
    wait "$pid" 2>/dev/null
    milliseconds "$begin" "$end"
}

# What latency.py finds, for a terminal and for pipes: what a row is late by.
bench_rows() {
    local place median slowest
    echo "a lone check to its row, of $LONE             median   the slowest    load $(cut -d ' ' -f 1 /proc/loadavg)"
    python3 "$bench/latency.py" "$LOCAL_GADGET" "/sys/fs/cgroup/docker/$container_id" "$LONE" |
        while read -r place median slowest; do
            printf '  %-41s %8.1f ms %8.1f ms  aim: under %s ms\n' "$place" "$median" "$slowest" \
                "$([ "$place" = terminal ] && echo 10 || echo 100)"
        done
}

# The median of several starts.
median_start() {
    local i
    for ((i = 0; i < STARTS; i++)); do
        start_time "$@"
    done | sort -n | sed -n "$(((STARTS + 1) / 2))p"
}

bench_start() {
    result "start to attached, median of $STARTS" "$(median_start)" ms "" "under 30 ms"
}

bench_containers() {
    local i id engine
    for ((i = 0; i < CONTAINERS; i++)); do
        printf '%064x\n' "$((i + 0xb00000000000))"
    done >"$HARNESS_WORK/ids"
    while read -r id; do # one without a process would not be running
        mkdir "/sys/fs/cgroup/docker/$id"
        (
            echo "$BASHPID" >"/sys/fs/cgroup/docker/$id/cgroup.procs"
            exec sleep infinity
        ) &
    done <"$HARNESS_WORK/ids"
    result "start with $CONTAINERS containers, no engine" "$(median_start)" ms
    python3 "$bench/engine.py" /run/docker.sock "$HARNESS_WORK/ids" &
    engine=$!
    wait_until [ -S /run/docker.sock ]
    result "start with $CONTAINERS containers of one engine" "$(median_start)" ms
    tracer_on -o json
    sleep 1
    result "resident with them" "$(resident)" MiB
    tracer_off
    result "named of them" "$("$LOCAL_GADGET" list-containers -o json | grep -o '"name": *"bench-' | wc -l)" ""
    kill "$engine"
}

backend=$(timeout 5 "$LOCAL_GADGET" trace capabilities -v -t 0.01 2>&1 |
    sed -n 's/.*tracing with back-end \([a-z]*\).*/\1/p')
[ -n "$backend" ] || {
    "$LOCAL_GADGET" trace capabilities -t 0.01
    exit 1
}
bench_check
echo
bench_kinds
echo
unsaid=0
bench_storm 1
bench_storm 2
echo
bench_rows
echo
bench_start
bench_containers
# A loss may come of a busy machine; one that is not said is a fault.
[ "$unsaid" -eq 0 ]
