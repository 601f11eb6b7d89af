/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/base/help.h"
#include "src/cli/option.h"

#define SPELLING_WIDTH   32
#define SPELLING_SIZE    128
#define EXPLANATION_SIZE 1024

void option_spelling(const struct option_row *row, char *buffer, size_t size)
{
    char letter[5] = "    ";

    if (row->letter)
        (void)snprintf(letter, sizeof(letter), "-%c, ", row->letter);
    (void)snprintf(buffer, size, "%s--%s%s%s", letter, row->name, row->argument ? " " : "",
                   row->argument ? row->argument : "");
}

void option_explanation(const struct option_row *row, char *buffer, size_t size)
{
    size_t length = (size_t)snprintf(buffer, size, "%s", row->help);

    if (!row->choices)
        return;
    for (const char *const *choice = row->choices; *choice && length < size; choice++) {
        const char *first = row->kind == OPTION_LIST ? " Any of: " : " One of: ";
        const char *before = choice == row->choices ? first : ", ";
        size_t word = strlen(*choice);

        length += (size_t)snprintf(buffer + length, size - length, "%s%s%s", before, *choice,
                                   (*choice)[word - 1] == '=' ? "LIST" : "");
    }
    if (length < size)
        (void)snprintf(buffer + length, size - length, ".");
}

void option_print_help(const struct option_table *table, const struct help *help)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct option_row *row = &table->rows[i];
        char spelling[SPELLING_SIZE], explanation[EXPLANATION_SIZE];

        if (row->hidden)
            continue;
        if (row->section)
            help_heading(help, row->section);
        option_spelling(row, spelling, sizeof(spelling));
        option_explanation(row, explanation, sizeof(explanation));
        help_entry(help, SPELLING_WIDTH, spelling, explanation);
    }
}
