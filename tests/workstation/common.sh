# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the guest's scripts have in common: before and after it boots again.

export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
# shellcheck disable=SC2034 # for who includes this
job=/run/job
results=/run/results
kept=/var/local/job # is there after a boot, too
mkdir -p $results $kept

# The program of every container. Ends by itself, should nobody stop it.
# shellcheck disable=SC2016,SC2034  # for the container's shell
work='trap exit TERM; for i in $(seq 600); do nice -n -20 true; sleep 0.2; done'

# Every file but those that engines keep for their containers, systemd for its timers and services
# and man of the pages that it has shown, what is pinned in the kernel by others than crun, and what
# has our name in the places that a boot empties.
files() {
    {
        find / /sys/fs/bpf -xdev \( -path /home/ada -o -path /etc/cni -o -path /var/lib/docker \
            -o -path /var/lib/containerd -o -path /var/lib/containers -o -path /var/cache/man \
            -o -path /var/lib/systemd/timers -o -path /sys/fs/bpf/crun -o -path $kept \
            -o -path '*/systemd-private-*' ! -name '*gadget*' \) -prune -o -print
        find /run /tmp /dev/shm -path $results -prune -o -name '*gadget*' -print
    } 2>/dev/null | LC_ALL=C sort -u
}

# The results, through the second serial line.
send() {
    stty -F /dev/ttyS1 raw -echo
    tar -c -C $results -f /dev/ttyS1 .
    sync
}
