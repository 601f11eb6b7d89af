/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/cli/command.h"
#include "src/cli/completion.h"

/* bash splits at '=': "--verdict=al" arrives as three words, "columns=pid" too. */
static const char head[] =
    "# Completion of local-gadget for bash, printed by 'local-gadget completion bash'.\n"
    "_local_gadget()\n"
    "{\n"
    "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}\n"
    "    local line=\" ${COMP_WORDS[*]:1:COMP_CWORD - 1} \" words='' prefix=''\n"
    "\n"
    "    COMPREPLY=()\n"
    "    if [[ $word == = ]]; then\n"
    "        word=''\n"
    "    elif [[ $before == = ]]; then\n"
    "        before=${COMP_WORDS[COMP_CWORD - 2]}\n"
    "    fi\n"
    "    case $line in\n";

static const char tail[] =
    "    esac\n"
    "    [[ $word == *,* ]] && prefix=${word%,*},\n"
    "    mapfile -t COMPREPLY < <(compgen -P \"$prefix\" -W \"$words\" -- \"${word##*,}\")\n"
    "    [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace\n"
    "    return 0\n"
    "}\n"
    "complete -F _local_gadget local-gadget\n";

static void print_value(FILE *file, const struct option_row *row, enum completion_source source,
                        const char *words)
{
    (void)fprintf(file, "        %s%.1s%s--%s)", row->letter ? "-" : "", &row->letter,
                  row->letter ? " | " : "", row->name);
    if (source == COMPLETION_FILES)
        (void)fprintf(file, " mapfile -t COMPREPLY < <(compgen -f -- \"$word\") && return ;;\n");
    else
        (void)fprintf(file, " words='%s' ;;\n", words);
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
    for (size_t i = 0; i < command->options->count; i++)
        if (command->options->rows[i].argument)
            completion_print_value(file, command, &command->options->rows[i], print_value);
    if (command->fields) {
        (void)fprintf(file, "        columns | custom-columns) words='");
        completion_print_fields(file, command);
        (void)fprintf(file, "' ;;\n");
    }
    (void)fprintf(file, "        *) words='");
    for (size_t i = 0; i < command->options->count; i++)
        (void)fprintf(file, "%s--%s", i ? " " : "", command->options->rows[i].name);
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
