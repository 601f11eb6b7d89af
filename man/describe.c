/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fills in a man page: copies a template to standard output and replaces each line
 *     .\" OPTIONS trace capabilities
 *     .\" FIELDS trace capabilities
 *     .\" COMMANDS
 *     .\" KINDS, .\" OWN, .\" JOURNAL checks
 *     MESSAGE denied
 * by what the program's own tables say; the last one is of the journal's catalog. Runs at build
 * time only.
 */
#include <ctype.h>

#include "src/cli/command.h"
#include "src/model/field.h"
#include "src/model/notice.h"
#include "src/model/record.h"

#define EXPLANATION_SIZE 1024
#define LINE_LENGTH      62 /* before escapes */

/* One word, which may stand at the start of a line. */
static void print_word(const char *word, size_t length)
{
    if (*word == '.' || *word == '\'')
        (void)fputs("\\&", stdout);
    for (size_t i = 0; i < length; i++) {
        if (word[i] == '\\')
            (void)fputs("\\e", stdout);
        else if (word[i] == '\'')
            (void)fputs("\\(aq", stdout);
        else if (word[i] == '-' && (i == 0 || !isalnum((unsigned char)word[i - 1])))
            (void)fputs("\\-", stdout);
        else
            (void)fputc(word[i], stdout);
    }
}

/* Text of a paragraph, in short lines, each sentence on a new one, as mdoc(7) likes it. */
static void print_text(const char *text)
{
    bool new_line = true;
    size_t column = 0;

    while (*text) {
        size_t length = strcspn(text, " ");

        if (!new_line && column + 1 + length > LINE_LENGTH)
            new_line = true;
        else if (!new_line)
            column++;
        if (column > 0)
            (void)fputc(new_line ? '\n' : ' ', stdout);
        column = new_line ? length : column + length;
        print_word(text, length);
        new_line = text[length] && strchr(".?:", text[length - 1]) &&
                   isupper((unsigned char)text[length + 1]);
        text += length + (text[length] == ' ');
    }
    (void)fputc('\n', stdout);
}

static void print_option(const struct option_row *row)
{
    char explanation[EXPLANATION_SIZE];

    (void)printf(".It ");
    if (row->letter)
        (void)printf("Fl %c , ", row->letter);
    (void)printf("Fl \\-%s", row->name);
    if (row->argument)
        (void)printf(" Ar \\&%s", row->argument);
    (void)fputc('\n', stdout);
    option_explanation(row, explanation, sizeof(explanation));
    print_text(explanation);
}

static int print_options(const struct command *command)
{
    const struct option_table *table = command->options;

    for (size_t i = 0; i < table->count; i++) {
        if (table->rows[i].hidden)
            continue;
        if (table->rows[i].section)
            (void)printf("%s.Ss %s\n.Bl -tag -width indent\n", i ? ".El\n" : "",
                         table->rows[i].section);
        print_option(&table->rows[i]);
    }
    (void)printf(".El\n");
    return 0;
}

static int print_fields(const struct command *command)
{
    static const char *const notes[] = {
        [FIELD_SHOWN] = "",
        [FIELD_IF_SEEN] = " A column once a row has it.",
        [FIELD_HIDDEN] = " Not a column unless named.",
    };
    static const char *const json_notes[] = {
        [FIELD_JSON_ALWAYS] = "",
        [FIELD_JSON_IF_SEEN] = " In JSON and YAML where there is one.",
        [FIELD_JSON_NAMED] = " In JSON and YAML only if named.",
    };
    const struct field_table *table = command->fields;

    if (!table || !table->count)
        return -1;
    (void)printf(".Bl -tag -width indent\n");
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];

        char sentence[EXPLANATION_SIZE];

        (void)printf(".It Cm %s\n", field->name);
        (void)snprintf(sentence, sizeof(sentence), "%c%s.", toupper((unsigned char)*field->help),
                       *field->help ? field->help + 1 : "");
        print_text(sentence);
        (void)printf("Column\n.Sy %s ,\nJSON key\n.Ql %s .\n", field->header, field->json);
        if (*notes[field->visibility])
            print_text(notes[field->visibility] + 1);
        if (*json_notes[field->in_json])
            print_text(json_notes[field->in_json] + 1);
    }
    (void)printf(".El\n");
    return 0;
}

static void print_commands(void)
{
    (void)printf(".Bl -tag -width indent\n");
    for (const struct command *const *command = commands; *command; command++) {
        (void)printf(".It Ic %s\n", (*command)->name);
        print_text((*command)->summary);
    }
    (void)printf(".El\n");
}

