/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/cli/command.h"
#include "src/cli/completion.h"

/* After the command's own words, _arguments is to see what looks like a command with options. What
 * comes after "--" is another program's. */
static const char head[] =
    "#compdef local-gadget\n"
    "# Completion of local-gadget for zsh, printed by 'local-gadget completion zsh'.\n"
    "_local_gadget_names() {\n"
    "    " COMPLETION_NAMES_COMMAND "\n"
    "}\n"
    "_local_gadget() {\n"
    "    case \"${words[2]} ${words[3]}\" in\n";

static const char tail[] = "    esac\n"
                           "}\n"
                           "if [[ $funcstack[1] == _local-gadget ]]; then\n"
                           "    _local_gadget \"$@\"\n"
                           "else\n"
                           "    compdef _local_gadget local-gadget\n"
                           "fi\n";

/* Quoted inside '...': a quote ends the quoting, is written, and it goes on. */
static void print_text(FILE *file, const char *text)
{
    _cleanup_(free_string)
    char *sentence = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&sentence, &size);

    if (!memory)
        return;
    completion_print_sentence(memory, text, "[]:\\", "\\");
    if (fclose(memory) != 0)
        return;
    for (const char *at = sentence; *at; at++)
        (void)fprintf(file, *at == '\'' ? "'\\''" : "%c", *at);
}

static void print_escaped(FILE *file, const char *text, const char *special)
{
    for (; *text; text++)
        (void)fprintf(file, "%s%c", strchr(special, *text) ? "\\" : "", *text);
}

/* With what is special to the shell or to _arguments escaped. */
static void print_terms(FILE *file, const char *words)
{
    (void)fprintf(file, " _sequence compadd -S \"\" - ");
    print_escaped(file, words, ":!~<>");
}

static void print_value(FILE *file, const struct option_row *row, enum completion_source source,
                        const char *words)
{
    (void)fputc(':', file);
    print_escaped(file, row->argument, ":");
    (void)fputc(':', file);
    if (source == COMPLETION_FILES)
        (void)fprintf(file, "_files");
    else if (source == COMPLETION_NAMES)
        (void)fprintf(file, " _sequence compadd - ${(f)\"$(_local_gadget_names)\"}");
    else if (source == COMPLETION_TERMS)
        print_terms(file, words);
    else if (source == COMPLETION_WORDS && completion_takes_list(row))
        (void)fprintf(file, " _sequence compadd - %s", words);
    else if (source == COMPLETION_WORDS)
        (void)fprintf(file, "(%s)", words);
}

static void print_option(FILE *file, const struct command *command, const struct option_row *row)
{
    /* A flag's in the same word, or none; which a letter's cannot be. */
    const char *value = row->argument ? "=" : row->letter ? "" : "=-";

    (void)fprintf(file, " \\\n            ");
    if (row->kind == OPTION_LIST || row->kind == OPTION_REPEATED)
        (void)fprintf(file, "'*'");
    else if (row->letter)
        (void)fprintf(file, "'(-%c --%s)'", row->letter, row->name);
    if (row->letter)
        (void)fprintf(file, "{-%c%s,--%s%s}", row->letter, row->argument ? "+" : "", row->name,
                      value);
    else
        (void)fprintf(file, "--%s%s", row->name, value);
    (void)fprintf(file, "'[");
    print_text(file, row->help);
    (void)fputc(']', file);
    if (row->argument)
        completion_print_value(file, command, row, print_value);
    else if (!row->letter)
        (void)fprintf(file, "::value:(true false)");
    (void)fputc('\'', file);
}

static void print_command(FILE *file, const struct command *command)
{
    int more = strchr(command->name, ' ') ? 2 : 1;

    (void)fprintf(file,
                  "    \"%s\"%s)\n"
                  "        if (( CURRENT > %d )); then\n"
                  "            shift %d words\n"
                  "            (( CURRENT -= %d ))\n",
                  command->name, more == 1 ? "\" \"*" : "", more + 1, more, more);
    if (command->takes_command)
        (void)fprintf(file, "            if (( ${words[(i)--]} < CURRENT )); then\n"
                            "                (( CURRENT -= ${words[(i)--]} ))\n"
                            "                shift ${words[(i)--]} words\n"
                            "                _normal\n"
                            "                return\n"
                            "            fi\n");
    (void)fprintf(file, "            _arguments -s");
    for (size_t i = 0; i < command->options->count; i++) {
        if (!command->options->rows[i].hidden)
            print_option(file, command, &command->options->rows[i]);
    }
    if (command->operands)
        (void)fprintf(file, " \\\n            '1: :(%s)'", command->operands);
    (void)fprintf(file, "\n            return\n        fi\n        ;;\n");
}

static void print_names(FILE *file)
{
    (void)fprintf(file, "    esac\n    case $CURRENT in\n    2) compadd -");
    for (const struct command *const *command = commands; *command; command++)
        (void)fprintf(file, " %.*s", (int)strcspn((*command)->name, " "), (*command)->name);
    (void)fprintf(file, " help ;;\n");
    for (const struct command *const *command = commands; *command; command++) {
        const char *space = strchr((*command)->name, ' ');

        if (space)
            (void)fprintf(file, "    3) [[ ${words[2]} == %.*s ]] && compadd - %s ;;\n",
                          (int)(space - (*command)->name), (*command)->name, space + 1);
    }
}

void completion_print_zsh(FILE *file)
{
    (void)fputs(head, file);
    for (const struct command *const *command = commands; *command; command++)
        print_command(file, *command);
    print_names(file);
    (void)fputs(tail, file);
}
