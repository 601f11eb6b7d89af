#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# install-packages.sh PACKAGE...: installs those Debian packages that are missing, and says which.
#
# No service is started by it: engines that come with the tests stay off. Nothing is asked of the
# network when nothing is missing. Elsewhere than on Debian and its kin it only says what is needed.
set -eu

policy=/usr/sbin/policy-rc.d

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo "This is no Debian: what the build needs is, by Debian's names: $*" >&2
    exit 0
fi

missing=
for package in "$@"; do
    status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || status=
    [ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
    echo "Missing:$missing. Run this with sudo, or: sudo apt-get install$missing" >&2
    exit 1
fi
echo "Installing:$missing"

# Debian asks this file whether a service may be started. A file that is there is left alone.
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    trap 'exit 1' HUP INT TERM
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
fi

export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
log=$(mktemp)
# shellcheck disable=SC2086 # a list of words
if ! { apt-get -q update && apt-get -q -y --no-install-recommends install $missing; } \
    >"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    echo "Could not install:$missing" >&2
    exit 1
fi
rm -f "$log"
