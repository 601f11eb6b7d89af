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
same "the BPF programs do not tell where they were compiled" 0 \
    "$(grep -acF "$work" build/release/bpf/gadget.bpf.linked)"
make_quietly CFLAGS='-O1 -Werror'
same "what is up to date is left alone" "0 " "$? $(made)"

touch src/base/text.h
make_quietly -j4 CFLAGS='-O1 -Werror'
check "a header's users are made again" grep -q 'build/release/src/base/escape.o' said
check "others are not" [ -z "$(grep 'build/release/src/base/loop.o' said)" ]

touch bpf/policy.h
make_quietly -j4 CFLAGS='-O1 -Werror'
check "so are the BPF programs, and who embeds them" \
    grep -q 'build/release/local-gadget$' said

echo '/* SPDX-License-Identifier: GPL-2.0-or-later */' >src/more.c
make_quietly -j4 CFLAGS='-O1 -Werror' build/release/local-gadget
same "a new source is linked" "build/release/local-gadget build/release/src/more.o" "$(made)"
rm src/more.c
make_quietly CFLAGS='-O1 -Werror' build/release/local-gadget
same "one that has gone is no more" build/release/local-gadget "$(made)"

make_quietly -j4 CFLAGS='-O0'
check "other flags, other objects" grep -q 'build/release/src/base/loop.o' said

# Root installs what a user has built.
if [ "$(id -u)" -eq 0 ]; then
    chown -R nobody . && chmod 755 .
    make_quietly CFLAGS='-O0' DESTDIR="$work/installed" PREFIX=/opt install
    same "the user's build is installed" "0 ExecStart=/opt/bin/local-gadget" "$? $(
        sed -n 's/^\(ExecStart=[^ ]*\).*/\1/p' installed/opt/lib/systemd/system/local-gadget.service)"
    setpriv --reuid nobody --clear-groups make clean >said 2>&1
    same "and the user can clean up behind it" "0 " "$? $(ls build 2>/dev/null)"
    chown -R root .
else
    skip "cleaning after an installation by root" "root is missing"
fi

make_quietly deb ARCHITECTURE="$(uname -m | sed 's/x86_64/arm64/; s/aarch64/x86/')"
check "a package of another architecture is refused" grep -q 'deb: runs what was built' said

make PKG_CONFIG=/nonexistent clean >said 2>&1
same "cleaning needs no library" 0 $?
make PKG_CONFIG=/nonexistent >said 2>&1
check "a library that is missing is named with the way out" grep -q 'apt-get install' said
# A released archive is built without clang, on either architecture; made twice it is the same.
git init -q . && git add -A &&
    git -c user.name=test -c user.email=test@localhost commit -q -m 'as it is' || exit 1
make_quietly dist
same "a released archive is made" "0 build/local-gadget-$(sed -n 's/^VERSION := //p' Makefile).tar.gz" \
    "$? $(sed -n 's/^  DIST *//p' said)"
archive=$(echo build/local-gadget-*.tar.gz)
cp "$archive" first && make_quietly dist
check "made again it is the same" cmp first "$archive"
mkdir unpacked && tar -xzf first -C unpacked --strip-components=1
same "it has the BPF programs of each architecture" "bpf/gadget.skel.arm64.h bpf/gadget.skel.x86.h" \
    "$(cd unpacked && echo bpf/*.skel.*)"
make_quietly -j4 -C unpacked CLANG=/nonexistent BPFTOOL=/nonexistent CFLAGS='-O0 -Werror'
same "it is built without a compiler for BPF" "0 local-gadget" \
    "$? $(unpacked/build/release/local-gadget version | cut -d ' ' -f 1)"
same "nor is one installed" "" "$(make -C unpacked -n run | grep -wE 'clang|bpftool')"

check "help is a list" test "$(make help | wc -l)" -gt 10
tap_end