static void print_help(const char *help)
{
    char sentence[EXPLANATION_SIZE];

    (void)snprintf(sentence, sizeof(sentence), "%c%s.", toupper((unsigned char)*help), help + 1);
    print_text(sentence);
}

static void print_kinds(void)
{
    (void)printf(".Bl -tag -width indent\n");
    for (size_t i = 0; i < JOURNAL_KINDS; i++) {
        (void)printf(".It Ql %s\n", journal_kinds[i].message_id);
        print_help(journal_kinds[i].help);
        (void)printf(".Ql PRIORITY\nis %u.\n", journal_kinds[i].priority);
    }
    (void)printf(".El\n");
}

static void print_own(void)
{
    (void)printf(".Bl -tag -width indent\n");
    for (size_t i = 0; i < journal_own_field_count; i++) {
        (void)printf(".It Ev %s\n", journal_own_fields[i].name);
        print_help(journal_own_fields[i].help);
    }
    (void)printf(".El\n");
}

static int print_journal(const char *rows)
{
    static const struct {
        const char *rows;
        const struct field_table *table;
    } tables[] = {
        { "checks", &record_fields },
        { "losses", &loss_fields },
        { "notices", &notice_fields },
    };

    for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
        if (strcmp(rows, tables[i].rows) != 0)
            continue;
        (void)printf(".Bl -tag -width indent\n");
        for (size_t k = 0; k < tables[i].table->count; k++) {
            const struct field *field = &tables[i].table->fields[k];

            if (journal_has_field(field->journal))
                continue;
            (void)printf(".It Ev %s\n", field->journal);
            print_help(field->help);
        }
        (void)printf(".El\n");
        return 1;
    }
    return -1;
}

static int print_message(const char *kind)
{
    for (size_t i = 0; i < JOURNAL_KINDS; i++) {
        if (strcmp(kind, journal_kinds[i].name) == 0) {
            (void)printf("-- %s\n", journal_kinds[i].message_id);
            return 1;
        }
    }
    return -1;
}

/* As replace(), for what is of the journal. */
static int replace_journal(const char *line)
{
    static const char table[] = ".\\\" JOURNAL ", message[] = "MESSAGE ";

    if (strcmp(line, ".\\\" KINDS") == 0) {
        print_kinds();
        return 1;
    }
    if (strcmp(line, ".\\\" OWN") == 0) {
        print_own();
        return 1;
    }
    if (strncmp(line, table, sizeof(table) - 1) == 0)
        return print_journal(line + sizeof(table) - 1);
    if (strncmp(line, message, sizeof(message) - 1) == 0)
        return print_message(line + sizeof(message) - 1);
    return 0;
}

static const struct {
    const char *marker;
    int (*print)(const struct command *command);
} insertions[] = {
    { ".\\\" OPTIONS ", print_options },
    { ".\\\" FIELDS ", print_fields },
};

/* 1: replaced, 0: an ordinary line, -1: it names what is not there. */
static int replace(char *line)
{
    line[strcspn(line, "\n")] = '\0';
    if (strcmp(line, ".\\\" COMMANDS") == 0) {
        print_commands();
        return 1;
    }
    for (size_t i = 0; i < ARRAY_SIZE(insertions); i++) {
        size_t length = strlen(insertions[i].marker);
        const struct command *command;

        if (strncmp(line, insertions[i].marker, length) != 0)
            continue;
        command = command_find(line + length);
        return command && insertions[i].print(command) == 0 ? 1 : -1;
    }
    return replace_journal(line);
}

int main(int argc, char **argv)
{
    _cleanup_(close_file)
    FILE *file = argc == 2 ? fopen(argv[1], "re") : NULL;
    _cleanup_(free_string)
    char *line = NULL;
    size_t size = 0;

    if (!file) {
        (void)fprintf(stderr, "usage: describe TEMPLATE\n");
        return EXIT_STATUS_USAGE;
    }
    while (getline(&line, &size, file) > 0) {
        int r = replace(line);

        if (r < 0) {
            (void)fprintf(stderr, "%s: no such command or table: %s\n", argv[1], line);
            return EXIT_STATUS_FAILURE;
        }
        if (r == 0)
            (void)puts(line);
    }
    return ferror(file) || fflush(stdout) != 0 ? EXIT_STATUS_FAILURE : EXIT_STATUS_DONE;
}
