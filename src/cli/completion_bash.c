/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/cli/command.h"
#include "src/cli/completion.h"
#include "src/model/filter.h"

/* bash splits at '=' and ':': "--verdict=al" arrives as three words, "columns=pid" and "pid:1" too.
 * What is before a '=' has that at its end here. */
static const char head[] =
    "# Completion of local-gadget for bash, printed by 'local-gadget completion bash'.\n"
    "_local_gadget_names()\n"
    "{\n"
    "    " COMPLETION_NAMES_COMMAND "\n"
    "}\n"
    "\n"
    "_local_gadget()\n"
    "{\n"
    "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}\n"
    "    local line=\" ${COMP_WORDS[*]:1:COMP_CWORD - 1} \" words='' prefix=''\n"
    "\n"
    "    COMPREPLY=()\n"
    "    if [[ $word == = ]]; then\n"
    "        before+='=' word=''\n"
    "    elif [[ $before == = ]]; then\n"
    "        before=${COMP_WORDS[COMP_CWORD - 2]}=\n"
    "    elif [[ $word == : ]]; then\n"
    "        before=:${before##*,} word=''\n"
    "    elif [[ $before == : && $word == *,* ]]; then\n"
    "        before=--filter\n"
    "    elif [[ $before == : ]]; then\n"
    "        before=:${COMP_WORDS[COMP_CWORD - 2]##*,}\n"
    "    fi\n"
    "    case $line in\n";

static const char tail[] =
    "    esac\n"
    "    [[ $word == *,* ]] && prefix=${word%,*},\n"
    "    mapfile -t COMPREPLY < <(compgen -P \"$prefix\" -W \"$words\" -- \"${word##*,}\")\n"
    "    [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *[=:~!\\<\\>] ]] && compopt -o nospace\n"
    "    return 0\n"
    "}\n"
    "complete -F _local_gadget local-gadget\n";

static void print_value(FILE *file, const struct option_row *row, enum completion_source source,
                        const char *words)
{
    (void)fprintf(file, "        %s%.1s%s--%s | --%s=)", row->letter ? "-" : "", &row->letter,
                  row->letter ? " | " : "", row->name, row->name);
    if (source == COMPLETION_NAMES)
        (void)fprintf(file, " words=$(_local_gadget_names) ;;\n");
    else if (source == COMPLETION_FILES)
        (void)fprintf(
            file,
            " compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- \"$word\") && return ;;\n");
    else
        (void)fprintf(file, " words='%s' ;;\n", words);
}

/* Behind the colon of a filter: operators, and the words of those that have a few. compgen takes a
 * tilde for somebody's home. */
static void print_values(FILE *file, const struct field *field)
{
    (void)fprintf(file, "        :%s) words='", field->name);
    for (size_t i = 0; i < FILTER_OPERATORS; i++) {
        const char *text = filter_operator_text((enum filter_operator)i) + 1;

        if (filter_has_operator(field->kind, (enum filter_operator)i) && *text)
            (void)fprintf(file, "%s%s ", *text == '~' ? "\\" : "", text);
    }
    for (size_t i = 0; field->words && field->words->word(i); i++)
        (void)fprintf(file, "%s ", field->words->word(i));
    (void)fprintf(file, "' ;;\n");
}

static void print_filter(FILE *file, const struct command *command)
{
    if (!command->fields || !option_find(command->options, "filter", strlen("filter")))
        return;
    for (size_t i = 0; i < command->fields->count; i++)
        print_values(file, &command->fields->fields[i]);
}

static void print_command(FILE *file, const struct command *command)
{
    (void)fprintf(file, "    \" %s \"*)\n", command->name);
    if (command->takes_command)
        (void)fprintf(file, "        if [[ $line == *' -- '* ]]; then\n"
                            "            mapfile -t COMPREPLY < <(compgen -c -f -- \"$word\")\n"
                            "            return\n"
                            "        fi\n");
    (void)fprintf(file, "        case $before in\n");
    for (size_t i = 0; i < command->options->count; i++) {
        const struct option_row *row = &command->options->rows[i];

        if (row->argument && !row->hidden)
            completion_print_value(file, command, row, print_value);
        else if (!row->hidden)
            (void)fprintf(file, "        --%s=) words='true false' ;;\n", row->name);
    }
    if (command->fields) {
        (void)fprintf(file, "        columns= | custom-columns=) words='");
        completion_print_fields(file, command);
        (void)fprintf(file, "' ;;\n");
    }
    print_filter(file, command);
    (void)fprintf(file, "        *) words='");
    for (size_t i = 0; i < command->options->count; i++) {
        if (!command->options->rows[i].hidden)
            (void)fprintf(file, "%s--%s", i ? " " : "", command->options->rows[i].name);
    }
    (void)fprintf(file, "%s%s' ;;\n        esac\n        ;;\n", command->operands ? " " : "",
                  command->operands ? command->operands : "");
}

/* First words, and what may follow those of groups. */
static void print_names(FILE *file)
{
    for (const struct command *const *command = commands; *command; command++) {
        const char *space = strchr((*command)->name, ' ');

        if (space)
            (void)fprintf(file, "    \" %.*s \"*) words='%s' ;;\n", (int)(space - (*command)->name),
                          (*command)->name, space + 1);
    }
    (void)fprintf(file, "    *) words='");
    for (const struct command *const *command = commands; *command; command++)
        (void)fprintf(file, "%.*s ", (int)strcspn((*command)->name, " "), (*command)->name);
    (void)fprintf(file, "help' ;;\n");
}

void completion_print_bash(FILE *file)
{
    (void)fputs(head, file);
    for (const struct command *const *command = commands; *command; command++)
        print_command(file, *command);
    print_names(file);
    (void)fputs(tail, file);
}
