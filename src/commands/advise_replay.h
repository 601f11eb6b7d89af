/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Advice on rows of an earlier trace: lines of `trace capabilities -o json`, or its entries in a
 * journal. What is said is what the same events would have made of themselves live, as far as they
 * are there.
 */
#pragma once

#include "src/commands/advise_subjects.h"
#include "src/commands/option_advise.h"

struct replay {
    const struct advise_options *options;
    struct advise_subjects *subjects; /* borrowed; where rows go */
    struct match match;
    uint64_t rows;    /* of containers that are wanted; checks, where a row stands for several */
    uint64_t others;  /* likewise of others */
    uint64_t lost;    /* checks that were made, and are no rows */
    uint64_t allowed; /* of all rows */
    char other[64];   /* a container that was not wanted; "": none */
};

/* -EINVAL, with a sentence: what cannot be said of rows, or a moment that is none. */
int replay_check_options(const struct advise_options *options, bool has_command,
                         struct error *error);

/* Reads all there is. 0, or a negative errno with a sentence; never -EINVAL, and never without a
 * row of what was asked for. */
int replay_run(const struct advise_options *options, struct advise_subjects *subjects,
               uint64_t *ret_lost, struct error *error);

/* -------- what the two sources share -------- */

void replay_add(struct replay *replay, const struct record_copy *copy, uint64_t count);

int replay_lines(struct replay *replay, const char *path, struct error *error);
int replay_journal(struct replay *replay, struct error *error);
