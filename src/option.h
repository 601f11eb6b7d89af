/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Command-line options as tables: getopt_long, --help, the completions and the man pages are all
 * made from them, so that they cannot disagree.
 */
#pragma once

#include "src/error.h"

enum option_kind {
    OPTION_FLAG,        /* bool: --name, --name=true, --name=false */
    OPTION_TEXT,        /* const char *: borrowed from argv */
    OPTION_LIST,        /* struct option_list: comma separated and repeatable */
    OPTION_DURATION,    /* uint64_t in microseconds: "10", "1.5s", "500ms", "2m" */
    OPTION_SIZE,        /* uint64_t in bytes: "65536", "64K", "16M" */
    OPTION_UNSIGNED,    /* uint64_t */
};

struct option_list {
    const char **words; /* owned array of borrowed words, in order; each is NUL-terminated */
    size_t count;
    char **copies;      /* owned storage that the words point into */
    size_t copy_count;
};

struct option_row {
    char letter;          /* 0: none */
    const char *name;     /* long name without dashes */
    const char *argument; /* "NAME" in --help; NULL: none (flags) */
    enum option_kind kind;
    size_t offset;        /* of the variable inside the command's option structure */
    const char *help;     /* one or two sentences */
    const char *const *choices; /* words for completion, NULL at the end; NULL: free text */
    const char *section;  /* heading in --help, shared by neighbours; NULL: same as the one above */
};

struct option_table {
    const struct option_row *rows;
    size_t count;
};

/*
 * Parses argv[1..] into `values` (a structure that the rows' offsets refer to). Operands (words that
 * are no options, or all after "--") are moved to the end, *ret_operand is the index of the first.
 * Unknown option or bad value: -EINVAL with a sentence that names it, what is accepted, and a near
 * name when there is one. Abbreviations are not accepted: scripts must not break when a flag is
 * added.
 */
int option_parse(const struct option_table *table, int argc, char **argv, void *values,
                 int *ret_operand, struct error *error);

/* Frees what OPTION_LIST variables own. */
void option_clear(const struct option_table *table, void *values);

/* The options part of --help, wrapped to `width` columns (0: 80). */
void option_print_help(const struct option_table *table, FILE *file, unsigned int width);
