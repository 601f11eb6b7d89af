#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Columns on a real terminal, at 80 and 140: what is cut and what is not, a header for each screenful,
# and what follows when the terminal is resized; colours there and in pipes.
. "$(dirname "$0")/lib.sh"
harness_enter "$0" "$@"
need tmux

# It has mounts of its own, and so is a container; its name is its cgroup's.
name=a-container-with-a-name-that-is-longer-than-what-is-free-for-it-on-80-columns
cgroup=/sys/fs/cgroup/$name
mkdir "$cgroup"
in_cgroup "$cgroup" unshare --mount sleep infinity &
wait_until grep -q . "$cgroup/cgroup.procs"

# denials COUNT: of DAC_OVERRIDE, by cat.
denials() {
    in_cgroup "$cgroup" setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all \
        --bounding-set=-all sh -c "i=0; while [ \$i -lt $1 ]; do cat /proc/1/environ; i=\$((i + 1)); done" \
        >/dev/null 2>&1
}
filter="container:$name,comm:cat,capname:DAC_OVERRIDE"

# Each has a server of its own: one that is ending answers for a while.
screens=0
screen() { tmux -S "$HARNESS_WORK/screen-$screens" "$@" 2>/dev/null; }
# text: all that was on the screen so far, that which has left it, too.
text() { screen capture-pane -p -S -; }
has_lines() { [ "$(text | grep -cE "$1")" -ge "$2" ]; }
# width [LINES]: of the longest of the last ones.
width() { text | grep . | tail -n "${1-1000}" | LC_ALL=C.UTF-8 wc -L; }

# resize COLUMNS: tmux takes its time to tell the program.
is_wide() { [ "$(stty -F "$(screen display-message -p '#{pane_tty}')" size)" = "20 $1" ]; }
resize() {
    screen resize-window -x "$1" -y 20
    wait_until is_wide "$1"
}

# start COLUMNS OPTION...: 20 lines high.
start() {
    local columns=$1
    shift
    : >"$tracer_words"
    screens=$((screens + 1))
    screen -f /dev/null new-session -d -x "$columns" -y 20 env LC_ALL=C.UTF-8 sh -c \
        "exec \"\$0\" trace capabilities -v \"\$@\" 2>'$tracer_words'" "$LOCAL_GADGET" -F "$filter" "$@"
    wait_until grep -q 'tracing with back-end' "$tracer_words"
}
row='[0-9]+ +cat +openat +65534 +1 +DAC_OVERRIDE +1\?? +Deny$'

for columns in 80 140; do
    start $columns
    check "$columns columns: the header is there before any row" wait_until has_lines '^CONTAINER' 1
    denials 30
    check "the rows come, and no capability is cut" wait_until has_lines "$row" 30
    check "no line is longer than the terminal" [ "$(width)" -le $columns ]
    check "nor much shorter: the container has what is free" [ "$(width 10)" -gt $((columns - 5)) ]
    same "a header for each screenful" 2 "$(text | grep -c '^CONTAINER .* CAPNAME')"
    screen kill-server
done

start 80
denials 3
wait_until has_lines "$row" 3
resize 120
denials 3
wait_until has_lines "$row" 6
same "resized: a header again" 2 "$(text | grep -c '^CONTAINER')"
check "and rows as wide as it is now" [ "$(width 3)" -gt 100 ]
resize 50
denials 3
check "narrower: rows go on" wait_until has_lines '^a-.*cat +openat +DAC_OVERRIDE +Deny$' 3
check "what does not fit gives way" [ "$(width 4)" -le 50 ]
screen send-keys C-c
check "Ctrl-C ends it" wait_until grep -q 'events shown' "$tracer_words"
screen kill-server

# -------- colours --------

# painted NAME COUNT [OPTION...]: so many verdicts on a terminal are red.
painted() {
    start 80 "${@:3}"
    denials 1
    wait_until has_lines "$row" 1
    same "$1" "$2" "$(screen capture-pane -p -e -S - | grep -c $'\e\\[31mDeny')"
    screen kill-server
}
painted "a terminal has colours" 1
painted "--color=never: none" 0 --color=never
export NO_COLOR=1
painted "NO_COLOR: none" 0
unset NO_COLOR

# piped OPTION...: rows in a pipe; the width of the table is asked for by COLUMNS.
piped() {
    : >"$tracer_words"
    "$LOCAL_GADGET" trace capabilities -v -F "$filter" --max-events 1 "$@" 2>"$tracer_words" | cat \
        >"$tracer_rows" &
    wait_until grep -q 'tracing with back-end' "$tracer_words"
    denials 1
    wait $!
}
piped
same "a pipe has none" 0 "$(grep -c $'\e' "$tracer_rows")"
check "in a pipe a name is not cut" grep -q "^$name .*DAC_OVERRIDE .*Deny" "$tracer_rows"
piped --color=always
check "--color=always has them there, too" grep -q $'\e\\[31mDeny' "$tracer_rows"
tap_end
