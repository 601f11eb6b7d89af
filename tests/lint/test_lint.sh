#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The tree keeps the house rules, and each rule finds what breaks it.
set -u -o pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
# shellcheck source=tests/tap.sh
. "$here/../tap.sh"
# shellcheck source=tests/lint/rules.sh
. "$here/rules.sh"

spdx='/* SPDX-License-Identifier: GPL-2.0-or-later */'

# lines COUNT: so many harmless lines.
lines() {
    yes '    call();' | head -n "$1"
}

# -------- a sample for each rule: prints the files that break it; the others keep it just so ------

sample_file_length() {
    lines 501 >src/long.c
    lines 500 >src/good.c
    echo src/long.c
}

sample_function_length() {
    { echo 'int f(void)'; echo '{'; lines 59; echo '}'; } >src/long.c
    { echo 'int f(void)'; echo '{'; lines 58; echo '}'; } >src/good.c
    { echo 'f() {'; lines 59; echo '}'; } >src/long.sh
    echo src/long.c src/long.sh
}

sample_licence() {
    echo 'int i;' >src/bare.c
    printf '#!/bin/sh\nset -u\n' >src/bare
    echo "$spdx" >src/good.c
    echo src/bare src/bare.c
}

sample_header_once() {
    printf '%s\n#ifndef GUARD_H\n#define GUARD_H\n#endif\n' "$spdx" >src/guard.h
    printf '%s\n#pragma once\n#include <stdint.h>\n' "$spdx" >src/good.h
    echo src/guard.h
}

sample_own_header_first() {
    touch src/late.h src/good.h
    printf '#include <stdint.h>\n\n#include "src/late.h"\n' >src/late.c
    printf '#include "src/good.h"\n\n#include <stdint.h>\n' >src/good.c
    echo src/late.c
}

sample_layers() {
    mkdir -p runtimes src/base src/sink src/new
    echo 'int i;' >src/new/of_no_layer.c
    echo '#include "src/containers/registry.h"' >src/base/error.c
    echo '#include "src/source/tracer.h"' >src/sink/sink.c
    echo '#include "src/model/capability.h"' >runtimes/docker.c
    printf '#include "src/base/error.h"\n#include "src/model/container.h"\n' >runtimes/good.c
    echo runtimes/docker.c src/base/error.c src/new/of_no_layer.c src/sink/sink.c
}

sample_header_cycles() {
    echo '#include "src/two.h"' >src/one.h
    echo '#include "src/one.h"' >src/two.h
    echo '#include "src/one.h"' >src/good.h
    echo src/one.h src/two.h
}

sample_layout() {
    cp "$root/.clang-format" .
    printf 'int f(void) {\n  return 0;\n}\n' >src/other.c
    printf 'int f(void)\n{\n    return 0;\n}\n' >src/good.c
    echo src/other.c
}

sample_words() {
    echo 'int i; // of another kind' >src/comment.c
    echo 'int i; /* TODO: more */' >src/note.c
    echo '    goto out;' >src/jump.c
    echo 'const char *good = "unix:///run"; /* and //run */' >src/good.c
    echo src/comment.c src/jump.c src/note.c
}

sample_close_on_exec() {
    echo '    int fd = open(path, O_RDONLY);' >src/open.c
    printf '    int fd = socket(AF_UNIX,\n                    SOCK_STREAM, 0);\n' >src/socket.c
    echo '    FILE *file = fopen(path, "r");' >src/stream.c
    echo '    int copy = dup(fd);' >src/copy.c
    printf '    int fd = open(path,\n                  O_RDONLY | O_CLOEXEC);\n' >src/good.c
    echo src/copy.c src/open.c src/socket.c src/stream.c
}

sample_command_v() {
    printf '#!/bin/sh\ncommand -%s one two >/dev/null\n' v >src/several.sh
    printf '#!/bin/sh\ncommand -v one >/dev/null || command -v two\n' >src/good.sh
    echo src/several.sh
}

sample_comments() {
    echo 'char text[] = "/* not() */"; /* as known() of known.c and <other.h>, or fork(3) */' >src/known.c
    echo 'int known(void); /* calls gone() */' >src/function.c
    echo '/* see src/gone.h */' >src/path.c
    echo '/* see gone.c */' >src/name.c
    printf '#!/bin/sh\n# see tests/gone.sh\n' >src/script.sh
    echo src/function.c src/name.c src/path.c src/script.sh
}

# commit_as SUBJECT: an empty commit; prints how it is named.
commit_as() {
    git -c user.name=test -c user.email=test@localhost commit -q --allow-empty -m "$1" &&
        git log -1 --format=%h
}

# Its breaches are of commits. What is older than the base is as it is.
sample_subjects() {
    git init -q .
    commit_as wip >/dev/null
    mkdir -p tests/lint
    git rev-parse HEAD >tests/lint/subjects-since
    commit_as "area: $(printf '%066d' 0)" >/dev/null
    commit_as 'wipe: a word that begins so' >/dev/null
    {
        commit_as "area: $(printf '%067d' 0)"
        commit_as 'area: WIP, more of it'
        commit_as 'fixup! area: more of it'
    } | sort | xargs
}

sample_shell() {
    # shellcheck disable=SC2016 # the sample has it
    printf '#!/bin/sh\nrm $1\n' >src/unquoted
    # shellcheck disable=SC2016
    printf '#!/bin/sh\nrm "$1"\n' >src/good
    echo src/unquoted
}

# found RULE: the files of its sample in which a rule finds breaches.
found() {
    local files
    mapfile -t files < <(find . -type f -printf '%P\n')
    "rule_$1" "${files[@]}" | cut -d: -f1 | sort -u | xargs
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$root" || exit 1
mapfile -t tree < <(git ls-files --cached --others --exclude-standard 2>/dev/null ||
    find . \( -path ./build -o -path ./.git \) -prune -o -type f -printf '%P\n')
same "the tree has files to judge" yes "$([ "$(c_files "${tree[@]}" | wc -l)" -gt 50 ] && echo yes)"
for rule in $(declare -F | sed -n 's/^declare -f rule_//p'); do
    same "${rule//_/ }: the tree keeps it" "" "$("rule_$rule" "${tree[@]}")"
    mkdir -p "$work/$rule/src"
    breaking=$(cd "$work/$rule" && "sample_$rule")
    same "${rule//_/ }: it finds what breaks it" "$breaking" "$(cd "$work/$rule" && found "$rule")"
done
tap_end
