#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the man pages, the completions and --help say, held against the program itself. TAP output.
#
#   TEST_BUILD=build/release tests/integration/test_docs.sh      after `make docs`
set -u -o pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${TEST_BUILD:-build/release}
program=${LOCAL_GADGET:-$build/local-gadget}
number=0
failures=0
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# report STATUS NAME: one line of TAP.
report() {
    number=$((number + 1))
    if [[ $1 == 0 ]]; then
        echo "ok $number - $2"
    else
        echo "not ok $number - $2"
        failures=$((failures + 1))
    fi
}

# Commands with pages of their own; the page's name has dashes.
commands=("trace capabilities" "advise capabilities" "list-containers" "doctor")

# options COMMAND: the long options that --help lists.
options() {
    # shellcheck disable=SC2086 # a command is one or two words
    "$program" $1 --help | grep -oE '^  (-., |    )--[a-z-]+' | grep -oE -- '--[a-z-]+'
}

# fields COMMAND: the fields that --help lists.
fields() {
    # shellcheck disable=SC2086
    "$program" $1 --help | sed -n '/^Fields that are columns$/,/^Examples$/p' |
        grep -oE '^  [a-z][a-z0-9_-]*' | tr -d ' '
}

page() { mandoc -T utf8 -O width=200 "$build/man/local-gadget-${1// /-}.1" | col -bx; }

options_are_everywhere() {
    local missing=0 option

    page "$1" > "$scratch/page"
    [[ $(options "$1" | wc -l) -gt 8 ]] || return 1
    for option in $(options "$1"); do
        grep -q -- "^ *\(-., \)\?$option\b" "$scratch/page" || { echo "# $option: no man page"; missing=1; }
        grep -q -- "$option\b" "$build/completion/bash" || { echo "# $option: not in bash"; missing=1; }
        grep -q -- "$option\b" "$build/completion/zsh" || { echo "# $option: not in zsh"; missing=1; }
        grep -q -- "-l ${option#--}\b" "$build/completion/fish" || { echo "# $option: not in fish"; missing=1; }
        # shellcheck disable=SC2086
        "$program" $1 "$option" --help < /dev/null 2>&1 | grep -q 'unknown option' && missing=1
    done
    # And the other way round: the page has no option that the program lacks.
    sed -n '/^OPTIONS/,/^\(OUTPUT FIELDS\|FORMATS\)/p' "$scratch/page" | grep -oE '^ +(-., )?--[a-z-]+' |
        grep -oE -- '--[a-z-]+' > "$scratch/options"
    while read -r option; do
        options "$1" | grep -qx -- "$option" || { echo "# $option: only in the page"; missing=1; }
    done < "$scratch/options"
    return $missing
}

fields_are_everywhere() {
    local missing=0 field

    page "$1" > "$scratch/page"
    [[ $(fields "$1" | wc -l) -ge 5 ]] || return 1
    for field in $(fields "$1"); do
        grep -qE "^ +$field( |$)" "$scratch/page" || { echo "# $field: no man page"; missing=1; }
        grep -q "[' ]${field}[' ]" "$build/completion/bash" || { echo "# $field: not in bash"; missing=1; }
    done
    return $missing
}

# --filter knows each of them, and so do those who help to write one.
fields_can_be_filtered_by() {
    local missing=0 field

    for field in $(fields "$1"); do
        # shellcheck disable=SC2086
        "$program" $1 --filter "$field:x,$field" 2> "$scratch/message"
        # Where no text can be its value, the error is that; else what follows it is missing.
        grep -q "after $field comes one of : :!\|'x'" "$scratch/message" ||
            { echo "# $field: no filter"; missing=1; }
        grep -q "[' ]$field:[' ]" "$build/completion/bash" || { echo "# $field: not in bash"; missing=1; }
        grep -q " $field\\\\: " "$build/completion/zsh" || { echo "# $field: not in zsh"; missing=1; }
        grep -q "[\" ]$field: " "$build/completion/fish" || { echo "# $field: not in fish"; missing=1; }
    done
    return $missing
}

# The manuals of other packages need not be installed where this runs.
lint() {
    ! (mandoc -T lint -W warning "$1" 2>&1 || true) |
        grep -v 'referenced manual not found\|outdated mandoc.db'
}

# Containers for -c to offer: two, and some whose names a shell would take for more.
mkdir "$scratch/named"
cat > "$scratch/named/local-gadget" << 'END'
#!/bin/sh
printf '%s\n' 'NAME          ' 'user/1000/hers' 'web           ' '$(touch hacked)' '`touch hacked`' 'a b' '-x'
END
chmod +x "$scratch/named/local-gadget"

