#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What `make run` shows.
. "$(dirname "$0")/lib.sh"
harness_enter "$0" "$@"

need runc
out=$HARNESS_WORK/out
"$here/../walkthrough/walkthrough.sh" "$LOCAL_GADGET" >"$out" 2>&1
same "it ends well" 0 $?
check "first it is denied" grep -Eq '^set-priority +[0-9]+ +nice .*SYS_NICE .*Deny$' "$out"
check "then allowed" grep -Eq '^set-priority +[0-9]+ +nice .*SYS_NICE .*Allow$' "$out"
same "in that order" "Deny Allow" "$(grep -oE '(Deny|Allow)$' "$out" | uniq | xargs)"
same "no container is left" "" "$(runc list --quiet)"
same "no cgroup is left" "" "$(find /sys/fs/cgroup -name 'set-priority*')"

# With a program that shows nothing, or an engine that fails, it says so.
printf '#!/bin/sh\nsleep 1\n' >"$HARNESS_WORK/shows-nothing"
chmod +x "$HARNESS_WORK/shows-nothing"
"$here/../walkthrough/walkthrough.sh" "$HARNESS_WORK/shows-nothing" >"$out" 2>&1
same "without rows it fails" 1 $?
check "and says what is missing" grep -q 'no row says Deny' "$out"
same "and leaves no container" "" "$(runc list --quiet)"

"$here/../walkthrough/walkthrough.sh" "$LOCAL_GADGET" >"$out" 2>&1 &
walk=$!
# shellcheck disable=SC2317 # called by wait_until
is_running() {
    [ -n "$(runc list --quiet)" ]
}
wait_until is_running
kill -TERM "$walk"
wait "$walk"
same "ended in the middle it fails" 1 $?
same "and leaves no container then" "" "$(runc list --quiet)"
tap_end
