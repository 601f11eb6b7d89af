# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A systemd-journald of the suite's own: it keeps its files and its sockets in the suite's /run.

journald_pid=

journald_program() {
    local program
    for program in /usr/lib/systemd/systemd-journald /lib/systemd/systemd-journald; do
        [ ! -x $program ] || {
            echo $program
            return
        }
    done
}

journald_need() {
    [ -n "$(journald_program)" ] || skip_all "missing: systemd-journald"
    need journalctl jq /usr/bin/python3
}

# journald_start [NAMESPACE]: without a limit of how much a sender may say, as in a unit that sets
# LogRateLimitIntervalSec=0. The
# host's own files in /var are out of its reach.
journald_start() {
    local directory=/run/systemd/journal${1:+.$1}
    mkdir -p /run/log/journal /run/systemd/journal
    [ "$(findmnt -n -o FSTYPE /var/log)" = tmpfs ] || mount -t tmpfs none /var/log || return 1
    printf '[Journal]\nStorage=volatile\nRateLimitIntervalSec=0\nRuntimeMaxUse=256M\n' \
        >"$HARNESS_WORK/journald.conf"
    mount --bind "$HARNESS_WORK/journald.conf" /etc/systemd/journald.conf 2>/dev/null
    rm -f "$directory/socket"
    "$(journald_program)" "$@" >"$HARNESS_WORK/journald.log" 2>&1 &
    journald_pid=$!
    wait_until [ -S "$directory/socket" ]
}

journald_stop() {
    kill -TERM "$journald_pid"
    wait "$journald_pid" 2>/dev/null
    rm -f /run/systemd/journal/socket
}

# entries MATCH...: of the program under test, one a line, as JSON.
entries() {
    journalctl --sync 2>/dev/null
    journalctl -q --no-pager -o json -t local-gadget "$@"
}

# count_of MATCH...: the checks that these entries stand for.
count_of() {
    entries "$@" | jq -s '[.[].COUNT | tonumber] | add // 0'
}
