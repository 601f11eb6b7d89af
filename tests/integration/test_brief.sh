#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Containers that live for less than 50 ms, and are removed by the engine at once: the name is right
# in every one.
. "$(dirname "$0")/lib.sh"
harness_enter "$0" "$@"
docker_start

RUNS=50

tracer_start
for ((i = 0; i < RUNS; i++)); do
    docker run --rm --network none --name "brief-$i" --label "run=$i" demo nice -n -20 true \
        >"$HARNESS_WORK/run.log" 2>&1 || note "run $i: $(cat "$HARNESS_WORK/run.log")"
    grep -q 'Permission denied' "$HARNESS_WORK/run.log" || note "run $i: nice was not denied"
done
sees "every one is seen" '.comm == "nice" and .capName == "SYS_NICE"' "$RUNS"
ends_well "nothing was lost"
note "$(tail -n 2 "$tracer_words")"
note "not shown: $(for ((i = 0; i < RUNS; i++)); do
    has_rows ".container == \"brief-$i\"" || echo "brief-$i"
done | xargs)"

named=$(rows '.comm == "nice" and .capName == "SYS_NICE" and .runtime == "docker"' |
    jq -r .container | sort -u | grep -cE '^brief-[0-9]+$')
all=$(count_rows '.comm == "nice" and .capName == "SYS_NICE"')
note "named / all: $named / $all"
same "with its own name" "$RUNS / $RUNS" "$named / $all"
sees_none "no row of any of them goes without" '.type == "normal" and
    (.container == null or (.container | startswith("brief-") | not))'
sees_none "none has another's image" '.image != "demo"'
tap_end
