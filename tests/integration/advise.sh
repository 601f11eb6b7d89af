# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# `advise capabilities` in the background, one at a time.
#
#   advised   what it advises, after advise_ends
#   words     what it says on standard error

advised=${HARNESS_WORK-}/advised
words=${HARNESS_WORK-}/words
adviser=

# advise OPTION...: returns once it is attached.
advise() {
    : >"$words" # not yet by the one in the background
    "$LOCAL_GADGET" advise capabilities -v "$@" >"$advised" 2>"$words" &
    adviser=$!
    wait_until grep -q 'tracing with back-end' "$words"
}

# The advice is there.
advise_ends() {
    kill -INT "$adviser"
    wait "$adviser"
}

missing() {
    jq -r '.missing | join(" ")' "$advised"
}
