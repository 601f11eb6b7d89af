#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# 200 containers one after the other, each living for a few milliseconds, of three engines by turns:
# every event bears the right name, and each container appears once.
export HARNESS_LAYOUT=hybrid # podman does not start here on cgroup v2 alone
. "$(dirname "$0")/lib.sh"
harness_enter "$0" "$@"
docker_start
podman_prepare

RUNS=200
WANTED='.comm == "nice" and .capName == "SYS_NICE"'
IMAGE=docker.io/library/demo:latest

docker save demo -o "$HARNESS_WORK/demo.tar"
ctr images import --snapshotter native --no-unpack "$HARNESS_WORK/demo.tar" >/dev/null

run_one() {
    case $(($1 % 3)) in
    0) docker run --rm --network none --name "mixed-$1" demo nice -n -20 true ;;
    1) ctr run --rm --snapshotter native "$IMAGE" "mixed-$1" nice -n -20 true ;;
    2) podman_ run --rm --network none --name "mixed-$1" demo nice -n -20 true ;;
    esac
}

tracer_start
for ((run = 0; run < RUNS; run++)); do
    run_one "$run" >>"$HARNESS_WORK/log" 2>&1 </dev/null
done
sees "every container is seen" "$WANTED" "$RUNS" || note "$(tail -n 20 "$HARNESS_WORK/log")"
ends_well "nothing was lost"

expected=$(for ((run = 0; run < RUNS; run++)); do
    case $((run % 3)) in
    0) echo "docker mixed-$run" ;;
    1) echo "containerd mixed-$run" ;;
    2) echo "podman mixed-$run" ;;
    esac
done | sort)
seen=$(rows "$WANTED" | jq -r '"\(.runtime) \(.container)"' | sort)
named=$(comm -12 <(echo "$expected") <(echo "$seen") | wc -l)
all=$(rows "$WANTED" | wc -l)
note "named / all: $named / $all"
same "each event has its container's name and engine" "$expected" "$seen"

tap_end
