/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/cli/completion.h"

#include "src/cli/command.h"
#include "src/model/capability.h"
#include "src/model/field.h"

static void print_capabilities(UNUSED const struct command *command, FILE *file)
{
    for (unsigned int i = 0; i < CAPABILITY_COUNT; i++)
        (void)fprintf(file, "%s%s", i ? " " : "", capability_name(i));
}

static void print_fields(const struct command *command, FILE *file)
{
    for (size_t i = 0; command->fields && i < command->fields->count; i++)
        (void)fprintf(file, "%s%s", i ? " " : "", command->fields->fields[i].name);
}

static void print_nothing(UNUSED const struct command *command, UNUSED FILE *file)
{
}

/* What stands for a value in --help tells what can be one. */
static const struct {
    const char *argument;
    enum completion_source source;
    void (*print)(const struct command *command, FILE *file);
} arguments[] = {
    { "CAP,...", COMPLETION_WORDS, print_capabilities },
    { "FIELD,...", COMPLETION_WORDS, print_fields },
    { "PATH", COMPLETION_FILES, print_nothing },
};

enum completion_source completion_words(const struct command *command, const struct option_row *row,
                                        FILE *file)
{
    if (row->choices) {
        for (const char *const *choice = row->choices; *choice; choice++)
            (void)fprintf(file, "%s%s", choice == row->choices ? "" : " ", *choice);
        return COMPLETION_WORDS;
    }
    for (size_t i = 0; row->argument && i < ARRAY_SIZE(arguments); i++) {
        if (strcmp(arguments[i].argument, row->argument) != 0)
            continue;
        arguments[i].print(command, file);
        return arguments[i].source;
    }
    return COMPLETION_NOTHING;
}

void completion_print_sentence(FILE *file, const char *text, const char *special,
                               const char *escape)
{
    for (; *text && !(*text == '.' && (text[1] == ' ' || !text[1])); text++)
        (void)fprintf(file, "%s%c", strchr(special, *text) ? escape : "", *text);
}
