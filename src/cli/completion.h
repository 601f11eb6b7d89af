/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Completion scripts for shells, made from the tables of commands, options, fields and
 * capabilities. */
#pragma once

#include "src/base/macros.h"

struct command;
struct option_row;

enum completion_source {
    COMPLETION_NOTHING, /* free text */
    COMPLETION_FILES,
    COMPLETION_WORDS,
};

/* What can be the option's value, and the words of it, separated by blanks, into `file`. */
enum completion_source completion_words(const struct command *command, const struct option_row *row,
                                        FILE *file);

void completion_print_bash(FILE *file);
void completion_print_fish(FILE *file);
void completion_print_zsh(FILE *file);

/* First sentence of `text`, its characters out of `special` with `escape` in front. */
void completion_print_sentence(FILE *file, const char *text, const char *special,
                               const char *escape);
