#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# CRI-O as it is: what it answers and what it writes, from recordings; the containers are real, of
# runc, in the cgroups of CRI-O's cgroupfs manager, which stay until a container is removed.
# shellcheck disable=SC2016 # jq has variables too
HARNESS_LAYOUT=hybrid
. "$(dirname "$0")/lib.sh"
harness_enter "$0" "$@"
need runc jq
/usr/bin/python3 -c 'import h2.connection' 2>/dev/null || skip_all "HTTP/2 is missing: python3-h2"

RUNS=30
crio=$here/crio.py
state=$HARNESS_WORK/state
store=/var/lib/containers/storage
server=

export CONTAINER_RUNTIME_ENDPOINT=unix:///run/elsewhere/crio.sock

crio_start() {
    "$crio" serve "$state" /run/elsewhere/crio.sock &
    server=$!
    wait_until [ -S /run/elsewhere/crio.sock ]
}

# Its socket stays behind, as after a crash.
crio_stop() {
    kill "$server"
    wait "$server" 2>/dev/null
}

# pod NAME LABEL=VALUE...: sets $sandbox, whose pause container is dropped: its cgroup is empty.
pod() {
    sandbox=$("$crio" pod "$state" "$@")
    "$crio" store "$state" "$store"
    mkdir -p "/sys/fs/cgroup/pids/kubepods/besteffort/poduid-of-$1/crio-$sandbox"
}

# in_pod POD NAME SCRIPT [CAPABILITY]: a container of $sandbox. Sets $container.
in_pod() {
    local bundle=$HARNESS_WORK/bundle
    container=$("$crio" container "$state" "$sandbox" "$2")
    "$crio" store "$state" "$store"
    jq --arg script "$3" --arg rootfs "$HARNESS_WORK/rootfs" --arg capability "${4-}" \
        --arg path "/kubepods/besteffort/poduid-of-$1/crio-$container" '
        .process.args = ["sh", "-c", $script] | .root.path = $rootfs | .linux.cgroupsPath = $path
        | if $capability == "" then . else .process.capabilities[] += [$capability] end
        ' "$bundle/template.json" >"$bundle/config.json"
    runc run -d -b "$bundle" "$container" </dev/null >/dev/null 2>"$HARNESS_WORK/runc.log" || {
        fail "a container starts" "$(cat "$HARNESS_WORK/runc.log")"
        exit 1
    }
    "$crio" started "$state" "$container" "$(runc state "$container" | jq .pid)"
}

remove() {
    runc delete -f "$1"
    "$crio" removed "$state" "$1"
    "$crio" store "$state" "$store"
}

list() {
    "$LOCAL_GADGET" list-containers -o json "$@"
}

# known ID LIST: what a list says of a container.
known() {
    jq -r --arg id "$1" '.[] | select(.id == $id) |
        "\(.runtime) \(.name) \(.podname) \(.namespace) \(.podUID) \(.image) \(.pid) \(.state)"' \
        <<<"$2"
}

pid_of() {
    runc state "$1" | jq .pid
}

# Rows of a container that do not say all that is to be said of it.
wrong_rows() {
    rows ".containerId == \"$1\" and (.container != \"$2\" or .pod != \"$3\" or
        .namespace != \"shop\" or .image != \"localhost/app:1\" or .runtime != \"cri-o\")"
}

# is_right ID NAME POD: it has rows, and all are right from the first on.
is_right() {
    wait_until has_rows ".containerId == \"$1\"" && [ -z "$(wrong_rows "$@")" ]
}

mkdir -p "$state" /run/elsewhere /var/lib/containers "$HARNESS_WORK/bundle"
mount -t tmpfs none /var/lib/containers
make_rootfs "$HARNESS_WORK/rootfs" sh nice sleep || exit 1
(cd "$HARNESS_WORK/bundle" && runc spec) || exit 1
jq '.process.terminal = false | del(.process.rlimits) |
    del(.linux.namespaces[] | select(.type == "cgroup"))' \
    "$HARNESS_WORK/bundle/config.json" >"$HARNESS_WORK/bundle/template.json"
crio_start

# As a kubelet makes them; and as others do, whose image was asked for by its id.
pod web-0 app=shop
in_pod web-0 front "$NICE_LOOP"
front=$container
pod bare app=other
in_pod bare back "$NICE_LOOP"
back=$container

for runtime in cri-o cri; do
    found=$(list -r "$runtime")
    same "$runtime: a kubelet's pod" \
        "cri-o front web-0 shop uid-of-web-0 localhost/app:1 $(pid_of "$front") running" \
        "$(known "$front" "$found")"
    same "$runtime: a pod without a kubelet's labels" \
        "cri-o back bare shop uid-of-bare localhost/app:1 $(pid_of "$back") running" \
        "$(known "$back" "$found")"
    same "$runtime: the pod's labels are its container's" shop \
        "$(jq -r --arg id "$front" '.[] | select(.id == $id) | .labels.app' <<<"$found")"
    same "$runtime: these, and no sandbox" 2 "$(jq length <<<"$found")"
    right=0
    for ((i = 0; i < RUNS; i++)); do
        [ "$(list -r "$runtime" | jq -r --arg id "$back" '.[] | select(.id == $id) | .pid')" = \
            "$(pid_of "$back")" ] && right=$((right + 1))
    done
    same "$runtime: the pid is the init's, each time" "$RUNS" "$right"
done

# -------- from the first row on --------

