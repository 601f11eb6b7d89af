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

# ask WORD...: sets $offered, those names of words with a choice that the machine's sources have.
ask() {
    offered=
    # shellcheck disable=SC2046 # lists of names
    set -- $(printf '%s\n' "$@" | grep , | tr , ' ')
    [ $# -eq 0 ] || offered=$(apt-cache show --no-all-versions "$@" 2>/dev/null |
        sed -n 's/^Package: //p')
}

# choose WORD: the first of its names that can be had or is there already; after `ask`. Where none
# can, it fails and prints the last.
choose() {
    rest=$1,
    while [ -n "$rest" ]; do
        name=${rest%%,*}
        rest=${rest#*,}
        if [ "$name" = "$1" ] || is_installed "$name" || echo "$offered" | grep -Fqx "$name"; then
            echo "$name"
            return 0
        fi
    done
    echo "$name"
    return 1
}

# find_missing WORD...: sets $missing, what has to be installed, and $nowhere, the words of which
# no name is known here.
find_missing() {
    missing='' nowhere=''
    ask "$@"
    for word; do
        package=$(choose "$word") || nowhere="$nowhere $word"
        case " $missing " in
        *" $package "*) ;;
        *) is_installed "$package" || missing="$missing $package" ;;
        esac
    done
}

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo "This is no Debian: what the build needs is, by Debian's names: $*" >&2
    exit 0
fi
if [ "${1-}" = --choose ]; then
    shift
    ask "$@"
    for word; do
        choose "$word" || :
    done
    exit 0
fi
find_missing "$@"
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
    echo "Missing:$missing. Run this with sudo, or: sudo apt-get install$missing" >&2
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

# die TEXT: the last words of the packages' own tools, and what it comes to.
die() {
    tail -n 20 "$log" >&2
    rm -f "$log"
    echo "$*" >&2
    exit 1
}

apt-get -q update >"$log" 2>&1 </dev/null || : # old lists may do
find_missing "$@"
[ -z "$nowhere" ] || die "No package of this name, or of any of these, is offered here:$nowhere"
echo "Installing:$missing"
# shellcheck disable=SC2086 # a list of words
apt-get -q -y --no-install-recommends install $missing >>"$log" 2>&1 </dev/null ||
    die "Could not install:$missing"
rm -f "$log"
