/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Command-line options as tables: the parser, --help, the completions and the man pages are all
 * made from them, so that they cannot disagree.
 */
#pragma once

#include "src/base/error.h"

struct help;

enum option_kind {
    OPTION_FLAG,     /* bool: --name, --name=true, --name=false */
    OPTION_TEXT,     /* const char *: borrowed from argv, or from `choices` */
    OPTION_LIST,     /* struct option_list: comma separated and repeatable */
    OPTION_REPEATED, /* struct option_list: repeatable; commas are the value's own */
    OPTION_DURATION, /* uint64_t in microseconds: "10", "1.5s", "500ms", "2m" */
    OPTION_SIZE,     /* uint64_t in bytes: "65536", "64K", "16M" */
    OPTION_UNSIGNED, /* uint64_t */
};

struct option_list {
    const char **words; /* owned array of borrowed words, in order; each is NUL-terminated */
    size_t count;
    char **copies; /* owned storage that the words point into */
    size_t copy_count;
};

struct option_row {
    char letter;          /* 0: none */
    const char *name;     /* long name without dashes */
    const char *argument; /* "NAME" in --help; NULL: none (flags) */
    enum option_kind kind;
    size_t offset;    /* of the variable inside the command's option structure */
    const char *help; /* one or two sentences */
    /*
     * The words that a text or a list accepts, in any letter case, NULL at the end; NULL: free
     * text. The variable gets the word as written here. One that ends in '=' stands for all that
     * begin with it.
     */
    const char *const *choices;
    bool hidden; /* another tool's name for one that is listed: understood, but told to nobody */
    const char *section; /* heading in --help, shared by neighbours; NULL: same as the one above */
};

struct option_table {
    const struct option_row *rows;
    size_t count;
};

/*
 * Parses argv[1..] into `values` (a structure that the rows' offsets refer to). Operands (words
 * that are no options, or all after "--") are moved to the end, over what was parsed; *ret_operand
 * is the index of the first. Of a repeated option the last one counts; lists add up.
 *
 * Unknown option or bad value: -EINVAL with a sentence that names it, what is accepted, and a near
 * name when there is one. Abbreviations are not accepted: scripts must not break when a flag is
 * added. A value in a word of its own may not begin with '-' (a forgotten value would swallow the
 * next option); "--name=-value" takes one that does. -ENOMEM is the other failure. Lists may be
 * half filled then: call option_clear in any case.
 */
int option_parse(const struct option_table *table, int argc, char **argv, void *values,
                 int *ret_operand, struct error *error);

/* Frees what variables of OPTION_LIST and OPTION_REPEATED own. */
void option_clear(const struct option_table *table, void *values);

/* By long name; NULL when there is none. */
const struct option_row *option_find(const struct option_table *table, const char *name,
                                     size_t length);

/* "-c, --containername NAME,..." for help; cut to `size`. */
void option_spelling(const struct option_row *row, char *buffer, size_t size);

/* The row's help, with its choices added; cut to `size`. */
void option_explanation(const struct option_row *row, char *buffer, size_t size);

/* The options part of --help. */
void option_print_help(const struct option_table *table, const struct help *help);
