# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The house rules that a program can check. `rule_NAME FILE...` prints one line for each breach, as
# FILE:LINE: what is wrong; test_lint.sh runs each on the tree and on a sample that breaks it.

FILE_LINES_MAX=500
FUNCTION_LINES_MAX=60

lint_here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# ending PATTERN FILE...: the files whose names match the extended regular expression.
ending() {
    local pattern=$1
    shift
    printf '%s\n' "$@" | grep -E "$pattern"
}

c_files() {
    ending '\.[ch]$' "$@"
}

# Scripts without an ending are known by their first line.
shell_scripts() {
    local file
    for file; do
        case $file in
        *.sh) echo "$file" ;;
        *) head -n 1 "$file" 2>/dev/null | LC_ALL=C grep -qaE '^#!.*[/ ](ba)?sh$' && echo "$file" ;;
        esac
    done
}

rule_file_length() {
    local file
    { c_files "$@"; shell_scripts "$@"; } | sort -u | while read -r file; do
        awk -v max="$FILE_LINES_MAX" 'END {
            if (NR > max) print FILENAME ":" NR ": a file of " NR " lines, over " max
        }' "$file"
    done
}

# By clang-format's layout a function of C ends at the first brace in column 1 after its own; one
# of the shell at the first after its "name() {".
rule_function_length() {
    local file
    { c_files "$@"; shell_scripts "$@"; } | sort -u | while read -r file; do
        awk -v max="$FUNCTION_LINES_MAX" '
            /^\{$/ || /^[a-z_0-9]+\(\) [{(]$/ { start = FNR }
            /^[})]/ && start {
                lines = FNR - start + 1
                if (lines > max)
                    print FILENAME ":" start ": a function of " lines " lines, over " max
                start = 0
            }' "$file"
    done
}

rule_licence() {
    local file
    { c_files "$@"; shell_scripts "$@"; ending '\.(py|proto|in)$' "$@"; } | sort -u |
        while read -r file; do
            head -n 2 "$file" | grep -q 'SPDX-License-Identifier: GPL-2.0-or-later' ||
                echo "$file:1: no SPDX-License-Identifier: GPL-2.0-or-later on top"
        done
}

rule_header_once() {
    local file
    ending '\.h$' "$@" | while read -r file; do
        [ "$(grep -m 1 '^#' "$file")" = '#pragma once' ] ||
            echo "$file:1: the first directive is not #pragma once"
    done
}

# So that every header is seen to stand on its own.
rule_own_header_first() {
    local file first
    ending '\.c$' "$@" | while read -r file; do
        [ -e "${file%.c}.h" ] || continue
        first=$(grep -m 1 '^#include' "$file")
        [[ "$first" =~ ^#include\ \"${file%.c}(_private|_driver)?\.h\"$ ]] ||
            echo "$file:1: its own header is not its first include"
    done
}

rule_layers() {
    # shellcheck disable=SC2046 # no name here has a blank
    awk '
        function folder_of(file) {
            sub(/\/[^\/]*$/, "", file)
            return file
        }
        function breach(line, text) { print FILENAME ":" line ": " text }
        FILENAME == table {
            if ($0 ~ /^#/) next
            known[$1] = 1
            may[$1, $1] = 1
            for (i = 2; i <= NF; i++) {
                may[$1, $i] = 1
                if (!($i in known) && !(folder_of($i) in known) || $i == $1)
                    breach(FNR, $i " does not stand above " $1)
            }
            next
        }
        FNR == 1 {
            own = folder_of(FILENAME)
            if (!(own in known)) breach(1, "has no place in tests/lint/layers")
        }
        own in known && /^#include "(src|runtimes|bpf)\// {
            split($0, part, "\"")
            other = part[2]
            if (other ~ /\.pb-c\.h$/) next # made, beside their users
            if (!((own, folder_of(other)) in may) && !((own, other) in may))
                breach(FNR, own " may not include " other)
        }
    ' table="$lint_here/layers" "$lint_here/layers" $(ending '^(src|runtimes|bpf)/.*\.[ch]$' "$@") \
        /dev/null
}

# Two headers that need each other are one.
rule_header_cycles() {
    # shellcheck disable=SC2046
    grep -HE '^#include "' $(ending '\.h$' "$@") /dev/null |
        sed 's/^\([^:]*\):#include "\([^"]*\)".*/\1 \2/' | tsort 2>&1 >/dev/null |
        sed -n 's/^tsort: \([a-z].*\.h\)$/\1:1: is part of a circle of includes/p'
}

rule_layout() {
    c_files "$@" | xargs -r clang-format --dry-run 2>&1 |
        sed -n 's/^\([^:]*:[0-9]*\):[0-9]*: warning: .*/\1: not as clang-format has it/p'
}

# What the house does without: in user space goto, anywhere // and notes for later.
rule_words() {
    # shellcheck disable=SC2046
    grep -HnE '(^|[^:"/])//( |$)|\b(TODO|FIXME)\b' $(c_files "$@") /dev/null |
        sed 's/^\([^:]*:[0-9]*\):.*/\1: a note for later, or a comment of another kind/'
    # shellcheck disable=SC2046
    grep -HnE '^\s*goto ' $(ending '^(src|runtimes|man)/.*\.c$' "$@") /dev/null |
        sed 's/^\([^:]*:[0-9]*\):.*/\1: goto/'
}

# A descriptor that survives exec is a door left open. Descriptors 0 to 2, which are there to be
# inherited, are filled from /dev/null.
rule_close_on_exec() {
    # shellcheck disable=SC2046
    awk '
        function says(text) { print FILENAME ":" FNR ": " text }
        FNR == 1 { call = "" }
        /^ *(\/\*|\*)/ || /^[a-z]/ { next }
        /(^|[^a-z_>.])(open|openat|socket|accept4|memfd_create|inotify_init1|pipe2|epoll_create1)\(/ {
            call = " "
        }
        call != "" { call = call $0 }
        call ~ /;/ {
            if (call !~ /CLOEXEC|OPEN_FLAGS|"\/dev\/null", useless/)
                says("a descriptor without close-on-exec")
            call = ""
        }
        /(^|[^a-z_])fopen\(/ && !/fopen\([^"]*"[rwa+]+e"/ { says("fopen without \"e\"") }
        /(^|[^a-z_>.])(accept|pipe|dup|dup2|creat|inotify_init|epoll_create)\(/ {
            says("a call that cannot close on exec")
        }
    ' $(ending '^(src|runtimes)/.*\.c$' "$@") /dev/null
}

# With several programs it succeeds when any one of them is there: need() of tap.sh asks for all.
rule_command_v() {
    # shellcheck disable=SC2046
    grep -HnE 'command[ ]-v +[^ |&;>)]+ +[^ |&;>)0-9]' $(shell_scripts "$@") /dev/null |
        grep -v '^[^:]*:[0-9]*: *#' |
        sed 's/^\([^:]*:[0-9]*\):.*/\1: it asks for any of several programs/'
}

rule_comments() {
    "$lint_here/comments.py" "$@"
}

# Of what was committed since the commit that tests/lint/subjects-since names; where there is no
# history, as in an archive or a shallow clone, there is nothing to say.
rule_subjects() {
    local base
    base=$(cat tests/lint/subjects-since 2>/dev/null) || return 0
    git merge-base --is-ancestor "$base" HEAD 2>/dev/null || return 0
    git log --no-merges --format='%h %s' "$base..HEAD" | awk '{
        subject = substr($0, length($1) + 2)
        if (length(subject) > 72) print $1 ": a subject of " length(subject) " characters, over 72"
        if (tolower(subject) ~ /(^|[^a-z])wip([^a-z]|$)/) print $1 ": unfinished: " subject
        if (subject ~ /^(fixup|squash|amend)! /) print $1 ": belongs into another commit: " subject
    }'
}

rule_shell() {
    shell_scripts "$@" | xargs -r shellcheck -x -f gcc
}
