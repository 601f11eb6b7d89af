#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# advise capabilities beyond Docker: podman, by its options and by the label of an image; a bundle of
# a plain runtime; and a unit of systemd. What is advised is what the consumer takes.
export HARNESS_LAYOUT=hybrid
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/integration/advise.sh
. "$(dirname "$0")/advise.sh"
harness_enter "$0" "$@"
docker_start
cp "$TEST_BUILD/tests/needs" "$HARNESS_WORK/rootfs/bin/needs"
podman_prepare

# job NAME IMAGE OPTION... -- COMMAND...: by podman, to its end.
job() {
    local name=$1 image=$2 options=()
    shift 2
    while [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    shift
    podman_ run --network none --name "$name" "${options[@]}" "$image" "$@" \
        >>"$HARNESS_WORK/podman.log" 2>&1
}

# -------- root --------

advise -c owner -o podman
job owner demo -- needs chown read
advise_ends
podman_ rm owner >/dev/null
same "podman: what is advised" "--cap-drop ALL --cap-add CHOWN --cap-add DAC_OVERRIDE" \
    "$(cat "$advised")"
mapfile -t flags < <(tr ' ' '\n' <"$advised")
advise -c owner -o json
check "podman takes it, and it goes well" job owner demo "${flags[@]}" -- needs chown read
advise_ends
podman_ rm owner >/dev/null
same "and nothing is missing" "" "$(missing)"

# -------- a user, whom podman can give it --------

advise -c user -o podman
job user demo --user 1000 -- needs try-nice
advise_ends
podman_ rm user >/dev/null
same "of a user it advises what podman can give" "--cap-drop ALL --cap-add SYS_NICE" \
    "$(cat "$advised")"
check "with that the user may" job user demo --user 1000 --cap-drop ALL --cap-add SYS_NICE -- needs nice
podman_ rm user >/dev/null
check "without, not" \
    sh -c "! podman --storage-driver vfs --cgroup-manager cgroupfs \
        --runtime '$HARNESS_WORK/runc-without-limits' run --rm --network none --user 1000 \
        --cap-drop ALL demo needs nice 2>/dev/null"

# -------- by the image's label --------

advise -c labelled -o label
job labelled demo -- needs chown write
advise_ends
podman_ rm labelled >/dev/null
same "label: what is advised" "io.containers.capabilities=CHOWN,DAC_OVERRIDE" "$(cat "$advised")"
tar -C "$HARNESS_WORK/rootfs" -c . | podman_ import --change "LABEL $(cat "$advised")" - labelled \
    >>"$HARNESS_WORK/podman.log" 2>&1
advise -c labelled -o json
check "an image with it starts and works" job labelled labelled -- needs chown write
advise_ends
podman_ rm labelled >/dev/null
same "podman gave it just that" '["CHOWN","DAC_OVERRIDE"] []' \
    "$(jq -c .held "$advised") $(jq -c .missing "$advised")"

# -------- a unit --------

advise --unit demo -o systemd
for directory in $(findmnt -n -l -t cgroup,cgroup2 -o TARGET | grep '^/sys/fs/cgroup'); do
    mkdir -p "$directory/system.slice/demo.service"
done
(
    for directory in $(findmnt -n -l -t cgroup,cgroup2 -o TARGET | grep '^/sys/fs/cgroup'); do
        echo "$BASHPID" >"$directory/system.slice/demo.service/cgroup.procs" 2>/dev/null
    done
    exec chown 1 "$HARNESS_WORK/podman.log"
)
advise_ends
same "systemd: what is advised" $'[Service]\nCapabilityBoundingSet=CAP_CHOWN' "$(cat "$advised")"
if command -v systemd-analyze >/dev/null; then
    { cat "$advised" && echo ExecStart=/bin/true; } >"$HARNESS_WORK/demo.service"
    check "systemd understands it" systemd-analyze verify "$HARNESS_WORK/demo.service"
else
    skip "systemd understands it" "systemd-analyze is missing"
fi

tap_end
