#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Entries on their way to another host, as everything in the journal goes there: by
# systemd-journal-upload, through the loopback of a network of their own, to systemd-journal-remote.
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/integration/journald.sh
. "$(dirname "$0")/journald.sh"
harness_enter "$0" "$@"
journald_need
need ip nsenter
programs=$(dirname "$(journald_program)")
[ -x "$programs/systemd-journal-remote" ] || skip_all "missing: systemd-journal-remote"

address=127.0.0.1:19532
receiver=
far=$HARNESS_WORK/far # the other host's /var/log/journal/remote
mkdir "$far"

in_net() {
    nsenter --target "$receiver" --net "$@"
}

far_listens() {
    in_net bash -c ": </dev/tcp/${address/://}"
}

far_entries() {
    journalctl -q --no-pager -D "$far" -o json -t local-gadget "$@"
}

# Host, container and verdict are enough to find them.
arrived() {
    far_entries "_HOSTNAME=$here" CONTAINER_NAME=shop VERDICT=Deny
}

has_arrived() {
    [ "$(arrived | wc -l)" -ge "$1" ]
}

# All entries of ours, with their fields but for those of the journal's file itself.
same_on_both() {
    local filter='with_entries(select(.key | startswith("__") | not))'
    diff <(entries | jq -cS "$filter") <(far_entries | jq -cS "$filter") | cut -c 1-2000
}

is_denied() {
    [ -n "$(entries CONTAINER_NAME=shop VERDICT=Deny --since "@$1")" ]
}

# trace_shop: until one more denial is in this host's journal.
trace_shop() {
    local since
    since=$(date +%s.%N)
    tracer_start --cap SYS_NICE -o journal -c shop
    wait_until is_denied "$since"
    ends_well "a denial is traced"
}

journald_start
docker_start
container shop
trace_shop
here=$(entries -n 1 | jq -r ._HOSTNAME)

# Both as their services of systemd run them.
# shellcheck disable=SC2016 # for the shell in there
daemon_start receiver far_listens unshare --net sh -c 'ip link set lo up && exec "$@"' sh \
    "$programs/systemd-journal-remote" --listen-http="$address" --output="$far" --split-mode=host
in_net "$programs/systemd-journal-upload" --url="http://$address" --directory=/run/log/journal \
    --save-state="$HARNESS_WORK/sent" >"$HARNESS_WORK/upload.log" 2>&1 &
uploader=$!
check "what was there is found by host, container and verdict" wait_until has_arrived 1
before=$(arrived | wc -l)
trace_shop
check "so is what comes later" wait_until has_arrived $((before + 1))
check "all fields are as they are here, and nothing comes twice" wait_until same_on_both
kill "$uploader" "$receiver" "$journald_pid"
tap_end