# complete_bash WORD...: what bash offers for the last word.
complete_bash() {
    PATH=$scratch/named:$PATH bash -c 'source "$1"; shift; compopt() { :; }
             COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _local_gadget; echo "${COMPREPLY[*]}"' \
        bash "$build/completion/bash" "$@"
}

bash_offers() {
    [[ $(complete_bash local-gadget trace '') == capabilities ]] &&
        [[ $(complete_bash local-gadget trace capabilities --verdict '') == 'allow deny' ]] &&
        [[ $(complete_bash local-gadget trace capabilities --verdict = d) == deny ]] &&
        [[ $(complete_bash local-gadget trace capabilities -r docker,po) == docker,podman ]] &&
        [[ $(complete_bash local-gadget trace capabilities --cap SYS_NI) == SYS_NICE ]] &&
        [[ $(complete_bash local-gadget trace capabilities -F poduid) == '' ]] &&
        [[ $(complete_bash local-gadget trace capabilities -F pid) == 'pid: pid:! pid:> pid:>= pid:< pid:<=' ]] &&
        [[ $(complete_bash local-gadget trace capabilities -F verdict :) == '! ~ !~ Allow Deny' ]] &&
        [[ $(complete_bash local-gadget trace capabilities -F verdict : D) == Deny ]] &&
        [[ $(complete_bash local-gadget trace capabilities -F verdict : Deny,ui) == 'Deny,uid: '* ]] &&
        [[ $(complete_bash local-gadget trace capabilities --k8s) == '' ]] &&
        [[ $(complete_bash local-gadget trace capabilities -c '') == 'user/1000/hers web' ]] &&
        [[ $(complete_bash local-gadget trace capabilities --containername = w) == web ]] &&
        [[ $(complete_bash local-gadget list-containers -c db,us) == db,user/1000/hers ]] &&
        [[ $(complete_bash local-gadget trace capabilities --audit-only =) == 'true false' ]] &&
        [[ $(complete_bash local-gadget trace capabilities --audit-only = f) == false ]] &&
        [[ $(complete_bash local-gadget trace capabilities --audit-only --verd) == --verdict ]] &&
        [[ $(complete_bash local-gadget trace capabilities -o columns = comm) == comm ]] &&
        [[ " $(complete_bash local-gadget trace capabilities -- ni) " == *' nice '* ]] &&
        [[ $(complete_bash local-gadget list-containers --wat) == --watch ]]
}

