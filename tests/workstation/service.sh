# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# -o journal by hand and as the service, as a user has them, with Docker and podman. Needs the engines
# of guest.

# shellcheck source=tests/workstation/common.sh
. /run/job/common.sh

# entries RESULT MATCH...: of ours, the latest as JSON; until there are some, or long after there
# should have been.
entries() {
    local file=$results/$1 tries
    shift
    for ((tries = 0; tries < 300; tries++)); do
        journalctl -q --no-pager -n 5 -o json -t local-gadget "$@" >"$file"
        [ ! -s "$file" ] || return 0
        sleep 0.1
    done
}

# The README's walkthrough, into the journal.
walk_journal() {
    local phase tracer
    local-gadget trace capabilities -o journal 2>$results/journal.words &
    tracer=$!
    for phase in deny allow; do
        start_docker set-priority $phase
        entries journal.$phase CONTAINER_NAME=set-priority VERDICT=${phase^}
        journalctl -q --no-pager -o cat CONTAINER_NAME=set-priority >$results/journal.$phase.text
        stop_docker set-priority
    done
    kill -TERM $tracer
    wait $tracer
    echo $? >$results/journal.status
    entries journal.summary MESSAGE_ID=ca95e4f302904b94994d19f9d0781f2f
}

# -------- what containers write, in the same journal --------

# Tells the same at each start, on both outputs; is denied something between, and allowed something.
# shellcheck disable=SC2016 # for the container's shell
talk=': >/tmp/file; for i in 1 2 3; do echo "line $i"; nice -n -20 true; chown 1:1 /tmp/file; done'

# read_talk ENGINE RUN: the container has been run once more; what the engine shows of it now.
read_talk() {
    "$1" wait "talk-$1"
    "$1" logs "talk-$1" >"$results/talk.$1.$2.output" 2>"$results/talk.$1.$2.errors"
}

start_talk() {
    docker run -d --log-driver journald --network none --name talk-docker walk sh -c "$talk"
    podman --runtime crun --cgroup-manager systemd run -d --log-driver journald --network none \
        --name talk-podman walk sh -c "$talk"
    read_talk docker without
    read_talk podman without
}

repeat_talk() {
    docker start talk-docker
    podman --runtime crun --cgroup-manager systemd start talk-podman
    read_talk docker with
    read_talk podman with
    entries talk.docker CONTAINER_NAME=talk-docker
    entries talk.podman CONTAINER_NAME=talk-podman
    docker rm talk-docker
    podman rm talk-podman
}

# -------- the service --------

# configure OPTION...: as its user does.
configure() {
    echo "LOCAL_GADGET_OPTIONS=\"$*\"" >/etc/default/local-gadget
    systemctl restart local-gadget
}

state() {
    systemctl show -p ActiveState,SubState,MainPID,NRestarts,Result local-gadget
}

# A unit of the host, and a container, with the stacks of who asks.
ask_for_more() {
    local drop_in=/run/systemd/system/local-gadget.service.d
    systemd-run --unit asker -p User=ada sh -c 'while :; do nice -n -20 true; sleep 0.5; done'
    configure --verdict deny --unit asker -c web
    entries service.unit -u asker
    journalctl -q --no-pager -n 5 -u asker -o cat >$results/service.unit.text
    mkdir -p $drop_in
    printf '%s\n' '[Service]' ProtectKernelTunables=no >$drop_in/stacks.conf
    systemctl daemon-reload
    configure --verdict deny --print-stack --print-user-stack
    entries service.stacks CONTAINER_NAME=web _PID="$(systemctl show -P MainPID local-gadget)"
    rm -r $drop_in
    systemctl daemon-reload
    configure --verdict deny --print-user-stack
    entries service.user-stacks CONTAINER_NAME=web _PID="$(systemctl show -P MainPID local-gadget)"
}

use_service() {
    start_talk
    systemd-analyze security --no-pager local-gadget.service >$results/service.security
    systemctl is-enabled local-gadget >$results/service.at-first
    systemctl enable --now local-gadget
    echo $? >$results/service.enabled
    repeat_talk
    docker run -d --restart always --network none --name web walk sh -c "$work"
    entries service.deny CONTAINER_NAME=web VERDICT=Deny
    journalctl -q --no-pager -n 1 -x -t local-gadget CONTAINER_NAME=web >$results/service.explained
    ask_for_more
    configure --verdict deny
    state >$results/service.before-reload
    systemctl reload local-gadget
    echo $? >$results/service.reloaded
    state >$results/service.after-reload
    entries service.after-reload.deny CONTAINER_NAME=web \
        _PID="$(systemctl show -P MainPID local-gadget)"
    start_podman_rootless hers deny
    entries service.rootless CONTAINER_NAME=user/1000/hers
    stop_podman_rootless hers
    journalctl -q --no-pager -u local-gadget >$results/service.words
}
