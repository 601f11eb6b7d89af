#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# run.sh LOG-DIRECTORY SUITE...: runs test programs and scripts one after the other, adds up their
# TAP, and shows the whole output of each that failed.
#
# A crash, a missing or wrong plan, an unexplained exit status or a suite that hangs is a failure of
# its own. The last line is "N passed, N failed, N skipped"; exit status 1 if anything failed.
set -u -o pipefail

# Far above what any suite takes: it only ends one that hangs.
GUARD_SECONDS=${TEST_GUARD_SECONDS:-3600}

logs=$1
shift
mkdir -p "$logs"
passed=0 failed=0 skipped=0

# Prints "passed failed skipped planned counted" of one log; planned is -1 without a plan.
count() {
    awk '
        BEGIN { planned = -1 }
        /^1\.\.[0-9]+/ {
            planned = (planned < 0 ? 0 : planned) + substr($1, 4)
            if ($0 ~ /# *SKIP/) all_skipped++
        }
        /^(not )?ok( |$)/ {
            counted++
            if ($0 ~ /# *SKIP/) skipped++
            else if ($0 ~ /^not ok/) failed++
            else passed++
        }
        END { print passed + 0, failed + 0, skipped + all_skipped, planned, counted + 0 }
    ' "$1"
}

# What is wrong with a suite beyond its "not ok" lines; nothing if all is well.
complaint() {
    local status=$1 failures=$2 planned=$3 counted=$4
    if [ "$status" -eq 124 ] || [ "$status" -eq 137 ]; then
        echo "still running after $GUARD_SECONDS s"
    elif [ "$status" -gt 128 ]; then
        echo "ended by signal $((status - 128))"
    elif [ "$planned" -lt 0 ]; then
        echo "no plan: it ended early, with status $status"
    elif [ "$planned" -ne "$counted" ]; then
        echo "$planned tests planned, $counted run, status $status"
    elif [ "$status" -ne 0 ] && [ "$failures" -eq 0 ]; then
        echo "exit status $status"
    fi
}

run_suite() {
    local suite=$1 name log status started p f s planned counted wrong
    name=$(basename "$suite" .sh)
    log=$logs/$name.log
    started=$(date +%s%N)
    CMOCKA_MESSAGE_OUTPUT=TAP timeout --kill-after=60 "$GUARD_SECONDS" "$suite" \
        >"$log" 2>&1 </dev/null
    status=$?
    read -r p f s planned counted < <(count "$log")
    wrong=$(complaint "$status" "$f" "$planned" "$counted")
    [ -z "$wrong" ] || f=$((f + 1))
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
    awk -v name="$name" -v p="$p" -v f="$f" -v s="$s" -v ns=$(($(date +%s%N) - started)) 'BEGIN {
        printf "%-6s %-28s %4d passed", (f ? "FAILED" : "ok"), name, p
        if (f) printf ", %d failed", f
        if (s) printf ", %d skipped", s
        printf "  %.1f s\n", ns / 1e9
    }'
    if [ "$f" -gt 0 ]; then
        sed 's/^/    | /' "$log"
        [ -z "$wrong" ] || echo "    $name: $wrong"
    elif [ "$s" -gt 0 ]; then
        grep -E '# *SKIP' "$log" | sed 's/^/    /'
    fi
    # The machines' suites measure: their tables are worth reading when all is well, too.
    [ "$f" -gt 0 ] || [[ $suite != *.py && $suite != */distributions ]] || sed -n 's/^# /    /p' "$log"
}

for suite; do
    run_suite "$suite"
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
