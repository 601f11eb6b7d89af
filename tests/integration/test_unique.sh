#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --unique is by container: a restart, which gives it a new cgroup, is no new container.
. "$(dirname "$0")/lib.sh"
harness_enter "$0" "$@"
docker_start

container web
id=$(container_id web)
tracer_start --unique --cap SYS_NICE
sees "a check is shown" '.container == "web"'
docker restart -t 0 web >/dev/null
docker stop -t 0 web >/dev/null
docker start web >/dev/null
container other
sees "of another container too" '.container == "other"'
same "and once of each, for all its restarts" '"other" "web"' \
    "$(jq '.container' "$tracer_rows" | sort | xargs -d '\n')"

# Another verdict is another row.
remove other
container other --cap-add SYS_NICE
sees "of a new container under the same name, with its verdict" \
    '.container == "other" and .verdict == "Allow"'
same "Deny is not hidden by it, nor repeated" 1 \
    "$(count_rows '.container == "other" and .verdict == "Deny"')"
ends_well "nothing was lost"

# Nobody names it then: the id is what stays.
dockerd_kill
tracer_start --unique --cap SYS_NICE
sees "without an engine, by id" ".containerId == \"$id\""
dockerd_start
docker restart -t 0 web >/dev/null
container third
sees "with the engine back, others" '.container == "third"'
same "it is once there, whatever it is called" 1 "$(count_rows ".containerId == \"$id\"")"
ends_well "nothing was lost"

"$LOCAL_GADGET" trace capabilities --unique --cap SYS_NICE >"$tracer_rows" 2>"$tracer_words" &
tracer_pid=$!
has_line() { grep -q "^$1 " "$tracer_rows"; }
wait_until has_line web
docker restart -t 0 web >/dev/null
container fourth
wait_until has_line fourth
same "and so in columns" 1 "$(grep -c '^web ' "$tracer_rows")"
tracer_stop
remove web other third fourth
tap_end
