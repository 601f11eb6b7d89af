#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the tracer itself asks for, and its helpers, is no row of anybody's: neither of the host, nor
# of the unit that the tracer runs in.
. "$(dirname "$0")/lib.sh"
harness_enter "$0" "$@"

unit=/sys/fs/cgroup/system.slice/watch.service
mkdir -p "$unit" /sys/fs/cgroup/marks
echo $$ >"$unit/cgroup.procs"

# What a tracer has to do for others: cgroups that come, programs whose stacks are asked for.
work() {
    local i
    for ((i = 0; i < 20; i++)); do
        mkdir "/sys/fs/cgroup/marks/$i"
        (
            echo "$BASHPID" >"/sys/fs/cgroup/marks/$i/cgroup.procs"
            exec nice -n -1 true
        )
        rmdir "/sys/fs/cgroup/marks/$i" 2>/dev/null
    done
    nice -n -1 true
}

# own OPTION...: nothing is shown of the tracer and its helper, which are alone of their kind in the
# unit; on a busy machine there may be several helpers, one after the other.
own() {
    # Records with user stacks are large, and a busy machine has the reader wait.
    tracer_start --buffer-size 128M "$@" || return
    work
    sees "$*: others are shown" '.comm == "nice" and .capName == "SYS_NICE"'
    sees_none "nothing of the tracer's" ".cgroupId == $(stat -c %i "$unit") and
        (.comm | IN(\"local-gadget\", \"lg-spawner\", \"lg-symbolizer\"))"
    ends_well "and nothing is lost"
}

# What a command is sent, and what is left of it, is done by a part of the tracer.
own_of_command() {
    tracer_start --output-file "$tracer_rows" --host --all --user nobody -- \
        sh -c 'trap "nice -n -2 true; exit 0" TERM; nice -n -1 true; while :; do sleep 0.1; done' ||
        return
    sees "a command is shown" '.comm == "nice"'
    kill -TERM "$tracer_pid"
    sees "sent a signal, what it does then, too" '.comm == "nice"' 2
    sees_none "not that somebody could send it" '.comm == "local-gadget" and .capName == "KILL"'
    wait "$tracer_pid"
}

own --host --audit-only=false
own --host --all --print-stack
own --host --all --print-user-stack
own --unit watch --all --audit-only=false --print-user-stack
own_of_command
tap_end
