/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/cli/completion.h"

#include "src/cli/command.h"
#include "src/model/capability.h"
#include "src/model/filter.h"

static void print_capabilities(FILE *file, UNUSED const struct command *command)
{
    for (unsigned int i = 0; i < CAPABILITY_COUNT; i++)
        (void)fprintf(file, "%s%s", i ? " " : "", capability_name(i));
}

void completion_print_fields(FILE *file, const struct command *command)
{
    for (size_t i = 0; command->fields && i < command->fields->count; i++)
        (void)fprintf(file, "%s%s", i ? " " : "", command->fields->fields[i].name);
}

/* Fields with the operators that they have. */
static void print_terms(FILE *file, const struct command *command)
{
    for (size_t i = 0; command->fields && i < command->fields->count; i++) {
        const struct field *field = &command->fields->fields[i];

        for (size_t k = 0; k < FILTER_OPERATORS; k++) {
            if (filter_has_operator(field->kind, (enum filter_operator)k))
                (void)fprintf(file, "%s%s%s", i || k ? " " : "", field->name,
                              filter_operator_text((enum filter_operator)k));
        }
    }
}

bool completion_takes_list(const struct option_row *row)
{
    return strstr(row->argument, ",...");
}

static void print_nothing(UNUSED FILE *file, UNUSED const struct command *command)
{
}

/* What stands for a value in --help tells what can be one. */
static const struct {
    const char *argument;
    enum completion_source source;
    void (*print)(FILE *file, const struct command *command);
} arguments[] = {
    { "NAME,...", COMPLETION_NAMES, print_nothing },
    { "CAP,...", COMPLETION_WORDS, print_capabilities },
    { "FIELD,...", COMPLETION_WORDS, completion_print_fields },
    { "FIELD:VALUE,...", COMPLETION_TERMS, print_terms },
    { "PATH", COMPLETION_FILES, print_nothing },
    { "FILE", COMPLETION_FILES, print_nothing },
};

static enum completion_source print_words(FILE *file, const struct command *command,
                                          const struct option_row *row)
{
    if (row->choices) {
        for (const char *const *choice = row->choices; *choice; choice++)
            (void)fprintf(file, "%s%s", choice == row->choices ? "" : " ", *choice);
        return COMPLETION_WORDS;
    }
    for (size_t i = 0; row->argument && i < ARRAY_SIZE(arguments); i++) {
        if (strcmp(arguments[i].argument, row->argument) != 0)
            continue;
        arguments[i].print(file, command);
        return arguments[i].source;
    }
    return COMPLETION_NOTHING;
}

void completion_print_value(FILE *file, const struct command *command, const struct option_row *row,
                            completion_printer print)
{
    _cleanup_(free_string)
    char *words = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&words, &size);

    if (!memory)
        return;
    enum completion_source source = print_words(memory, command, row);
    if (fclose(memory) == 0)
        print(file, row, source, words);
}

void completion_print_sentence(FILE *file, const char *text, const char *special,
                               const char *escape)
{
    for (; *text && !(*text == '.' && (text[1] == ' ' || !text[1])); text++)
        (void)fprintf(file, "%s%c", strchr(special, *text) ? escape : "", *text);
}
