#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# advise on what was traced before: rows in a file, and entries of a real journald, are worth what
# the same checks are to an advise that watches.
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/integration/journald.sh
. "$(dirname "$0")/journald.sh"
# shellcheck source=tests/integration/advise.sh
. "$(dirname "$0")/advise.sh"
# shellcheck source=tests/integration/tracer.sh
. "$(dirname "$0")/tracer.sh"
harness_enter "$0" "$@"
journald_need
docker_start
cp "$TEST_BUILD/tests/needs" "$HARNESS_WORK/rootfs/bin/needs"
tar -C "$HARNESS_WORK/rootfs" -c . | docker import - demo >/dev/null
journald_start

# sets FILE: what an advice has found, one kind a line.
sets() {
    jq -c '[.container, .runtime, .used, .missing, .narrowed, .unneeded, .unreached, .need]' "$1"
}

# read_back OPTION...: advise on what is written.
read_back() {
    "$LOCAL_GADGET" advise capabilities -o json "$@" 2>"$HARNESS_WORK/read"
}

# -------- the same checks, three ways --------

journal_words=$HARNESS_WORK/journal-words
: >"$journal_words"
"$LOCAL_GADGET" trace capabilities -v -o journal -c web 2>"$journal_words" &
journaller=$!
wait_until grep -q 'tracing with back-end' "$journal_words"
tracer_start -c web
advise -c web -o json
container web -- sh -c 'needs chown read read read write nice; needs chown read; needs try-nice'
docker wait web >/dev/null
remove web
container web --user 1000 -- needs try-nice
docker wait web >/dev/null
advise_ends
tracer_stop
kill -INT "$journaller"
wait "$journaller"
journalctl --sync

live=$(jq -s -c '[.[] | .checks] | add' "$advised")
read_back --input "$tracer_rows" >"$HARNESS_WORK/rows-advice"
same "rows: each check counts" "$live" "$(jq .checks "$HARNESS_WORK/rows-advice")"
read_back --journal >"$HARNESS_WORK/journal-advice"
same "entries: likewise, by their counts" "$live" "$(jq .checks "$HARNESS_WORK/journal-advice")"
same "rows and entries make the same of it" "$(sets "$HARNESS_WORK/rows-advice")" \
    "$(sets "$HARNESS_WORK/journal-advice")"
for kind in used missing narrowed unneeded need; do
    same "as those who watched it live: $kind" \
        "$(jq -s -c "[.[].${kind}[]] | unique" "$advised")" \
        "$(jq -c ".$kind | unique" "$HARNESS_WORK/journal-advice")"
done
same "the first container of the name and the next are one" 1 \
    "$(wc -l <"$HARNESS_WORK/journal-advice")"
same "what it has is in entries" "$(jq -s -c '.[0].held' "$advised")" \
    "$(jq -c .held "$HARNESS_WORK/journal-advice")"
same "from standard input, to be pasted" "--cap-drop ALL --cap-add CHOWN --cap-add DAC_OVERRIDE --cap-add SYS_NICE" \
    "$("$LOCAL_GADGET" advise capabilities --input - -o docker <"$tracer_rows" 2>/dev/null)"
same "by a user without any power, too" "$(sets "$HARNESS_WORK/rows-advice")" \
    "$(as_nobody advise capabilities -o json --input - <"$tracer_rows" 2>/dev/null | sets -)"

# -------- what is not there --------

# refuses NAME SENTENCE OPTION...
refuses() {
    local name=$1 sentence=$2 status
    shift 2
    read_back "$@" >"$HARNESS_WORK/nothing"
    status=$?
    same "$name: no advice" "1 " "$status $(cat "$HARNESS_WORK/nothing")"
    check "$name: and why" grep -q "$sentence" "$HARNESS_WORK/read"
}

refuses "a container that never appeared" 'no row of what was asked for, but' --journal -c shop
refuses "before all of it" 'no entry of a container' --journal --until 1d
refuses "in an empty directory" 'no entry of a container' --journal --directory "$HARNESS_WORK/rootfs/tmp"
refuses "in none" 'cannot open' --journal --directory "$HARNESS_WORK/none"
head -c -20 "$tracer_rows" >"$HARNESS_WORK/torn"
refuses "a torn line" "line $(wc -l <"$tracer_rows") of .* is torn" --input "$HARNESS_WORK/torn"
printf 'MESSAGE_ID=1662376ee23d4b15b2a36a2596a76115\nCAPABILITY_NUMBER=21\nVERDICT=Deny\n%s\n' \
    CONTAINER_NAME=web >"$HARNESS_WORK/forged"
as_user() { setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all --bounding-set=-all "$@"; }
as_user logger --journald <"$HARNESS_WORK/forged"
journalctl --sync
read_back --journal >"$HARNESS_WORK/again"
same "what a user forges counts for nothing" "$(cat "$HARNESS_WORK/journal-advice")" \
    "$(cat "$HARNESS_WORK/again")"
printf 'MESSAGE_ID=aee28d40a1fc49eb94055a0a24f34b26\nCOUNT=5\n' | logger --journald
journalctl --sync
read_back --journal >"$HARNESS_WORK/again"
same "losses are said" "true part" "$(jq -r '"\(.checksLost) \(.confidence)"' "$HARNESS_WORK/again")"
journald_stop

# -------- a namespace --------

rm -rf /run/log/journal
journald_start shop
tracer_start -c named -o journal --journal-namespace shop
container named -- needs chown
docker wait named >/dev/null
remove named
tracer_stop
journalctl --namespace=shop --sync 2>/dev/null
read_back --journal --journal-namespace shop >"$HARNESS_WORK/namespace"
same "what was written into a journal's namespace is read there" '["CHOWN"]' \
    "$(jq -c .need "$HARNESS_WORK/namespace")"
refuses "and in no other" 'no entry of a container' --journal --journal-namespace none
journald_stop

# -------- a month --------

rm -rf /run/log/journal
journald_start
made=$("$TEST_BUILD/tests/month")
journalctl --sync
TIMEFORMAT='%R s, of which %U s at work'
{ time read_back --journal >"$HARNESS_WORK/month"; } 2>"$HARNESS_WORK/time"
same "a month of 50 containers: each check counts" "$made" \
    "$(jq -s 'map(.checks) | add' "$HARNESS_WORK/month")"
same "and each container has its advice" '50 [["CHOWN","DAC_OVERRIDE"],["SYS_NICE"],["DAC_READ_SEARCH"]]' \
    "$(wc -l <"$HARNESS_WORK/month") $(jq -c '[.used, .missing, .unneeded]' "$HARNESS_WORK/month" | sort -u)"
echo "# $made entries in $(cat "$HARNESS_WORK/time")"
read_back --journal -c service-7 >"$HARNESS_WORK/month"
same "of one container, too" $((made / 50)) "$(jq .checks "$HARNESS_WORK/month")"
journald_stop

tap_end
