#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What was asked for and is not there is said once, and the trace goes on.
. "$(dirname "$0")/lib.sh"
harness_enter "$0" "$@"
docker_start

slice=/sys/fs/cgroup/system.slice
mkdir -p "$slice/nginx.service/workers" "$slice/cron.service"

# says SENTENCE OPTION...: among what is said, and no other like it; the exit status is that of a
# trace that has seen nothing.
says() {
    local sentence=$1
    shift
    tracer_start "$@" || return
    wait_until has_word "$sentence"
    sleep 2.5 # beyond the time that engines have
    tracer_stop
    same "$*: said once" "local-gadget: $sentence" "$(grep -E 'running|process' "$tracer_words")"
    same "status 0" 0 "$tracer_status"
}

has_word() {
    grep -qF -e "$1" "$tracer_words"
}

says "no container is called 'nosuch' yet; none is running" -c nosuch
container web --label app=shop
container admin
says "no container is called 'nosuch' yet; running: admin, web" -c nosuch
says "no container is called 'wbe' (did you mean 'web'?) or 'nosuch' yet; running: admin, web" \
    -c wbe,admin,nosuch
says "no container matches --selector app=shpo,tier yet; running: admin, web" \
    --selector app=shpo,tier
says "no container that -c allows matches --selector app=shop yet; running: admin, web" \
    -c admin --selector app=shop
says "there is no cgroup yet of unit 'ngnix' (did you mean 'nginx.service'?) or 'x.service'; \
running: cron.service, nginx.service" --unit ngnix,cron,x.service

# -------- processes --------

sleep 1000 &
sleeper=$!
says "process $sleeper is in no container: add --host" --pid "$sleeper"
init=$(docker inspect --format '{{.State.Pid}}' web)
says "process $init is in 'web', which the other options leave out" -c admin --pid "$init"
says "there is no process 4194305" --pid 4194305
# A thread of another process than its own number says.
python3 -c 'import threading, time
thread = threading.Thread(target=time.sleep, args=(1000,))
thread.start()
print(thread.native_id, flush=True)' >"$HARNESS_WORK/thread" &
threads=$!
wait_until [ -s "$HARNESS_WORK/thread" ]
says "process $(cat "$HARNESS_WORK/thread") is a thread: use --pid $threads" \
    --host --pid "$(cat "$HARNESS_WORK/thread")"
kill "$threads"

# -------- what is there --------

# quiet OPTION...: nothing is said of what is there.
quiet() {
    tracer_start "$@" || return
    sleep 2.5
    tracer_stop
    same "$*: nothing to say" "" "$(grep -E 'yet|running|process' "$tracer_words")"
}
quiet -c web --selector app=shop
quiet -c '!nosuch' --unit nginx,cron.service
quiet -c "$(container_id web | cut -c 1-12)"
quiet --pid "$init"
quiet --host --pid "$sleeper"
quiet
kill "$sleeper"

# -------- it goes on --------

tracer_start -c late
wait_until has_word "no container is called 'late' yet; running: admin, web"
container late
sees "a container that comes later is traced" '.container == "late" and .capName == "SYS_NICE"'
ends_well "nothing was lost"
same "and nothing more was said" 1 "$(grep -c "'late'" "$tracer_words")"

# -------- names of strangers --------

remove late web admin
hostile=$'\e[31mx\u202e'
mkdir -p "$slice/$hostile.service" "$slice/$(printf 'w%.0s' {1..200}).service"
for ((i = 10; i < 30; i++)); do
    mkdir "$slice/$i.service"
done
tracer_start --unit nothing
wait_until has_word "there is no cgroup yet of unit"
tracer_stop
same "they are harmless" "" "$(LC_ALL=C grep -anP '\x1b|\xe2\x80\xae' "$tracer_words" | cat -v)"
check "and of many some are named" grep -qE 'running: .*10.service, .* and [0-9]+ more$' \
    "$tracer_words"
tap_end
