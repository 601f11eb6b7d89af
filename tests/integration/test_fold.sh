#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Who reads a file that is not for him is asked for DAC_READ_SEARCH and then for DAC_OVERRIDE: in
# columns one row, if the second is allowed. JSON has each check.
. "$(dirname "$0")/lib.sh"
harness_enter "$0" "$@"
docker_start

container reader -- sh -c 'umask 777; : >/f; while :; do cat /f; sleep 0.05; done'

tracer_start -c reader --comm cat
sees "JSON has both" '.capName == "DAC_READ_SEARCH" and .verdict == "Deny"' 3
sees "the second is allowed" '.capName == "DAC_OVERRIDE" and .verdict == "Allow"' 3
ends_well "that trace ends"

# A thread that was stopped between the two is waited for only so long: then both are shown.
columns() {
    "$LOCAL_GADGET" trace capabilities -v -c reader --comm cat --max-events 20 "$@" \
        >"$HARNESS_WORK/columns" 2>"$tracer_words"
}
rows_of() { grep -c "$1" "$HARNESS_WORK/columns"; }
folded() { sed -n 's/^local-gadget: \([0-9]*\) denials of DAC_READ_SEARCH.*/\1/p' "$tracer_words"; }

columns
check "columns leave the first out" [ "$(rows_of 'DAC_READ_SEARCH.*Deny')" -lt 5 ]
check "and count it" [ "$(folded)" -gt 10 ]
note "$(tail -n 3 "$tracer_words" | tr '\n' ';')"
columns --all
check "--all has both" [ "$(rows_of 'DAC_READ_SEARCH.*Deny')" -gt 5 ]
columns --verdict deny
same "what nothing answers is shown" 20 "$(rows_of 'DAC_READ_SEARCH.*Deny')"
remove reader

container reader --cap-drop ALL -- sh -c 'umask 777; : >/f; while :; do cat /f; sleep 0.05; done'
columns
check "and so is what is denied, too" [ "$(rows_of 'DAC_READ_SEARCH.*Deny')" -ge 9 ]
same "none was left out" "" "$(folded)"
tap_end
