#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# walkthrough.sh LOCAL-GADGET: from Deny to Allow, on a throw-away container.
#
# The container wants a better priority than others, which the kernel grants only to who has
# CAP_SYS_NICE. It first runs without any capability, then with that one alone; each time
# local-gadget shows what the kernel answered. Needs no daemon, no image and no network.
# Exit status 1 if the expected rows did not come.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/rootfs.sh
. "$here/../rootfs.sh"

NAME=set-priority
SECONDS_EACH=4
COMMAND='while :; do nice -n -20 sleep 0.5; done'

die() {
    echo "walkthrough: $*" >&2
    exit 1
}

gadget=$(realpath "$1")
[ "$(id -u)" -eq 0 ] || die "tracing needs root: sudo make run"
runtime=$(command -v runc || command -v crun) || die "neither runc nor crun is here"
! "$runtime" state "$NAME" >/dev/null 2>&1 ||
    die "there is a container '$NAME' already; 'sudo ${runtime##*/} delete -f $NAME' removes it"

work=$(mktemp -d)
container=

stop_container() {
    "$runtime" delete -f "$NAME" >/dev/null 2>&1 || true
    [ -z "$container" ] || wait "$container" 2>/dev/null || true
    container=
}

clean_up() {
    stop_container
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM

step() {
    printf '\n\033[1m%s\033[0m\n' "$*"
}
[ -t 1 ] || step() {
    printf '\n%s\n' "$*"
}

# write_config CAPABILITIES: the container's OCI configuration; a JSON list, such as ["CAP_KILL"].
# Its /dev is its own: runtimes put links there, and runc 1.3 follows those of the run before.
write_config() {
    cat >"$work/config.json" <<END
{
  "ociVersion": "1.0.2",
  "hostname": "$NAME",
  "root": { "path": "rootfs", "readonly": true },
  "process": {
    "cwd": "/",
    "env": [ "PATH=/bin" ],
    "args": [ "sh", "-c", "$COMMAND" ],
    "user": { "uid": 0, "gid": 0 },
    "noNewPrivileges": true,
    "capabilities": { "bounding": $1, "effective": $1, "permitted": $1 }
  },
  "mounts": [
    { "destination": "/proc", "type": "proc", "source": "proc" },
    { "destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": [ "mode=755" ] }
  ],
  "linux": {
    "cgroupsPath": "/$NAME",
    "namespaces": [
      { "type": "pid" }, { "type": "mount" }, { "type": "ipc" }, { "type": "uts" },
      { "type": "network" }
    ]
  }
}
END
}

# observe CAPABILITIES VERDICT: runs the container, traces it, and looks for the verdict.
observe() {
    write_config "$1"
    "$runtime" run --bundle "$work" "$NAME" >"$work/container.log" 2>&1 </dev/null &
    container=$!
    echo "\$ sudo local-gadget trace capabilities --containername $NAME --timeout $SECONDS_EACH"
    "$gadget" trace capabilities --containername "$NAME" --timeout "$SECONDS_EACH" |
        tee "$work/rows"
    stop_container
    if ! grep -E "^$NAME +.* SYS_NICE +.* $2\$" "$work/rows" >/dev/null; then
        echo "What the container said:" >&2
        cat "$work/container.log" >&2
        die "no row says $2 for SYS_NICE"
    fi
}

make_rootfs "$work/rootfs" sh nice sleep

step "1. A container '$NAME' runs 'nice -n -20 sleep 0.5' again and again, with no capabilities."
echo "   It asks for SYS_NICE, and the kernel says Deny:"
observe '[]' Deny

step "2. The same container, with SYS_NICE and nothing else."
echo "   It asks again, and the kernel says Allow:"
observe '[ "CAP_SYS_NICE" ]' Allow

step "So SYS_NICE is what this container needs."
echo "   With Docker that is: docker run --cap-drop ALL --cap-add SYS_NICE ..."
echo "   The same command traces containers of any engine on this host; see README.md."
