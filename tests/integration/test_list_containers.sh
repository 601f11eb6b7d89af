#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# list-containers: what is there, and what comes and goes.
# shellcheck disable=SC2016 # jq has variables too
. "$(dirname "$0")/lib.sh"
harness_enter "$0" "$@"
docker_start

list=$HARNESS_WORK/list

"$LOCAL_GADGET" list-containers -r docker -o json >"$list" 2>"$tracer_words"
same "an empty host: status 0" 0 $?
check "and an empty list" jq -e '. == []' "$list"

container web --label app=shop --label 'odd="quoted" \ text'
container db
id=$(container_id web)
pid=$(docker inspect --format '{{.State.Pid}}' web)

"$LOCAL_GADGET" list-containers >"$list" 2>"$tracer_words"
same "columns: status 0" 0 $?
same "the header" "RUNTIME ID NAME IMAGE PID" "$(head -n 1 "$list" | tr -s ' ' | sed 's/ $//')"
check "a row" grep -Eq "^docker +${id:0:12}[0-9a-f]* +web +demo +$pid *\$" "$list"
same "sorted by name" "db web" "$(awk '$1 == "docker" { print $3 }' "$list" | xargs)"

"$LOCAL_GADGET" list-containers -o json >"$list" 2>"$tracer_words"
same "JSON: status 0" 0 $?
check "full id, name, image, pid, labels, state" jq -e --arg id "$id" --argjson pid "$pid" '
    .[] | select(.id == $id) | .name == "web" and .runtime == "docker" and .image == "demo" and
    .pid == $pid and .labels.app == "shop" and .state == "running" and
    (.labels | has("odd=\"quoted\" \\ text") | not)' "$list"
check "cgroup and mount namespace" jq -e --arg id "$id" \
    --argjson ns "$(stat -Lc %i "/proc/$pid/ns/mnt")" '.[] | select(.id == $id) |
    (.cgroupPath | endswith("/docker/" + $id)) and .mntns == $ns and .cgroupID > 0' "$list"
same "both, and no other of docker" 2 "$(jq '[.[] | select(.runtime == "docker")] | length' "$list")"

check "its cgroup again, under the version that it is of" jq -e --arg id "$id" '.[] |
    select(.id == $id) | .cgroupV2 == .cgroupPath and has("cgroupV1") and .cgroupV1 == null' "$list"
check "network namespace, which is not the host's" jq -e --arg id "$id" \
    --argjson ns "$(stat -Lc %i "/proc/$pid/ns/net")" '.[] | select(.id == $id) |
    .netns == $ns and .hostNetwork == false' "$list"

# listed OPTION...: the names, in order.
listed() { "$LOCAL_GADGET" -v list-containers -o json "$@" 2>"$tracer_words" | jq -r '.[].name' | xargs; }

docker run -d --network host --name open demo sleep 1000 >/dev/null
same "by name" "db" "$(listed -c db,nobody)"
same "all but a name" "db open" "$(listed -c '!web')"
same "by the network" "open" "$(listed -F hostnetwork:true)"
same "by label" "web" "$(listed --filter labels:app=shop)"
same "in another order" "web open db" "$(listed --sort=-name)"
same "by number" "db web open" "$(listed --sort hostnetwork,name)"
same "the old default of -r, with engines that are not here" "db open web" \
    "$(listed -r docker,containerd,cri-o)"
remove open

# -------- --watch --------

"$LOCAL_GADGET" list-containers --watch -o json >"$tracer_rows" 2>"$tracer_words" &
tracer_pid=$!
sees "--watch begins with what is there" '.name == "web" and .event == "CREATED"'
container late
sees "what comes is shown, by name" '.name == "late" and .event == "CREATED"'
remove late
sees "what goes is shown, by name" '.name == "late" and .event == "DELETED"'
same "each once" 2 "$(count_rows '.name == "late"')"
# The process of the life before is no answer: its number may be another's by now.
for round in 1 2 3; do
    docker restart -t 0 web >/dev/null
    pid=$(docker inspect --format '{{.State.Pid}}' web)
    sees "started again it has its new process, $round" ".name == \"web\" and
        .event == \"CREATED\" and .pid == $pid and .state == \"running\" and
        .mntns == $(stat -Lc %i "/proc/$pid/ns/mnt")"
    same "and is shown once" $((round + 1)) "$(count_rows '.name == "web" and .event == "CREATED"')"
    same "after the life before" "$round" "$(count_rows '.name == "web" and .event == "DELETED"')"
done
docker stop -t 0 web >/dev/null
docker start web >/dev/null
pid=$(docker inspect --format '{{.State.Pid}}' web)
sees "stopped and started likewise" ".name == \"web\" and .event == \"CREATED\" and .pid == $pid and
    .state == \"running\""
tracer_stop
same "Ctrl-C ends it with status 0" 0 "$tracer_status"
remove web db
tap_end
