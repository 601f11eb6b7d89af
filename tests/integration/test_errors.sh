#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What cannot be done is said in one sentence, with exit status 1; what was asked for wrongly, with 2.
# shellcheck disable=SC2016 # jq has variables too
. "$(dirname "$0")/lib.sh"
harness_enter "$0" "$@"

words=$HARNESS_WORK/words

# refuses STATUS WORD OPTION...: one sentence on standard error that has the word, nothing on output.
# After a mistake on the command line a second one says where help is.
refuses() {
    local status=$1 word=$2 actual out
    shift 2
    out=$(timeout 20 "$LOCAL_GADGET" "$@" 2>"$words")
    actual=$?
    if [ "$actual" -eq "$status" ] && [ -z "$out" ] && [ "$(wc -l <"$words")" -eq "$status" ] &&
        head -n 1 "$words" | grep -qiF -e "$word"; then
        pass "$* -> $status, $word"
    else
        fail "$* -> $status, $word" "status $actual"$'\n'"$out"$'\n'"$(cat "$words")"
    fi
}

refuses 2 --frobnicate trace capabilities --frobnicate
refuses 2 --timeout trace capabilities --timeot 3
refuses 2 SYS_NICER trace capabilities --cap SYS_NICER
refuses 2 verdict trace capabilities --verdict maybe
refuses 2 timeout trace capabilities --timeout=-1
refuses 2 timeout trace capabilities --timeout soon
refuses 2 timeout trace capabilities -t 99999999999999999999
refuses 2 buffer-size trace capabilities --buffer-size 1
refuses 2 spill-size trace capabilities --spill-size 1023K
refuses 2 pid trace capabilities --pid 0x
refuses 2 pid trace capabilities --pid 99999999999
refuses 2 output trace capabilities -o xml
refuses 2 nosuchfield trace capabilities -o columns=pid,nosuchfield
refuses 2 backend trace capabilities --backend magic
refuses 2 runtimes trace capabilities -r moby
refuses 2 surplus trace capabilities surplus
refuses 2 trace trace capabilites
refuses 2 frob frob
refuses 2 selector trace capabilities --selector =x
refuses 2 watch list-containers --wacth
refuses 2 "--unit 'a/b', character 2: " trace capabilities --unit a/b
refuses 2 "a user's unit is user/UID/NAME" trace capabilities --unit nginx,user/web
refuses 2 "--unit 'user/1000/', character 11: " advise capabilities --unit user/1000/
refuses 2 "--unit 'ng*', character 3: " trace capabilities --unit 'ng*'
refuses 2 "--filter 'contianer:x', character 1: unknown field 'contianer'; did you mean container?" \
    trace capabilities -F contianer:x
refuses 2 "--filter 'pid:1,comm>x', character 11: after comm comes one of : :! :~ :!~" \
    trace capabilities -F 'pid:1,comm>x'
refuses 2 "--filter 'comm:x,container:~[', character 19: '[' is no regular expression" \
    trace capabilities -F 'comm:x,container:~['
refuses 2 "--filter 'verdict:Dney', character 9: unknown verdict 'Dney'" trace capabilities -F verdict:Dney
refuses 2 "--journal-namespace 'a/b': character 2 cannot be" \
    trace capabilities -o journal --journal-namespace a/b
refuses 1 "no journald listens at /run/systemd/journal/socket" trace capabilities -o journal -t 1
refuses 1 "no journald listens at /run/systemd/journal.nosuch/socket" \
    trace capabilities -o journal --journal-namespace nosuch -t 1
refuses 1 /nowhere trace capabilities -r docker --docker-socketpath /nowhere -t 1
refuses 1 /nowhere list-containers -r docker --docker-socketpath /nowhere

# -------- a socket that was named and is not there --------

# fails SENTENCE OPTION...: with status 1, and nothing else is said.
fails() {
    local sentence=$1 actual out
    shift
    out=$(timeout 20 "$LOCAL_GADGET" "$@" 2>"$words")
    actual=$?
    same "$*: status 1" 1 "$actual"
    same "one sentence" "local-gadget: $sentence" "$out$(cat "$words")"
}

missing='was asked for, but there is no socket at /nowhere'
for engine in docker containerd cri-o podman; do
    fails "$engine $missing" trace capabilities -t 1 "--${engine/-/}-socketpath=unix:///nowhere"
    fails "$engine $missing" list-containers "--${engine/-/}-socketpath=/nowhere"
done
while read -r engine variable; do
    export "$variable=unix:///nowhere"
    fails "$engine $missing ($variable)" trace capabilities -t 1
    fails "$engine $missing ($variable)" list-containers
    check "doctor says no" jq -e --arg words "$engine $missing ($variable)" \
        '.[] | select(.section == "Engines" and .ok == false) | .detail == $words' \
        <("$LOCAL_GADGET" doctor -o json)
    export "$variable="
    check "an empty $variable is none" "$LOCAL_GADGET" list-containers
    unset "$variable"
done <<'END'
docker DOCKER_HOST
docker INSPEKTOR_GADGET_DOCKER_SOCKETPATH
containerd CONTAINERD_ADDRESS
containerd INSPEKTOR_GADGET_CONTAINERD_SOCKETPATH
cri-o CONTAINER_RUNTIME_ENDPOINT
cri-o INSPEKTOR_GADGET_CRIO_SOCKETPATH
podman INSPEKTOR_GADGET_PODMAN_SOCKETPATH
END
elsewhere='is no socket of this host: its engines are asked at unix:///PATH'
fails "docker was asked for, but tcp://192.0.2.1:2375 $elsewhere" \
    trace capabilities -t 1 --docker-socketpath tcp://192.0.2.1:2375
DOCKER_HOST=ssh://somewhere fails "docker was asked for, but ssh://somewhere (DOCKER_HOST) $elsewhere" \
    list-containers
DOCKER_HOST=tcp://192.0.2.1:2375 check "an engine that is not asked may be anywhere" \
    "$LOCAL_GADGET" list-containers -r runc
HOST_ROOT=/nowhere fails "there is no directory /nowhere, which HOST_ROOT names as the root of the host" \
    list-containers
HOST_ROOT=/nowhere fails "there is no directory /nowhere, which HOST_ROOT names as the root of the host" \
    trace capabilities -t 1

# -------- not root --------

as_nobody trace capabilities -t 1 >"$HARNESS_WORK/out" 2>"$words"
same "not root: status 1" 1 $?
same "one sentence" 1 "$(wc -l <"$words")"
check "that names the fix" grep -qiE 'root|sudo' "$words"
check "help needs no root" as_nobody trace capabilities --help
check "nor does the version" as_nobody version

# -------- asked for, on standard output --------

check "--help goes to standard output" grep -q '^Usage' <("$LOCAL_GADGET" --help 2>/dev/null)
check "version says one" grep -qE '[0-9]+\.[0-9]+' <("$LOCAL_GADGET" version)
for wrong in $'--containername=\e[31m' $'--cap=\e]0;x\a' $'-r=\xff\xfe\r' $'--cap=\xc2\x9b31m'; do
    "$LOCAL_GADGET" trace capabilities "$wrong" -t nonsense >"$HARNESS_WORK/out" 2>"$words"
    same "what was typed comes back harmlessly: $(printf %q "$wrong")" "" \
        "$(LC_ALL=C grep -anP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' "$words" | cat -v)"
done
tap_end
