#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --unit: units of systemd, as if they were containers. Their cgroups are all that is needed, so
# they are made by hand here; the workstation's tests have systemd itself.
. "$(dirname "$0")/lib.sh"
harness_enter "$0" "$@"
docker_start

slice=/sys/fs/cgroup/system.slice
mkdir -p "$slice/demo.service/workers" "$slice/other.service"
container web

tracer_start --unit demo,late.service
in_cgroup "$slice/demo.service" nice -n -5 true
in_cgroup "$slice/demo.service/workers" nice -n -5 true
in_cgroup "$slice/other.service" nice -n -5 true
mkdir "$slice/late.service"
in_cgroup "$slice/late.service" nice -n -5 true
sees "a unit that was there, and what is below it" \
    '.container == "demo.service" and .runtime == "systemd" and .comm == "nice"' 2
sees "a unit that comes later" '.container == "late.service" and .comm == "nice"'
sees_none "no other unit" '.container == "other.service"'
sees_none "and no container" '.container == "web"'
ends_well "it ends well"

tracer_start --unit demo -c web
in_cgroup "$slice/demo.service" nice -n -5 true
sees "with -c, the unit" '.container == "demo.service"'
sees "and the container" '.container == "web"'
ends_well "it ends well"

tracer_start
in_cgroup "$slice/demo.service" nice -n -5 true
sees "without --unit, containers" '.container == "web"' 3
sees_none "and no unit" '.runtime == "systemd"'
ends_well "it ends well"

tap_end
