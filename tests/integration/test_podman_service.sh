#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# podman's own service, where it runs, tells the labels that its files do not have.
export HARNESS_LAYOUT=hybrid
. "$(dirname "$0")/lib.sh"
harness_enter "$0" "$@"
docker_start
podman_prepare

mkdir -p /run/podman
podman_ system service --time 0 unix:///run/podman/podman.sock >>"$HARNESS_WORK/podman.log" 2>&1 &
service=$!
wait_until [ -S /run/podman/podman.sock ]
podman_ run -d --network none --name earlier --label tier=web demo sh -c "$NICE_LOOP" \
    >>"$HARNESS_WORK/podman.log" 2>&1

tracer_start -r podman --selector tier=web
sees "a container that was there, by its label" '.container == "earlier" and .runtime == "podman"'
podman_ run --rm --network none --name later --label tier=web demo nice -n -20 true \
    >>"$HARNESS_WORK/podman.log" 2>&1
podman_ run --rm --network none --name other --label tier=db demo nice -n -20 true \
    >>"$HARNESS_WORK/podman.log" 2>&1
sees "one that comes later, from its first check on" '.container == "later" and .comm == "nice"'
sees_none "none with another label" '.container == "other"'
kill "$service"
wait "$service" 2>/dev/null
before=$(count_rows '.container == "earlier"')
sees "labels stay when the service goes" '.container == "earlier"' "$((before + 3))"
ends_well "it ends well"
podman_ rm -f -t 0 earlier >>"$HARNESS_WORK/podman.log" 2>&1

tap_end
