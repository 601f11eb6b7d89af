# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The program under test, in the background. One at a time.
#
#   tracer_rows      what it prints on standard output
#   tracer_words     what it says on standard error
#   tracer_status    exit status, after tracer_stop

tracer_pid=
tracer_status=
tracer_rows=${HARNESS_WORK-}/rows
tracer_words=${HARNESS_WORK-}/words

# tracer_start OPTION...: JSON unless the options say otherwise; returns once it is attached.
tracer_start() {
    : >"$tracer_rows"
    : >"$tracer_words"
    "$LOCAL_GADGET" trace capabilities -v -o json "$@" >"$tracer_rows" 2>"$tracer_words" &
    tracer_pid=$!
    wait_until tracer_is_attached || {
        fail "the tracer starts" "$(cat "$tracer_words")"
        return 1
    }
}

tracer_is_attached() {
    grep -q 'tracing with back-end' "$tracer_words" || ! kill -0 "$tracer_pid" 2>/dev/null
}

# tracer_helper: the process that reads programs, with --print-user-stack.
tracer_helper() {
    pgrep -x -P "$(pgrep -x -P "$tracer_pid" lg-spawner)" lg-symbolizer
}

# tracer_stop [SIGNAL]
tracer_stop() {
    kill -"${1-INT}" "$tracer_pid" 2>/dev/null
    wait "$tracer_pid" 2>/dev/null
    tracer_status=$?
    tracer_pid=
}

# rows FILTER: the rows for which the jq filter holds, one a line.
rows() {
    jq -c "select($1)" "$tracer_rows" 2>/dev/null
}

# count_rows FILTER
count_rows() {
    rows "$1" | wc -l
}

has_rows() {
    [ "$(count_rows "$1")" -ge "${2-1}" ]
}

# sees NAME FILTER [COUNT]: rows for which the filter holds come, at least so many.
sees() {
    if wait_until has_rows "$2" "${3-1}"; then
        pass "$1"
    else
        fail "$1" "no ${3-1} rows with $2 among $(wc -l <"$tracer_rows"):"$'\n'"$(
            jq -c '[.container, .runtime, .comm, .syscall, .capName, .verdict, .type]' \
                "$tracer_rows" | sort | uniq -c | sort -rn | head -n 20
            cat "$tracer_words"
        )"
    fi
}

# sees_none NAME FILTER: no row so far is like this.
sees_none() {
    same "$1" "" "$(rows "$2" | head -n 5)"
}

# ends_well NAME: stopped, it ends with status 0, has lost nothing, and no sanitizer has spoken.
ends_well() {
    tracer_stop "${2-INT}"
    if [ "$tracer_status" -eq 0 ] && grep -q 'events\? shown, 0 lost' "$tracer_words" &&
        ! grep -Eq 'Sanitizer|runtime error' "$tracer_words"; then
        pass "$1"
    else
        fail "$1" "status $tracer_status"$'\n'"$(cat "$tracer_words")"
    fi
}

# as_nobody ARGUMENT...: the program, by a user without any power.
as_nobody() {
    local program=$HARNESS_WORK/local-gadget
    [ -x "$program" ] || {
        cp "$LOCAL_GADGET" "$program"
        chmod 755 "$HARNESS_WORK" "$program"
    }
    setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all --bounding-set=-all \
        "$program" "$@"
}
