#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An engine that hangs, or is replaced by a server that answers nonsense: tracing goes on, memory
# stays within a bound, and names are back when the engine is.
. "$(dirname "$0")/lib.sh"
harness_enter "$0" "$@"
docker_start

# Peak of the program in memory: one answer of at most 32 MiB, its copy while the buffer grows, and
# what it is parsed into.
BOUND_MIB=96
MANNERS="garbage half silent endless_header endless_body endless_event endless_list values nested"

container steady
steady=$(container_id steady)
short=${steady:0:12}

peak_mib() {
    awk '/VmHWM/ { print int($2 / 1024) }' "/proc/$tracer_pid/status"
}

# The bound is for the program, not for what the sanitizers add.
is_sanitized() {
    nm -D "$LOCAL_GADGET" 2>/dev/null | grep -q __asan
}

# -------- an engine that hangs --------

tracer_start -r docker
sees "a row has its name" '.container == "steady"'
kill -STOP "$docker_daemon"
before=$(count_rows '.comm == "nice"')
sees "with dockerd hung, rows still come" '.container == "steady"' "$((before + 5))"
kill -CONT "$docker_daemon"
container late
sees "once it goes on, a new container has its name" '.container == "late"'
docker rm -f late >/dev/null
ends_well "a hung engine costs no event"

# -------- a server that is no engine --------

kill -STOP "$docker_daemon"
mv /run/docker.sock /run/docker.real
for manner in $MANNERS; do
    python3 "$here/bad_engine.py" /run/docker.sock "$manner" &
    server=$!
    wait_until [ -S /run/docker.sock ]
    tracer_start -r docker
    # Long enough for the first half of the retries, and for a gigabyte to be refused.
    sees "$manner: rows come, by id" ".container == \"$short\"" 30
    peak=$(peak_mib)
    note "$manner: $peak MiB at most"
    is_sanitized || check "$manner: memory stays below $BOUND_MIB MiB" [ "$peak" -lt "$BOUND_MIB" ]
    kill "$server"
    wait "$server" 2>/dev/null
    rm -f /run/docker.sock
    if [ "$manner" = garbage ]; then
        mv /run/docker.real /run/docker.sock
        kill -CONT "$docker_daemon"
        sees "the real engine is back, and so is the name" '.container == "steady"'
        kill -STOP "$docker_daemon"
        mv /run/docker.sock /run/docker.real
    fi
    ends_well "$manner: it ends well"
done
kill -CONT "$docker_daemon"

tap_end