# burn COUNT: keeps that many processors busy. Sets $burning.
burn() {
    local i
    burning=()
    for ((i = 0; i < $1; i++)); do
        while :; do :; done &
        burning+=("$!")
    done
}

# those_of_before WHEN OPTION...: the tracer starts, again and again.
those_of_before() {
    local when=$1 i right=0
    shift
    for ((i = 0; i < RUNS; i++)); do
        tracer_start "$@"
        is_right "$front" front web-0 && is_right "$back" back bare && right=$((right + 1))
        tracer_stop
    done
    same "$when: right from the first row on, in each of $RUNS runs" "$RUNS" "$right"
}

# those_that_come WHEN OPTION...: containers start, again and again, of either kind of pod.
those_that_come() {
    local when=$1 i right=0 name ids=()
    shift
    tracer_start "$@"
    for ((i = 0; i < RUNS; i++)); do
        name=$([ $((i % 2)) -eq 0 ] && echo web || echo bare)-$i
        pod "$name"
        in_pod "$name" "late-$i" 'nice -n -20 true; nice -n -20 true'
        ids+=("$container late-$i $name")
    done
    for i in "${ids[@]}"; do
        # shellcheck disable=SC2086 # three words
        if is_right $i; then
            right=$((right + 1))
        else
            note "$i: $(wrong_rows $i | head -n 1)"
        fi
    done
    same "$when: right from the first row on, each of $RUNS containers" "$RUNS" "$right"
    ends_well "$when: nothing was lost"
    for i in "${ids[@]}"; do
        remove "${i%% *}"
    done
}

those_of_before "there before" -r cri-o
those_of_before "there before, all engines asked"
those_that_come "that come" -r cri-o
those_that_come "that come, all engines asked"
burn "$(nproc)"
those_of_before "there before, on a busy machine" -r cri-o
those_that_come "that come, on a busy machine" -r cri-o
kill "${burning[@]}"
wait "${burning[@]}" 2>/dev/null

# HTTP alone knows a container that starts when the store is elsewhere.
mount -t tmpfs none /var/lib/containers
those_that_come "that come, without the store" -r cri-o
umount /var/lib/containers
"$crio" store "$state" "$store"

tracer_start -r cri-o
in_pod bare allowed "$NICE_LOOP" CAP_SYS_NICE
sees "with the capability, it is allowed" \
    '.container == "allowed" and .capName == "SYS_NICE" and .verdict == "Allow"'
sees "without, it is denied" \
    '.container == "front" and .capName == "SYS_NICE" and .verdict == "Deny"'
remove "$container"
ends_well "nothing was lost"

# -------- by a pod's label --------

tracer_start -r cri-o --selector app=shop
sees "selected by the pod's label" '.container == "front"'
pod web-late app=shop
in_pod web-late picked "$NICE_LOOP"
sees "one that comes, too" '.container == "picked" and .pod == "web-late"'
sees_none "no other" '.container == "back"'
remove "$container"
ends_well "selected, nothing was lost"

# -------- the end of a container whose cgroup stays --------

"$LOCAL_GADGET" list-containers -o json -r cri-o --watch >"$tracer_rows" 2>"$tracer_words" &
tracer_pid=$!
sees "--watch begins with what is there" '.name == "front" and .event == "CREATED"'
pod web-brief
in_pod web-brief brief "$NICE_LOOP"
brief=$container
sees "what comes" '.name == "brief" and .event == "CREATED" and .podname == "web-brief"'
kill -KILL "$(pid_of "$brief")"
sees "what ends" '.name == "brief" and .event == "DELETED"'
check "its cgroup is still there" \
    [ -d "/sys/fs/cgroup/pids/kubepods/besteffort/poduid-of-web-brief/crio-$brief" ]
same "it is listed no more" "" "$(known "$brief" "$(list -r cri-o)")"
remove "$brief"
sees "the next is seen after it" '.name == "front"'
same "each once" "CREATED DELETED" "$(rows '.name == "brief"' | jq -r .event | xargs)"
same "and none for what lives on" "CREATED" "$(rows '.name == "back"' | jq -r .event | xargs)"
tracer_stop
same "Ctrl-C ends it with status 0" 0 "$tracer_status"

# -------- without CRI-O --------

tracer_start -r cri-o
sees "CRI-O is there" '.container == "front"'
crio_stop
wait_until grep -q 'names its containers' "$tracer_words"
check "its files name its containers, and the warning says so" \
    grep -q 'warning: cri-o: .*; cri-o-storage names its containers until it is back' \
    "$tracer_words"
check "and nothing of ids" bash -c "! grep -q 'by ids' '$tracer_words'"
pod web-alone
in_pod web-alone alone "$NICE_LOOP"
check "one that comes then is right from its first row on" is_right "$container" alone web-alone
seen=$(count_rows "true")
sees "rows go on" true $((seen + 30))
same "and stay right" "" "$(wrong_rows "$front" front web-0; wrong_rows "$back" back bare)"
remove "$container"
ends_well "nothing was lost"

mount -t tmpfs none /var/lib/containers
tracer_start -r cri-o
wait_until grep -q 'warning: cri-o' "$tracer_words"
check "where nothing else names them, the warning speaks of ids" \
    grep -q 'warning: cri-o: .*; what only it can name is shown by ids until it is back' \
    "$tracer_words"
sees "and so it is" ".container == \"${front:0:12}\""
crio_start
sees "names are back with it" '.container == "front" and .pod == "web-0"'
ends_well "nothing was lost, again"
umount /var/lib/containers

remove "$front"
remove "$back"
crio_stop
tap_end
