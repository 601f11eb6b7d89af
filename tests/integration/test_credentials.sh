#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Whose credentials are checked: those of the process that runs, those that it borrows, or those of
# another, for whom it only happens to run. And who is looked at: --pid, --unique.
. "$(dirname "$0")/lib.sh"
harness_enter "$0" "$@"

id=$(printf '%064x' 7)
cgroup=/sys/fs/cgroup/docker/$id
mkdir -p "$cgroup"
cp "$TEST_BUILD/tests/provoke" "$HARNESS_WORK/provoke"
chmod 755 "$HARNESS_WORK" "$HARNESS_WORK/provoke"

# provoke ARGUMENT...: by a process of the container; what was made, in JSON.
provoke() {
    (
        echo "$BASHPID" >"$cgroup/cgroup.procs"
        exec "$HARNESS_WORK/provoke" "$@"
    )
}

# last_words NUMBER WORDS
last_words() {
    check "and the last words count them: $2" grep -q "^local-gadget: $1 $2" "$tracer_words"
}

trace() {
    tracer_start -r runc -c "$id" "$@"
}

trace
provoke -n 5 opener access own-file copied-cred >"$HARNESS_WORK/made"
provoke -n 2 setpriority >/dev/null
sees "a file of one's own is judged by one's own credentials" '.comm == "p-own-file"' 5
sees "and so it is when they were copied since it was opened" '.comm == "p-copied-cred"' 5
sees "what comes after them is there" '.comm == "p-setpriority"' 2
sees_none "a check of the opener's credentials is not charged to the reader" '.comm == "p-opener"'
sees_none "a check under borrowed credentials is not shown" '.comm == "p-access"'
sees_none "nothing that is shown was asked of another, or under borrowed credentials" \
    '.foreign or .overridden'
ends_well "the trace ends well"
last_words 5 "checks under borrowed credentials not shown"
last_words 5 "checks of another's credentials not shown"

trace --all
provoke -n 5 opener access own-file >"$HARNESS_WORK/made"
effective=$(jq 'select(.row == "opener").effective' "$HARNESS_WORK/made")
sees "--all shows the check of the opener's credentials, and says so" \
    '.comm == "p-opener" and .foreign and (.overridden | not) and .verdict == "Deny"' 5
sees "with the set that was checked" ".comm == \"p-opener\" and .caps == $effective" 5
sees "--all shows the check under borrowed credentials, and says so" \
    '.comm == "p-access" and .overridden and (.foreign | not)' 5
sees "and nothing of the sort of one's own" \
    '.comm == "p-own-file" and (.foreign or .overridden | not)' 5
ends_well "the trace ends well"
check "and nothing was kept back" sh -c "! grep -q 'checks.*not shown' '$tracer_words'"

# A check of another's credentials hides none of one's own.
trace --all --unique --cap SYS_ADMIN
provoke opener opener >/dev/null
sees "--all --unique shows the check of the opener's credentials" '.foreign'
provoke own-file own-file >/dev/null
sees "and then that of one's own, with the same verdict" \
    '.comm == "p-own-file" and .verdict == "Deny"'
ends_well "the trace ends well"
same "each of them once" 2 "$(count_rows '.verdict == "Deny" and (.setup | not)')"

# -------- why it was denied --------

trace --fields comm,reason,explanation,permitted,bounding,type,container
provoke setpriority unbounded laid-down one-cap userns >"$HARNESS_WORK/made"
sees "what the process does not have, and could have" '.comm == "p-setpriority" and
    .reason == "permitted" and (.permittedNames | length) == 0 and
    (.boundingNames | index("SYS_NICE"))'
sees "what its bounding set keeps it from" '.comm == "p-unbounded" and .reason == "bounding" and
    (.boundingNames | index("SYS_NICE") | not) and (.explanation | test("bounding set"))'
sees "what it has and has switched off" '.comm == "p-laid-down" and .reason == "effective" and
    .permittedNames == ["SYS_NICE"]'
sees "what no capability of its own namespace reaches" '.comm == "p-userns" and
    .reason == "namespace"'
sees "and nothing of an Allow" '.comm == "p-one-cap" and .reason == null and .explanation == null'
ends_well "the trace ends well"

# -------- one process --------

(
    echo "$BASHPID" >"$cgroup/cgroup.procs"
    # Waits until the tracer knows its number, then asks as itself; that of its children is another.
    read -r _
    # shellcheck disable=SC2016  # expanded there
    exec setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set=-all --inh-caps=-all \
        sh -c 'i=0; while [ $i -lt 3 ]; do chroot / true 2>/dev/null; i=$((i + 1)); done
            exec chroot / true' 2>/dev/null
) < <(wait_until [ -e "$HARNESS_WORK/go" ] && echo go) &
chosen=$!
trace --pid "$chosen" --cap SYS_CHROOT
touch "$HARNESS_WORK/go"
wait "$chosen"
sees "--pid shows the process" ".pid == $chosen"
provoke chroot >/dev/null
ends_well "the trace ends well"
same "--pid shows nobody else, not even its children" "$chosen" \
    "$(rows '.type == "normal"' | jq .pid | sort -u)"

# -------- repeats --------

trace --unique --cap SYS_NICE
provoke -n 7 setpriority >/dev/null
sees "--unique shows the first" '.comm == "p-setpriority"'
ends_well "the trace ends well"
same "and no other" 1 "$(count_rows '.comm == "p-setpriority"')"
last_words 6 "repeats not shown"

tap_end
