#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Whoever may make a cgroup may name it. None such impersonates, hides or misnames anybody: not
# root's in a container, not a user's in a unit that was given to him, nor one of a container in
# which systemd runs.
. "$(dirname "$0")/lib.sh"
harness_enter "$0" "$@"
docker_start
need runc jq

top=/sys/fs/cgroup
container web
container other
web=$(container_id web) other=$(container_id other)
web_short=${web:0:12}
other_top=$(find $top -type d -path "*docker/$other" -prune)
foreign=$(printf '%064d' 7)

# provoke CGROUP WHO: a check, told from all others by its user's number.
provoke() {
    mkdir -p "$1" && (
        echo "$BASHPID" >"$1/cgroup.procs"
        exec setpriv --reuid "$2" --regid "$2" --clear-groups --inh-caps=-all \
            sh -c 'nice -n -20 cat /dev/null'
    ) >/dev/null 2>&1
}

# shown_as NAME CONTAINER WHO: it bears this name, and no other.
shown_as() {
    sees "$1" ".container == \"$2\" and .uid == $3 and .comm == \"nice\""
    sees_none "$1: and no other name" ".uid == $3 and .container != \"$2\""
}

# list_has FILTER: of what is listed, those for which it holds, by name and place.
list_has() {
    "$LOCAL_GADGET" list-containers -o json --fields name,cgroup,id |
        jq -r ".[] | select($1) | \"\(.name) \(.cgroupPath)\""
}

web_place=$(list_has '.name == "web"')
same "web is at its place" "web /docker/$web" "$web_place"
tracer_start

# -------- as root in a container --------

provoke "$other_top/docker-$web.scope" 2001
shown_as "a double in a container is that container's" "other/$web_short" 2001
provoke "$other_top/machine.slice/machine-web.scope" 2002
shown_as "so is a machine in it" "other/web" 2002
provoke "$other_top/lxc.payload.web" 2003
shown_as "and one that has a container's bare name" "other/web" 2003
number=2010
for name in conmon my-conmon "libpod-conmon-$foreign.scope" libpod_parent/conmon lxc.monitor.x \
    "crio-conmon-$web"; do
    provoke "$other_top/$name" $number
    shown_as "nothing hides in a container as $name" other $number
    number=$((number + 1))
done
(
    echo "$BASHPID" >"$other_top/docker-$web.scope/cgroup.procs"
    exec sleep 1000
) &
double=$!
wait_until grep -q "^$double$" "$other_top/docker-$web.scope/cgroup.procs"
same "the double is listed beside, not in its place" "other/$web_short /docker/$other/docker-$web.scope
web /docker/$web" "$(list_has ".id | contains(\"$web\")" | sort)"
kill "$double"
wait "$double" 2>/dev/null
wait_until rmdir "$other_top/docker-$web.scope" 2>/dev/null
sees "without its double web goes on" '.container == "web" and .uid == 0' \
    $(($(count_rows '.container == "web"') + 3))
same "and is listed as before" "$web_place" "$(list_has '.name == "web"')"

# -------- as a user, in a unit that was given to him --------

unit=$top/system.slice/delegated.service
mkdir -p "$unit"
chown 1000 "$unit"
provoke "$unit/docker-$web.scope" 2101
shown_as "a double in a user's unit is the user's" "user/1000/$web_short" 2101
provoke "$unit/machine.slice/machine-web.scope" 2102
shown_as "so is a machine" "user/1000/web" 2102
rmdir "$unit/docker-$web.scope"
sees "without that double web goes on" '.container == "web" and .uid == 0' \
    $(($(count_rows '.container == "web"') + 3))
same "and is where it was" "$web_place" "$(list_has '.name == "web"')"

# -------- in a container in which systemd runs, and somebody has logged in --------

session=$other_top/user.slice/user-1000.slice/user@1000.service
mkdir -p "$session"
chown 1000 "$session"
provoke "$session/init.scope" 2201
shown_as "a session in a container is the container's" other 2201
provoke "$other_top/system.slice/cron.service" 2202
shown_as "so is a service" other 2202
provoke "$session/docker-$foreign.scope" 2203
shown_as "a user's container in it is inside of that one" "other/000000000000" 2203
same "the container is listed once" "other /docker/$other" "$(list_has '.name == "other"')"

# -------- names that only look like a monitor's --------

provoke "$top/lxc.payload.conmon1" 2301
shown_as "a container of lxc called conmon1 is seen" conmon1 2301
provoke "$top/system.slice/runc-my-conmon.scope" 2302
shown_as "so is one of runc called my-conmon" my-conmon 2302
provoke "$top/machine.slice/libpod-conmon-$foreign.scope" 2303
provoke "$top/libpod_parent/conmon" 2304
provoke "$top/lxc.monitor.web" 2305

# -------- a second one with web's id, as root of the host may make it --------

provoke "$top/elsewhere.slice/docker-$web.scope" 2401
shown_as "a second one with that id is known by its place" "elsewhere.slice/docker-$web.scope" 2401
sees "and does not take web's" '.container == "web" and .uid == 0' \
    $(($(count_rows '.container == "web"') + 3))
rmdir "$top/elsewhere.slice/docker-$web.scope"
sees "without it web goes on" '.container == "web" and .uid == 0' \
    $(($(count_rows '.container == "web"') + 3))
sees_none "real monitors are the engine's" '.uid >= 2303 and .uid <= 2305'
sees_none "web has had no checks but its own" '.container == "web" and .uid != 0'
ends_well "it ends well"

# -------- what was there before, and what is asked for --------

provoke "$other_top/docker-$web.scope" 2501
provoke "$unit/docker-$web.scope" 2501
tracer_start -c "$web"
provoke "$other_top/docker-$web.scope" 2502
provoke "$unit/docker-$web.scope" 2503
sees "-c ID finds the container" '.container == "web" and .uid == 0' 3
sees_none "and none of its doubles" '.uid != 0'
ends_well "it ends well"
tracer_start -c "user/1000/$web" -c "other/$web_short"
provoke "$other_top/docker-$web.scope" 2504
provoke "$unit/docker-$web.scope" 2505
sees "who wants those says whose" ".container == \"user/1000/$web_short\" and .uid == 2505"
sees "or where" ".container == \"other/$web_short\" and .uid == 2504"
sees_none "web is not among them" '.container == "web"'
ends_well "it ends well"

tap_end
