/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options of `advise capabilities`. */
#pragma once

#include "src/commands/option_watch.h"

struct advise_options {
    struct common_options common; /* `output` is a word of ADVICE_FORMATS */
    struct watch_options watch;
    bool explain;
    const char *output_file; /* NULL: standard output */
    const char *input;       /* rows of an earlier trace, "-" for standard input; NULL: none */
    bool journal;            /* or its entries in a journal */
    const char *since;       /* of those; NULL: all there is */
    const char *until;
    const char *directory;
    const char *journal_namespace; /* NULL: the system's journal */
    const char *merge;             /* advice of an earlier run, carried on; NULL: none */
    const char *check;             /* and one to be kept to */
};

extern const struct option_table advise_option_table;

/* For struct command: `values` is a struct advise_options, all zero before. */
void advise_options_defaults(void *values);

/* Prose of --help and of the man page. */
extern const char advise_description[];
extern const char advise_examples[];