# What comes after "--" is completed as if it stood alone.
fish_offers() {
    local offered
    # shellcheck disable=SC2016 # fish has variables too
    offered=$(PATH=$scratch/named:$PATH fish -c 'source $argv[1]
        complete -C "local-gadget trace capabilities -c web -- ls --colo"
        complete -C "local-gadget trace capabilities -F verd"
        complete -C "local-gadget trace capabilities -c db,"
        complete -C "local-gadget trace capabilities --audit-only=f"' "$build/completion/fish") &&
        [[ $offered == *--color* && $offered == *verdict:* && $offered == *--audit-only=false* ]] &&
        [[ $(grep -c '^db,' <<< "$offered") == 2 && $offered == *db,web* ]]
}

# complete_zsh LINE: the line after a TAB, in a shell on a terminal of its own.
complete_zsh() {
    # shellcheck disable=SC2016 # zsh has variables too
    PATH=$scratch/named:$PATH zsh -f -c 'zmodload zsh/zpty
        zpty shell "PS1= RPS1= zsh -f -i"
        zpty -w shell "autoload -Uz compinit; compinit -u -D; source $1;
            tell() { zle complete-word; print -r -- \$BUFFER >$2; exit }; zle -N tell; bindkey ^X tell"
        zpty -w -n shell "$3"$'"'\030'"'
        while zpty -r shell; do :; done' zsh "$build/completion/zsh" "$scratch/line" "$1" > /dev/null
    sed 's/ *$//' "$scratch/line"
}

zsh_offers() {
    [[ $(complete_zsh 'local-gadget trace capabilities -c we') == *' -c web'* ]] &&
        [[ $(complete_zsh 'local-gadget list-containers -c db,us') == *' -c db,user/1000/hers'* ]] &&
        [[ $(complete_zsh 'local-gadget trace capabilities --audit-only=f') == *=false ]] &&
        [[ $(complete_zsh 'local-gadget trace capabilities --verd') == *--verdict= ]]
}

# Scripts rely on these three.
exit_statuses() {
    "$program" version > /dev/null || return 1
    "$program" trace capabilities --verdict maybe 2> "$scratch/message"
    [[ $? == 2 ]] && grep -q 'did you mean\|only: allow, deny' "$scratch/message" || return 1
    "$program" trace capabilities --cap SYS_NOTHING 2> "$scratch/message"
    [[ $? == 2 ]] && grep -q 'SYS_NOTHING' "$scratch/message" || return 1
    "$program" --help > /dev/full 2> /dev/null
    [[ $? == 1 ]]
}

narrow_help_fits() {
    command -v script > /dev/null || { echo "# script(1) of util-linux is missing"; return 1; }
    script -qec "stty cols 60; $program trace capabilities --help" /dev/null < /dev/null |
        sed $'s/\033\\[[0-9;]*m//g; s/\r//' | sed '/^Examples/,$d' > "$scratch/narrow"
    [[ -s $scratch/narrow ]] && ! grep -nE '^.{61,}' "$scratch/narrow" | sed 's/^/# /' | grep .
}

# -------- examples --------

# examples: the command lines of README, man pages and --help that run the program, one a line.
examples() {
    local command
    {
        awk '/^```/ { block = !block } block' "$root/README.md"
        sed 's/^\.Dl //; s/\\(dq/"/g; s/\\e$/\\/; s/\\-/-/g' "$root"/man/*.[17].in
        for command in "${commands[@]}"; do
            # shellcheck disable=SC2086
            "$program" $command --help | sed -n '/^Examples$/,$p'
        done
    } | sed -e ':join' -e '/[\\|]$/{N;s/\\\?\n *\(.*\)/ \1/;b join' -e '}' |
        sed -n 's/^ *[#$]\? *\(\(sudo \)\?local-gadget [a-z-]\+\( .*\)\?\)$/\1/p'
}

# What an example calls, in a shell in which its programs are these.
called_by() {
    # shellcheck disable=SC2317,SC2329
    (
        sudo() { "$@"; }
        local-gadget() {
            printf '%q ' "$@" >> "$scratch/called"
            echo >> "$scratch/called"
            [[ $1 != doctor ]] || echo '[{"section":"Back-ends","name":"fexit","ok":true}]'
            [[ $1 == doctor ]] || echo '{"type":"normal","verdict":"Allow","capName":"SYS_NICE"}' \
                '{"type":"lost","count":3}'
        }
        : > "$scratch/called"
        eval "$1" > "$scratch/output" 2>&1
    )
}

# understands WORDS: the program refuses nothing but what is added, and so does nothing else.
understands() {
    local -a words
    eval "words=($1)"
    case "$1" in
    *--journal\ * | *--input\ *)
        "$program" "${words[@]}" --since nope 2>&1 | grep -q "is no moment\|is of --journal"
        ;;
    trace* | advise*)
        "$program" "${words[@]:0:2}" --buffer-size 1 "${words[@]:2}" 2>&1 | grep -q -- '--buffer-size is from'
        ;;
    *)
        "$program" "${words[@]}" --fields nope 2>&1 | grep -q "unknown field 'nope'\|--fields is of no use"
        ;;
    esac
}

examples_are_right() {
    local wrong=0 count=0 example call

    while read -r example; do
        count=$((count + 1))
        called_by "$example"
        if [[ ! -s $scratch/called ]] ||
            grep -q 'null\|--cap-add *$\|error\|not found' "$scratch/output"; then
            echo "# $example: $(head -n 3 "$scratch/output")"
            wrong=1
        fi
        while read -r call; do
            (set +o pipefail; understands "$call") || { echo "# not understood: $call"; wrong=1; }
        done < "$scratch/called"
    done < <(examples)
    echo "# $count examples"
    [[ $count -gt 30 && $wrong == 0 ]]
}

for command in "${commands[@]}"; do
    options_are_everywhere "$command"
    report $? "$command: help, page, completions and program know the same options"
    [[ $command == advise* ]] && continue # has no rows
    fields_are_everywhere "$command"
    report $? "$command: help, page and completion know the same fields"
    [[ $command != doctor ]] || continue
    fields_can_be_filtered_by "$command"
    report $? "$command: each field can be filtered by, and completed"
done
for file in "$build"/man/*.[17]; do
    lint "$file"
    report $? "$(basename "$file") is clean"
done
bash_offers
report $? "bash completes commands, values and lists"
bash -n "$build/completion/bash" && shellcheck -s bash "$build/completion/bash"
report $? "the completion for bash is clean"
if command -v fish > /dev/null; then
    fish_offers
    report $? "fish completes commands to be run, filters and names"
fi
if command -v zsh > /dev/null; then
    zsh_offers
    report $? "zsh completes names and words"
fi
[[ ! -e hacked ]]
report $? "what a container is called is run by none of them"
exit_statuses
report $? "exit statuses are 0, 1 and 2"
examples_are_right
report $? "the program understands each example of README, man pages and --help"
narrow_help_fits
report $? "help fits a terminal of 60 columns"
echo "1..$number"
exit $((failures > 0))
