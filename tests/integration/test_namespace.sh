#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Which mount of the cgroups is looked at, and what is said where it shows a part alone.
. "$(dirname "$0")/lib.sh"
harness_enter "$0" "$@"

id=$(printf 'ab%.0s' {1..32})
container=/sys/fs/cgroup/docker/$id
mkdir -p "$container" /sys/fs/cgroup/other
sleep 1000 &
sleeper=$!
echo "$sleeper" >"$container/cgroup.procs"

# listed [COMMAND...]: the ids of list-containers, by a program started in some way.
listed() {
    "$@" "$LOCAL_GADGET" list-containers -o json 2>"$HARNESS_WORK/words" |
        jq -r 'if type == "array" then .[] else . end | .id'
}

# doctor_finds FILTER
doctor_finds() {
    "$LOCAL_GADGET" doctor -o json >"$HARNESS_WORK/report"
    jq -e "[.[] | select($1)] | length == 1" "$HARNESS_WORK/report" >/dev/null || {
        jq -c '.[] | select(.section == "cgroups")' "$HARNESS_WORK/report"
        return 1
    }
}

same "a container is listed by its cgroup" "$id" "$(listed)"
check "of one mount nothing is said" doctor_finds '.section == "cgroups" and .name == "hierarchy" and
    .detail == "cgroup v2 at /sys/fs/cgroup"'
check "and of others neither" test "$(jq '[.[] | select(.name == "mounts")] | length' \
    "$HARNESS_WORK/report")" = 0

# -------- mounts of a part, mounted later --------

mkdir "$HARNESS_WORK/part" "$HARNESS_WORK/own"
mount --bind /sys/fs/cgroup/other "$HARNESS_WORK/part"
mount --bind /sys/fs/cgroup/suite "$HARNESS_WORK/own"
mkdir "$HARNESS_WORK/hidden"
mount -t cgroup2 none "$HARNESS_WORK/hidden"
mount -t tmpfs none "$HARNESS_WORK/hidden"
same "mounts of parts hide nothing" "$id" "$(listed)"
check "doctor says which mount is taken, and which are not" doctor_finds \
    ".name == \"mounts\" and .ok == null and .detail ==
     \"/sys/fs/cgroup is taken; mounted besides: $HARNESS_WORK/part, $HARNESS_WORK/own\""
umount "$HARNESS_WORK/part" "$HARNESS_WORK/own" "$HARNESS_WORK/hidden" "$HARNESS_WORK/hidden"

mount -t cgroup2 none "$HARNESS_WORK/part"
mount -t tmpfs none /sys/fs/cgroup
same "a mount under another is not taken" "$id" "$(listed)"
umount /sys/fs/cgroup
umount "$HARNESS_WORK/part"

# One of v1 goes before v2, where it can be reached.
if grep -q ':pids:' /proc/self/cgroup; then
    mount -t cgroup -o pids none "$HARNESS_WORK/part"
    check "v1 is taken where it is mounted" doctor_finds '.name == "hierarchy" and
        (.detail | startswith("cgroup v1 (pids) at /"))'
    mount -t tmpfs none "$HARNESS_WORK/part"
    check "and the next where it is hidden" doctor_finds '.name == "hierarchy" and
        .detail == "cgroup v2 at /sys/fs/cgroup"'
    umount "$HARNESS_WORK/part"
    umount "$HARNESS_WORK/part"
else
    skip "v1 is taken where it is mounted" "cgroup v1 hierarchies are missing"
    skip "and the next where it is hidden" "cgroup v1 hierarchies are missing"
fi

# A mountinfo over 1 MiB, with lines as long as those of many layers.
layers=$HARNESS_WORK/$(printf 'l%.0s' {1..200})
mkdir -p "$layers/bottom" "$HARNESS_WORK/many"
lower=$layers/bottom
for ((i = 0; i < 15; i++)); do
    mkdir "$layers/$i"
    lower=$lower:$layers/$i
done
mount -t tmpfs none "$HARNESS_WORK/many"
for ((i = 0; i < 350; i++)); do
    mkdir "$HARNESS_WORK/many/$i"
    # By mount(2): the newer calls take no option of more than 256 bytes.
    LIBMOUNT_FORCE_MOUNT2=always mount -t overlay none -o "ro,lowerdir=$lower" "$HARNESS_WORK/many/$i"
done
check "mountinfo is larger than a buffer" \
    test "$(wc -c </proc/self/mountinfo)" -gt $((1 << 20))
same "it is read" "$id" "$(listed)"
umount -R -l "$HARNESS_WORK/many"

