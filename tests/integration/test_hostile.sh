#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Names that would move the cursor, change the title or break the row, on a real terminal.
. "$(dirname "$0")/lib.sh"
harness_enter "$0" "$@"
docker_start

ESCAPE=$'\e]0;x\a\e[31m'
LINES_IN=$'a\nb\tc'
C1=$'\xc2\x9b31m\xff'

for name in "$ESCAPE" "$LINES_IN" "$C1"; do
    cp "$HARNESS_WORK/rootfs/bin/nice" "$HARNESS_WORK/rootfs/bin/$name"
done
tar -C "$HARNESS_WORK/rootfs" -c . | docker import - demo >/dev/null
# shellcheck disable=SC2016 # for the shell in the container
LOOP='while :; do for i in "$@"; do "$i" -n -20 sleep 0.1; done; done'
container hostile --label $'title=\e[2J"\\' -- sh -c "$LOOP" sh "$ESCAPE" "$LINES_IN" "$C1"

# -------- columns, on a terminal of 80 columns --------

cat >"$HARNESS_WORK/on-terminal" <<END
stty cols 80
exec "$LOCAL_GADGET" trace capabilities -c hostile --cap SYS_NICE --max-events 12 --no-summary
END
NO_COLOR=1 TERM=xterm timeout 60 script -q -e -c "sh $HARNESS_WORK/on-terminal" \
    "$HARNESS_WORK/typescript" >"$HARNESS_WORK/screen" 2>/dev/null </dev/null
same "a trace on a terminal ends well" 0 $?
check "rows have come" [ "$(grep -c 'SYS_NICE.*Deny' "$HARNESS_WORK/screen")" -ge 12 ]
same "no control byte reaches the terminal" "" \
    "$(tr -d '\r\n' <"$HARNESS_WORK/screen" | LC_ALL=C grep -aoP '[\x00-\x1f\x7f]|\xc2[\x80-\x9f]' |
        cat -v | sort | uniq -c)"
same "every event is one row" "" \
    "$(tr -d '\r' <"$HARNESS_WORK/screen" | grep -vE -e '^CONTAINER|^hostile .*Deny *$|events? shown' \
        -e ': hostile runs under a seccomp filter: ')"
same "no row is wider than the terminal" "" \
    "$(tr -d '\r' <"$HARNESS_WORK/screen" | grep -v '^local-gadget' | LC_ALL=C.UTF-8 grep -E '.{81}')"

# -------- JSON: escaped, and nothing of it lost --------

tracer_start -c hostile --cap SYS_NICE --fields container,comm,labels
sees "JSON gives the escape sequence back" '.comm == "\u001b]0;x\u0007\u001b[31m"'
sees "and the lines and tabs" '.comm == "a\nb\tc"'
sees "and labels" '.labels.title == "\u001b[2J\"\\"'
same "without a control byte in it" "" \
    "$(LC_ALL=C grep -aP '[\x00-\x09\x0b-\x1f\x7f]' "$tracer_rows" | cat -v)"
check "it is UTF-8" iconv -f UTF-8 -t UTF-8 "$tracer_rows"
ends_well "a trace of it ends"

"$LOCAL_GADGET" list-containers -o columns=name,labels >"$HARNESS_WORK/list" 2>&1
same "the list is harmless too" "" \
    "$(LC_ALL=C grep -aP '[\x00-\x09\x0b-\x1f\x7f]' "$HARNESS_WORK/list" | cat -v)"
check "and has the container" grep -q '^hostile' "$HARNESS_WORK/list"
remove hostile
tap_end
