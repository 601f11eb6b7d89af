#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# install-packages.sh [--choose] PACKAGE[,PACKAGE...]...: installs those Debian packages that are
# missing, and says which. Of names joined by commas it is the first that the suite has: what a
# package is called, and what it is split into, changes from one suite to the next. With --choose it
# only prints which these are.
#
# No service is started by it: engines that come with the tests stay off. Nothing is asked of the
# network when nothing is missing. Elsewhere than on Debian and its kin it only says what is needed.
set -eu

policy=/usr/sbin/policy-rc.d

is_installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# has_candidate PACKAGE: this machine's sources offer it, or it is there already.
has_candidate() {
    is_installed "$1" || apt-cache show --no-all-versions "$1" 2>/dev/null | grep -q '^Version:'
}

# choose WORD: the first of its names that can be had; the last where none can, for its error.
choose() {
    rest=$1,
    while [ -n "$rest" ]; do
        name=${rest%%,*}
        rest=${rest#*,}
        ! has_candidate "$name" || break
    done
    echo "$name"
}

# missing WORD...: the packages that have to be installed.
missing() {
    for word; do
        name=$(choose "$word")
        is_installed "$name" || printf ' %s' "$name"
    done
}

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo "This is no Debian: what the build needs is, by Debian's names: $*" >&2
    exit 0
fi
if [ "${1-}" = --choose ]; then
    shift
    for word; do
        choose "$word"
    done
    exit 0
fi
packages=$(missing "$@")
[ -n "$packages" ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
    echo "Missing:$packages. Run this with sudo, or: sudo apt-get install$packages" >&2
    exit 1
fi

# Debian asks this file whether a service may be started. A file that is there is left alone.
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    trap 'exit 1' HUP INT TERM
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
fi

export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
log=$(mktemp)
apt-get -q update >"$log" 2>&1 </dev/null || : # old lists may do
packages=$(missing "$@")
echo "Installing:$packages"
# shellcheck disable=SC2086 # a list of words
if ! apt-get -q -y --no-install-recommends install $packages >>"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    echo "Could not install:$packages" >&2
    exit 1
fi
rm -f "$log"
