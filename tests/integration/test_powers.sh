#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# With the powers of its service and no others everything works: checks, stacks, and what is noise is
# known as such. Where that cannot be known, it says so.
. "$(dirname "$0")/lib.sh"
harness_enter "$0" "$@"
need setpriv systemd-analyze
unit=$TEST_BUILD/man/local-gadget.service
[ -r "$unit" ] || {
    echo "no $unit: make docs" >&2
    exit 1
}

program=$LOCAL_GADGET
LOCAL_GADGET=$HARNESS_WORK/local-gadget
id=$(printf '%064x' 99)
cgroup=/sys/fs/cgroup/docker/$id
mkdir -p "$cgroup"

# with_powers NAME...: what is traced from now on has these capabilities.
with_powers() {
    local set
    set=$(printf ',+%s' "$@")
    printf '#!/bin/sh\nexec setpriv --bounding-set=-all%s --inh-caps=-all %s "$@"\n' "$set" \
        "$program" >"$LOCAL_GADGET"
    chmod +x "$LOCAL_GADGET"
}

# By a user without any power; each program that is started makes silent checks, too.
ask() {
    in_cgroup "$cgroup" setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all \
        --bounding-set=-all sh -c 'true; /bin/true; nice -n -5 sleep 1' 2>/dev/null
}

read -ra powers < <(sed -n 's/^CapabilityBoundingSet=//p' "$unit" | xargs |
    tr '[:upper:]' '[:lower:]' | sed 's/cap_//g')
check "the unit has powers" [ ${#powers[@]} -gt 3 ]
# In tenths.
check "its exposure is under 2.0, by systemd's own figures" systemd-analyze security \
    --no-pager --offline=true --threshold=19 "$unit"

with_powers "${powers[@]}"
tracer_start -r runc -c "$id" --verdict deny --print-stack --print-user-stack
ask
sees "with the powers of the unit a denial is seen" '.comm == "nice" and .capName == "SYS_NICE"'
sees "with the functions of the kernel" \
    '.comm == "nice" and any(.kernelStack[]; startswith("cap_capable+"))'
sees "and of the program" '.comm == "nice" and any(.userStack[]; contains("[libc"))'
sees_none "silent checks are not taken for a program's own" '.comm == "nice" and .audit != 1'
sees_none "nor for those of other programs" '.capName == "SYS_ADMIN"'
ends_well "it ends well"

mapfile -t without < <(printf '%s\n' "${powers[@]}" | grep -v syslog)
with_powers "${without[@]}"
tracer_start -r runc -c "$id" --verdict deny
if grep -q 'back-end tracepoint' "$tracer_words" &&
    [ "$(cat /proc/sys/kernel/perf_event_paranoid)" -gt 1 ]; then
    check "where silent checks cannot be told, it says so" grep -q 'silent probes are shown too' \
        "$tracer_words"
else
    same "where silent checks can be told, nothing is said" "" "$(grep silent "$tracer_words")"
fi
ends_well "it ends well"
tap_end
