#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The build: without a warning, in parallel, and never out of date. On a copy of the tree.
set -u -o pipefail
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/tap.sh
. tests/tap.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tar --exclude=./build --exclude=./.git -c . | tar -x -C "$work" || exit 1
cd "$work" || exit 1
unset MAKEFLAGS MFLAGS MAKELEVEL

# make_quietly ARGUMENT...: what it says goes to ./said.
make_quietly() {
    make "$@" >said 2>&1
}

# made: the files that the last make has made.
made() {
    sed -nE 's/^  [A-Z]+ +//p' said | sort | xargs
}

make_quietly -j4 CFLAGS='-O1 -Werror'
same "a parallel build without a warning" "0 " "$? $(grep -i 'warning' said)"
check "the program runs" ./build/release/local-gadget version
make_quietly CFLAGS='-O1 -Werror'
same "what is up to date is left alone" "0 " "$? $(made)"

touch src/text.h
make_quietly -j4 CFLAGS='-O1 -Werror'
check "a header's users are made again" grep -q 'build/release/src/escape.o' said
check "others are not" [ -z "$(grep 'build/release/src/loop.o' said)" ]

touch bpf/policy.h
make_quietly -j4 CFLAGS='-O1 -Werror'
check "so are the BPF programs, and who embeds them" \
    grep -q 'build/release/local-gadget$' said

echo '/* SPDX-License-Identifier: GPL-2.0-or-later */' >src/more.c
make_quietly -j4 CFLAGS='-O1 -Werror'
same "a new source is linked" "build/release/local-gadget build/release/src/more.o" "$(made)"
rm src/more.c
make_quietly CFLAGS='-O1 -Werror'
same "one that has gone is no more" build/release/local-gadget "$(made)"

make_quietly -j4 CFLAGS='-O0'
check "other flags, other objects" grep -q 'build/release/src/loop.o' said

make PKG_CONFIG=/nonexistent clean >said 2>&1
same "cleaning needs no library" 0 $?
make PKG_CONFIG=/nonexistent >said 2>&1
check "a library that is missing is named with the way out" grep -q 'apt-get install' said
check "help is a list" test "$(make help | wc -l)" -gt 10
tap_end
