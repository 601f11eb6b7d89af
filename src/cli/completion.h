/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Completion scripts for shells, made from the tables of commands, options, fields and
 * capabilities. */
#pragma once

#include "src/base/macros.h"

struct command;
struct option_row;

/* Names of containers are strangers', and shells expand words: only plain ones are offered. */
#define COMPLETION_NAMES_COMMAND                                 \
    "local-gadget list-containers -o columns=name 2>/dev/null |" \
    " LC_ALL=C sed -n '1d; s/ *$//; /^[A-Za-z0-9_][A-Za-z0-9_.\\/@-]*$/p'"

enum completion_source {
    COMPLETION_NOTHING, /* free text */
    COMPLETION_FILES,
    COMPLETION_WORDS,
    COMPLETION_NAMES, /* what COMPLETION_NAMES_COMMAND prints, one a line */
    COMPLETION_TERMS, /* words behind which something has to follow */
};

/* Prints, as one shell has it, that the option's value is one of `words`, separated by blanks, or
 * what else `source` says. */
typedef void (*completion_printer)(FILE *file, const struct option_row *row,
                                   enum completion_source source, const char *words);

/* Has `print` called with what can be the option's value; not for want of memory. */
void completion_print_value(FILE *file, const struct command *command, const struct option_row *row,
                            completion_printer print);

/* Whether a list of words joined by commas is taken. */
bool completion_takes_list(const struct option_row *row);

/* Names of the command's fields, separated by blanks. */
void completion_print_fields(FILE *file, const struct command *command);

void completion_print_bash(FILE *file);
void completion_print_fish(FILE *file);
void completion_print_zsh(FILE *file);

/* First sentence of `text`, its characters out of `special` with `escape` in front. */
void completion_print_sentence(FILE *file, const char *text, const char *special,
                               const char *escape);
