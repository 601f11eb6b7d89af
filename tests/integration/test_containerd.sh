#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# containerd's native API: containers of every namespace bear their names, whatever their ids look
# like and however short they live; containerd may be killed, hang, or be replaced by a liar.
HARNESS_LAYOUT=hybrid
. "$(dirname "$0")/lib.sh"
harness_enter "$0" "$@"
# shellcheck source=tests/integration/containerd.sh
. "$here/containerd.sh"
need containerd ctr runc

LONG=$(printf 'ab%.0s' {1..32})
FLAT=$(printf 'cd%.0s' {1..32})
RUNS=50
# What a liar may add: a message and what it unpacks to are bounded.
GROWTH_MAX_KIB=16384

make_rootfs "$HARNESS_WORK/rootfs" sh nice sleep true || exit 1
native_start io.containerd.grpc.v1.cri

# -------- what is there --------

native_run default web -- /bin/sh -c "$NICE_LOOP"
native_run other "$LONG" --label nerdctl/name=nice-name --label tier=front -- /bin/sh -c "$NICE_LOOP"
native_run quiet made -- /bin/sleep 1000
list=$("$LOCAL_GADGET" list-containers -o json)
listed() {
    jq -r "if type == \"array\" then .[] else . end | select($1) | .$2" <<<"$list"
}
same "a container whose id is a name" containerd "$(listed '.id == "web"' runtime)"
same "is found by its process" /default/web "$(listed '.id == "web"' cgroupPath)"
same "nerdctl's name" nice-name "$(listed ".id == \"$LONG\"" name)"
same "its namespace" other "$(listed ".id == \"$LONG\"" engineNamespace)"
same "its labels" front "$(listed ".id == \"$LONG\"" labels.tier)"
same "its pid" "$(ctr -n other task ls | awk 'NR == 2 { print $2 }')" \
    "$(listed ".id == \"$LONG\"" pid)"
same "every namespace is listed" 3 "$(listed '.runtime == "containerd"' id | wc -l)"

# -------- what comes --------

tracer_start
sees "a container of before" '.container == "web" and .runtime == "containerd" and
    .capName == "SYS_NICE" and .verdict == "Deny"'
sees "one of another namespace" ".container == \"nice-name\" and .containerId == \"$LONG\""
native_run fresh later -- /bin/sh -c "$NICE_LOOP"
sees "one of a namespace that is new" '.container == "later" and .capName == "SYS_NICE"' 3
native_remove fresh later

# Each lives a few milliseconds, and is denied one thing.
for number in $(seq "$RUNS"); do
    ctr run --rm --null-io --rootfs "$HARNESS_WORK/rootfs" "brief-$number" \
        /bin/nice -n -20 /bin/true >/dev/null 2>&1
done
sees "short containers come" '.comm == "nice" and (.container | startswith("brief-"))' "$RUNS"
named=$(rows '.comm == "nice" and .capName == "SYS_NICE" and .runtime == "containerd"' |
    jq -r .container | grep '^brief-' | sort -u | wc -l)
note "named / all: $named / $RUNS"
same "each is named" "$RUNS" "$named"

# -------- killed --------

native_kill
before=$(count_rows '.container == "web"')
sees "with containerd killed, events go on" '.container == "web"' $((before + 5))
same "that it has gone is said once" 1 "$(grep -c 'warning: containerd' "$tracer_words")"
native_start io.containerd.grpc.v1.cri
native_run default after -- /bin/sh -c "$NICE_LOOP"
sees "a container of the new one is named" '.container == "after" and .capName == "SYS_NICE"' 3
before=$(count_rows '.container == "nice-name"')
sees "the old ones are still there" '.container == "nice-name"' $((before + 3))

# -------- hung --------

kill -STOP "$containerd_daemon"
cgroup=/sys/fs/cgroup/pids/default/$FLAT
mkdir -p "$cgroup"
(
    echo "$BASHPID" >"$cgroup/cgroup.procs"
    exec nice -n -20 true
) 2>/dev/null
(
    echo "$BASHPID" >"$cgroup/cgroup.procs"
    exec setpriv --bounding-set=-sys_nice --inh-caps=-sys_nice nice -n -20 sleep 0.1
) 2>/dev/null
sees "with containerd stopped, an unknown one goes by its id" ".containerId == \"$FLAT\""
hung_is_said() {
    [ "$(grep -c 'warning: containerd' "$tracer_words")" -ge 2 ] ||
        grep -q 'no answer' "$tracer_words"
}
check "after its deadline this is said" wait_until hung_is_said
kill -CONT "$containerd_daemon"
native_run default awake -- /bin/sh -c "$NICE_LOOP"
sees "names return with it" '.container == "awake" and .capName == "SYS_NICE"' 3

# -------- a liar --------

for id in web after awake; do native_remove default "$id"; done
native_remove other "$LONG"
native_remove quiet made
rmdir "$cgroup"
before=$(resident "$tracer_pid")
native_kill
rm -f /run/containerd/containerd.sock
python3 - "$tracer_pid" <<'END' &
import os, socket, time
# In turn: noise; frames without end, each of them a settings frame; half a frame; silence.
settings = b"\0\0\0\4\0\0\0\0\0"
server = socket.socket(socket.AF_UNIX)
server.bind("/run/containerd/containerd.sock")
server.listen()
for turn in range(1000):
    peer, _ = server.accept()
    peer.settimeout(1)
    try:
        if turn % 4 == 0:
            peer.sendall(os.urandom(1 << 20))
        elif turn % 4 == 1:
            for _ in range(200):
                peer.sendall(settings * 10000)
        elif turn % 4 == 2:
            peer.sendall(settings + b"\0\x40\0\0\0")
        else:
            peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    except OSError:
        pass
    peer.close()
END
liar=$!
sleep 6
kill "$liar"
wait "$liar" 2>/dev/null
growth=$(($(resident "$tracer_pid") - before))
note "resident: $before KiB; a liar added $growth KiB, bound $GROWTH_MAX_KIB KiB"
check "memory stays under the bound" [ "$growth" -lt "$GROWTH_MAX_KIB" ]
rm -f /run/containerd/containerd.sock
native_start io.containerd.grpc.v1.cri
native_run default last -- /bin/sh -c "$NICE_LOOP"
sees "the true one is believed again" '.container == "last" and .capName == "SYS_NICE"' 3
ends_well "nothing was lost"
native_remove default last
native_kill
tap_end
