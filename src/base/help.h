/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Help for people: wrapped to the terminal, headings in bold where there is one. */
#pragma once

#include "src/base/macros.h"

struct help {
    FILE *file;         /* borrowed */
    unsigned int width; /* columns to fill */
    bool bold;
};

/* The terminal's width (80 without one, never over 100: long lines read badly), and bold unless
 * NO_COLOR is set, TERM is "dumb", or `file` is no terminal. */
struct help help_for(FILE *file);

void help_heading(const struct help *help, const char *text);

/* Paragraphs are separated by '\n', and printed with an empty line between them; one that begins
 * with a blank is a line that is printed as it is. */
void help_text(const struct help *help, unsigned int indent, const char *text);

/* A name on the left and its explanation: beside it where the width allows, else below.
 * `left_width` is the room for names. */
void help_entry(const struct help *help, unsigned int left_width, const char *name,
                const char *text);

/* Words of `text` from column `column` on; following lines begin at `indent`. Ends the line. */
void help_wrap(const struct help *help, unsigned int column, unsigned int indent, const char *text,
               size_t length);