# -------- names that say another thing --------

mkdir "$container/a (deleted)"
echo "$sleeper" >"$container/a (deleted)/cgroup.procs"

# provoke_in DIRECTORY: a denied check by a process in it.
provoke_in() {
    (
        cd "$1" && echo "$BASHPID" >cgroup.procs && exec setpriv --reuid 65534 --regid 65534 \
            --clear-groups --inh-caps=-all --bounding-set=-all nice -n -20 true
    ) 2>/dev/null
}

# A path of more than 4096 bytes, made before the trace and used in it.
long=$(printf 'n%.0s' {1..200})
cd "$container" || exit 1
for ((i = 0; i < 30; i++)); do
    mkdir "$long" && cd "./$long" || exit 1
done
deep=$PWD
tracer_start --cap SYS_NICE
(
    cd "$container" || exit 1
    for ((i = 0; i < 30; i++)); do
        cd "./$long" || exit 1
    done
    provoke_in .
)
sees "a check in a path of more than 4096 bytes is its container's" \
    ".container == \"${id:0:12}\" and .capName == \"SYS_NICE\""
mkdir "$container/b (deleted)"
tracer_rows_before=$(wc -l <"$tracer_rows")
provoke_in "$container/b (deleted)"
sees "and one in a cgroup with a name like a removed one's" \
    ".container == \"${id:0:12}\"" $((tracer_rows_before + 1))
sees_none "none is anybody else's" ".container != \"${id:0:12}\" and .type == \"normal\""
cd "$HARNESS_WORK" || exit 1
ends_well "nothing is lost"
check "the path was long" test "${#deep}" -gt 4096

# -------- a private cgroup namespace --------

# in_private COMMAND...: in a cgroup namespace and a cgroup mount of its own, as engines make them.
in_private() {
    # shellcheck disable=SC2016 # for the inner shell
    (
        echo "$BASHPID" >/sys/fs/cgroup/other/cgroup.procs
        exec unshare --cgroup --mount bash -c \
            'umount -l /sys/fs/cgroup && mount -t cgroup2 none /sys/fs/cgroup && exec "$@"' in "$@"
    )
}
way_out="in this private cgroup namespace the containers of the host cannot be seen: run in the \
host's cgroup namespace (docker run --cgroupns=host, or nsenter -t 1 -m -C)"

in_private timeout 30 "$LOCAL_GADGET" trace capabilities -t 100ms >"$HARNESS_WORK/out" \
    2>"$HARNESS_WORK/words"
same "a trace in a private namespace fails" 1 $?
same "and says why, and the way out" "local-gadget: $way_out" "$(cat "$HARNESS_WORK/words")"
same "and shows nothing" "" "$(cat "$HARNESS_WORK/out")"
in_private "$LOCAL_GADGET" list-containers >"$HARNESS_WORK/out" 2>"$HARNESS_WORK/words"
same "a list fails" 1 $?
same "with the same words" "local-gadget: $way_out" "$(cat "$HARNESS_WORK/words")"
in_private "$LOCAL_GADGET" doctor -o json >"$HARNESS_WORK/report"
same "doctor: tracing does not work" 1 $?
same "doctor marks it, with the same words" "$way_out" "$(jq -r \
    '.[] | select(.section == "cgroups" and .ok == false) | .detail' "$HARNESS_WORK/report")"

# Only a part is mounted, as in containers of a host with v1.
in_part() {
    # shellcheck disable=SC2016 # for the inner shell
    (
        echo "$BASHPID" >/sys/fs/cgroup/other/cgroup.procs
        exec unshare --mount bash -c 'mount --bind /sys/fs/cgroup/other "$1" &&
            umount -l /sys/fs/cgroup && shift && exec "$@"' in "$HARNESS_WORK/part" "$@"
    )
}
in_part "$LOCAL_GADGET" list-containers >"$HARNESS_WORK/out" 2>"$HARNESS_WORK/words"
same "a list where a part is mounted fails" 1 $?
check "and says what is mounted" grep -q 'shows /other alone' "$HARNESS_WORK/words"

# The namespace alone does not blind: the mount is the one that shows everything.
(
    echo "$BASHPID" >/sys/fs/cgroup/other/cgroup.procs
    exec unshare --cgroup "$LOCAL_GADGET" list-containers -o json
) >"$HARNESS_WORK/out" 2>"$HARNESS_WORK/words"
same "with the mount of the host a namespace is no hindrance" 0 $?
check "the container is listed" grep -q "$id" "$HARNESS_WORK/out"

kill "$sleeper"
tap_end
