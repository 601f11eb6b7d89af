# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# TAP for test scripts: `check "what holds" command...` is one test; `tap_end` is the last line.

tap_count=0
tap_failed=0

# pass NAME
pass() {
    tap_count=$((tap_count + 1))
    printf 'ok %d - %s\n' "$tap_count" "$1"
}

# fail NAME [TEXT]: the text explains, line by line.
fail() {
    tap_count=$((tap_count + 1))
    tap_failed=$((tap_failed + 1))
    printf 'not ok %d - %s\n' "$tap_count" "$1"
    [ -z "${2-}" ] || note "$2"
}

# skip NAME REASON: the reason names what is missing.
skip() {
    tap_count=$((tap_count + 1))
    printf 'ok %d - %s # SKIP %s\n' "$tap_count" "$1" "$2"
}

# note TEXT: for the reader of the log.
note() {
    printf '%s\n' "$1" | sed 's/^/# /'
}

# check NAME COMMAND...: the command succeeds; what it says is shown if it does not.
check() {
    local name=$1 text
    shift
    if text=$("$@" 2>&1); then
        pass "$name"
    else
        fail "$name" "$(cut -c 1-200 <<<"$*")"$'\n'"$text"
    fi
}

# same NAME EXPECTED ACTUAL
same() {
    if [ "$2" = "$3" ]; then
        pass "$1"
    else
        fail "$1" "expected: $2"$'\n'"actual:   $3"
    fi
}

# skip_all REASON: nothing of this script can run here.
skip_all() {
    printf '1..0 # SKIP %s\n' "$1"
    exit 0
}

# need PROGRAM...: nothing can run here where one of them is missing; says which.
need() {
    local program missing=
    for program; do
        command -v "$program" >/dev/null || missing="$missing $program"
    done
    [ -z "$missing" ] || skip_all "missing:$missing"
}

# The plan, and the exit status.
tap_end() {
    printf '1..%d\n' "$tap_count"
    [ "$tap_failed" -eq 0 ]
}
