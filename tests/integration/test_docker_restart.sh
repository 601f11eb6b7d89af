#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# dockerd dies and comes back during a trace; and is away when a trace starts. Tracing goes on, no
# event is lost, and names return with it.
. "$(dirname "$0")/lib.sh"
harness_enter "$0" "$@"
docker_start

container steady --label number=1
id=$(container_id steady)
tracer_start
sees "a container is named" '.container == "steady" and .capName == "SYS_NICE"'

dockerd_kill
sleep 0.5
before=$(wc -l <"$tracer_rows")
sees "with the engine dead, its events go on" '.containerId == "'"$id"'"' $((before + 5))
sees_none "and keep the name" '.containerId == "'"$id"'" and .container != "steady"'
same "that the engine has gone is said once" 1 "$(grep -c 'warning: docker' "$tracer_words")"

dockerd_start
container later
sees "a container of the new engine is named" '.container == "later" and .capName == "SYS_NICE"' 3
sees_none "and was from its first event on" ".containerId == \"$(container_id later)\" and
    .container != \"later\""
before=$(count_rows '.container == "steady"')
sees "the old one is still there" '.container == "steady"' $((before + 3))
ends_well "nothing was lost"

# What the container did by its own count and what was shown: each failed nice is one line of log.
remove later
dockerd_kill
tracer_start
sees "without an engine containers go by their ids" ".container == \"${id:0:12}\" and
    .containerId == \"$id\" and .runtime == \"docker\" and .capName == \"SYS_NICE\"" 3
warnings=$(grep -c 'warning' "$tracer_words")
check "at most one warning says so" [ "$warnings" -le 1 ]
dockerd_start
sees "and by their names once it is there" ".container == \"steady\"" 3
ends_well "this trace has lost nothing either"

"$LOCAL_GADGET" trace capabilities -r docker --docker-socketpath /run/nowhere.sock -t 1 \
    >/dev/null 2>"$tracer_words"
same "an engine that was asked for by name must be there" 1 $?
check "and the error names the path" grep -q /run/nowhere.sock "$tracer_words"
remove steady
tap_end
