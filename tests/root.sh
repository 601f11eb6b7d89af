# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Whole systems of other suites in a directory, to build and to run in. Needs apt.sh, and
# apt_find_mirror to have been called.

root_tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# make_root SUITE FILE: what a fresh system has, and no more, as a tar.
make_root() {
    apt_source "$1" | mmdebstrap --quiet --mode=root --variant=minbase --format=tar \
        --include=ca-certificates "$1" "$2.new" - && mv "$2.new" "$2"
}

# unpack_root FILE DIRECTORY: with our tree in it, as a user would have it.
unpack_root() {
    rm -rf "$2"
    mkdir -p "$2" && tar -xpf "$1" -C "$2" --numeric-owner
    copy_tree "$2"
}

# copy_tree ROOT: what is part of the tree, and nothing that was built.
copy_tree() {
    rm -rf "$1/root/local-gadget"
    mkdir -p "$1/root/local-gadget"
    (
        cd "$root_tree" || exit 1
        git ls-files --cached --others --exclude-standard 2>/dev/null ||
            find . \( -path ./build -o -path ./.git \) -prune -o -type f -print
    ) | tar -C "$root_tree" -c -T - --ignore-failed-read | tar -x -C "$1/root/local-gadget"
}

# in_root ROOT COMMAND: in the tree there, with what a machine has in place: its processes, kernel,
# devices, cgroups. The tracer wants the first pid namespace, so this has none of its own. It is the
# root of its mount namespace, as that of a machine is: whoever enters the namespace of a container
# that was started in a mere chroot, as `docker exec` does, arrives at the machine's own root.
in_root() {
    # shellcheck disable=SC2016 # expanded there
    unshare --mount --propagation private sh -c '
        mount --bind "$1" "$1" && cd "$1" || exit 1
        mount -t proc proc proc
        mount --rbind /sys sys
        mount --rbind /dev dev
        mount -t tmpfs -o mode=755 run run
        mount -t tmpfs -o mode=1777 tmp tmp
        pivot_root . . && umount -l . && cd /root/local-gadget || exit 1
        exec /usr/bin/env -i HOME=/root LANG=C.UTF-8 \
            PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin sh -c "$2"
    ' in_root "$1" "$2" </dev/null
}
