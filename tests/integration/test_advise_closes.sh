#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# More of what must close: what is advised is enough, and none of it too much, for su, a daemon that
# sets its own capabilities, a health check, a container that was privileged, and a bundle of crun,
# by root and by a user.
export HARNESS_LAYOUT=hybrid
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/integration/advise.sh
. "$(dirname "$0")/advise.sh"
harness_enter "$0" "$@"
need su crun
docker_start

# su as it is, by a PAM that lets everybody in.
image=$HARNESS_WORK/rootfs
make_rootfs "$image" sh true su
permit=$(find /lib/*/security /usr/lib/*/security -name pam_permit.so 2>/dev/null | head -n 1)
mkdir -p "$image${permit%/*}" "$image/etc/pam.d"
cp "$permit" "$image$permit"
for kind in auth account password session; do
    echo "$kind required pam_permit.so"
done | tee "$image/etc/pam.d/su" >"$image/etc/pam.d/other"
printf 'root:x:0:0::/:/bin/sh\nuser:x:1000:1000::/:/bin/sh\n' >"$image/etc/passwd"
printf 'root:x:0:\nuser:x:1000:\n' >"$image/etc/group"
cp "$TEST_BUILD/tests/needs" "$image/bin/needs"
tar -C "$image" -c . | docker import - demo >/dev/null

# -------- programs of a container --------

closes su "SETGID SETUID AUDIT_WRITE" -- su user -c true
closes daemon NET_BIND_SERVICE --sysctl net.ipv4.ip_unprivileged_port_start=1024 -- \
    needs keep-bind port80
run_job more text --sysctl net.ipv4.ip_unprivileged_port_start=1024 -- needs keep-more port80
check "a daemon that keeps more than it uses: it is said to look" \
    grep -q 'A program in it sets its own capabilities' "$advised"
# Where the machine itself has not got all, no container can be given it.
measured_with=(--privileged)
docker run --rm --network none --privileged demo true 2>/dev/null ||
    measured_with=(--cap-add SYS_ADMIN --cap-add SYS_PTRACE)
closes mount SYS_ADMIN --security-opt seccomp=unconfined --security-opt apparmor=unconfined -- \
    needs mount
measured_with=()

# -------- a health check --------

is_checked() {
    [ "$(docker inspect --format '{{.State.Health.Status}}' checked)" != starting ]
}

# health OPTION...: how the container fares, which has nothing else to do.
health() {
    container checked --health-cmd 'needs nice' --health-interval 1s --health-retries 1 "$@" -- needs wait
    wait_until is_checked
    docker inspect --format '{{.State.Health.Status}}' checked
    docker stop -t 1 checked >/dev/null
}

advise -c checked -o docker
health --cap-drop ALL >"$HARNESS_WORK/health"
advise_ends
remove checked
same "a health check with all dropped is none" unhealthy "$(cat "$HARNESS_WORK/health")"
same "what it needs is advised" "--cap-drop ALL --cap-add SYS_NICE" "$(cat "$advised")"
mapfile -t flags < <(tr ' ' '\n' <"$advised")
advise -c checked -o json
same "with that all is well" healthy "$(health "${flags[@]}")"
advise_ends
remove checked
same "and nothing is missing" "" "$(missing)"

# -------- a bundle of crun --------

# bundle USER CAPABILITIES COMMAND...: in $HARNESS_WORK/bundle; names of JSON, with commas.
bundle() {
    local user=$1 set=$2
    shift 2
    rm -rf "$HARNESS_WORK/bundle"
    mkdir "$HARNESS_WORK/bundle"
    (cd "$HARNESS_WORK/bundle" && crun spec) || return 1
    jq --argjson user "$user" --argjson set "$set" --arg rootfs "$image" '
        .process.terminal = false
        | .process.user = { uid: $user, gid: $user }
        | .process.args = $ARGS.positional
        | .process.capabilities |= with_entries(.value = $set)
        | .root = { path: $rootfs, readonly: false }
        | del(.process.rlimits)
        | del(.linux.namespaces[] | select(.type == "cgroup"))
    ' --args "$@" <"$HARNESS_WORK/bundle/config.json" >"$HARNESS_WORK/bundle/new" &&
        mv "$HARNESS_WORK/bundle/new" "$HARNESS_WORK/bundle/config.json"
}

crun_() {
    crun run -b "$HARNESS_WORK/bundle" "$1" </dev/null >"$HARNESS_WORK/crun.log" 2>&1
}

# apply DROPPED: what is advised, into config.json; without that one, if there is one.
apply() {
    jq -s --arg dropped "${1-}" '.[0] * (.[1] | .process.capabilities |=
        with_entries(.value -= [$dropped]))' "$HARNESS_WORK/bundle/config.json" "$advised" \
        >"$HARNESS_WORK/bundle/new" &&
        mv "$HARNESS_WORK/bundle/new" "$HARNESS_WORK/bundle/config.json"
}

# bundle_closes NAME USER WANTED COMMAND...: measured with more than enough.
bundle_closes() {
    local name=$1 user=$2 wanted=$3 capability
    local much='["CAP_CHOWN","CAP_DAC_OVERRIDE","CAP_KILL","CAP_NET_RAW","CAP_SYS_NICE"]'
    shift 3
    rm -f "$image/tmp/owned"
    bundle "$user" "$much" "$@"
    advise -c "$name" -o oci
    crun_ "$name"
    same "crun, $name: it goes well with much" 0 $?
    advise_ends
    same "crun, $name: what is advised" "$wanted" \
        "$(jq -c .process.capabilities.bounding "$advised")"
    rm -f "$image/tmp/owned"
    apply
    crun_ "$name"
    same "crun, $name: config.json with that is enough" 0 $?
    for capability in $(jq -r '.process.capabilities.bounding[]' "$advised"); do
        rm -f "$image/tmp/owned"
        apply "$capability"
        same "crun, $name: without $capability it is not" no \
            "$(crun_ "$name" && echo yes || echo no)"
    done
}

bundle_closes root 0 '["CAP_CHOWN","CAP_DAC_OVERRIDE"]' needs chown write
bundle_closes user 1000 '["CAP_SYS_NICE"]' needs nice

tap_end
