# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A root file system out of the host's own programs: no image has to be fetched.

# make_rootfs DIRECTORY PROGRAM...: programs are names looked up in PATH, or paths; each becomes
# /bin/NAME with the libraries that it needs.
make_rootfs() {
    local root=$1 program path library
    shift
    mkdir -p "$root"/{bin,dev,etc,proc,sys,tmp}
    chmod 1777 "$root/tmp"
    for program; do
        path=$(type -P "$program") || {
            echo "no program '$program' here" >&2
            return 1
        }
        cp -L "$path" "$root/bin/${program##*/}"
        # A static program has none, which ldd reports as a failure.
        for library in $({ ldd "$path" 2>/dev/null || true; } | grep -o '/[^ ]*'); do
            [ -e "$root$library" ] && continue
            mkdir -p "$root${library%/*}"
            cp -L "$library" "$root$library"
        done
    done
}
