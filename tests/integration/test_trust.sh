#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A user may make cgroups below a subtree of their own, under any name. One that mimics somebody's
# container is shown as what it is: the user's.
. "$(dirname "$0")/lib.sh"
harness_enter "$0" "$@"
docker_start

container web
id=$(container_id web)
subtree=/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service
mkdir -p "$subtree/docker-$id.scope" "$subtree/libpod-$(printf '%064d' 7).scope/container"
chown -R 1000 "$subtree"

tracer_start
in_cgroup "$subtree/docker-$id.scope" setpriv --reuid 1000 --regid 1000 --clear-groups \
    sh -c 'nice -n -20 cat /dev/null; exec 2>&1' 2>/dev/null
in_cgroup "$subtree/libpod-$(printf '%064d' 7).scope/container" \
    setpriv --reuid 1000 --regid 1000 --clear-groups sh -c 'nice -n -20 cat /dev/null' 2>/dev/null

sees "the container itself has its name" '.container == "web" and .uid == 0 and .comm == "nice"'
sees "its double is the user's" ".container == \"user/1000/${id:0:12}\" and .uid == 1000"
sees "so is a container that no engine knows" '.container == "user/1000/000000000000"'
sees_none "nothing of the user's bears the container's name" '.container == "web" and .uid == 1000'

# A cgroup of the same name made before the trace, and one of a name that is taken.
tracer_stop
mkdir -p "$subtree/docker-$id.scope/again"
tracer_start -c web
in_cgroup "$subtree/docker-$id.scope/again" setpriv --reuid 1000 --regid 1000 --clear-groups \
    sh -c 'nice -n -20 cat /dev/null' 2>/dev/null
sees "-c web still finds the container" '.container == "web"' 3
sees_none "and only that" '.uid == 1000'
ends_well "it ends well"

tap_end
