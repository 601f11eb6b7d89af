/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/cli/command.h"
#include "src/cli/completion.h"

static void print_description(FILE *file, const char *text)
{
    (void)fprintf(file, " -d '");
    completion_print_sentence(file, text, "'\\", "\\");
    (void)fprintf(file, "'\n");
}

static void print_value(FILE *file, const struct option_row *row, enum completion_source source,
                        const char *words)
{
    if (source == COMPLETION_FILES)
        (void)fprintf(file, " -r -F");
    else if (source == COMPLETION_NAMES)
        (void)fprintf(file, " -x -a '(__fish_append , (__local_gadget_names))'");
    else if (source != COMPLETION_NOTHING && completion_takes_list(row))
        (void)fprintf(file, " -x -a '(__fish_append , (string split \" \" \"%s\"))'", words);
    else if (source == COMPLETION_WORDS)
        (void)fprintf(file, " -x -a '%s'", words);
    else
        (void)fprintf(file, " -x");
}

static void print_command(FILE *file, const struct command *command)
{
    const char *space = strchr(command->name, ' ');
    const char *word = space ? space + 1 : command->name;

    if (space)
        (void)fprintf(file,
                      "complete -c local-gadget -n '__fish_seen_subcommand_from %.*s; and not "
                      "__fish_seen_subcommand_from %s' -a %s",
                      (int)(space - command->name), command->name, word, word);
    else
        (void)fprintf(file, "complete -c local-gadget -n __fish_use_subcommand -a %s", word);
    print_description(file, command->summary);
    if (command->operands)
        (void)fprintf(file,
                      "complete -c local-gadget -n '__fish_seen_subcommand_from %s' -a '%s'\n",
                      word, command->operands);
    if (command->takes_command)
        (void)fprintf(file,
                      "complete -c local-gadget -n '__fish_seen_subcommand_from %s; and contains "
                      "-- -- (commandline -opc)' -F -a '(__local_gadget_complete_command)'\n",
                      word);
    for (size_t i = 0; i < command->options->count; i++) {
        const struct option_row *row = &command->options->rows[i];

        if (row->hidden)
            continue;
        (void)fprintf(file, "complete -c local-gadget -n '__fish_seen_subcommand_from %s'", word);
        if (row->letter)
            (void)fprintf(file, " -s %c", row->letter);
        (void)fprintf(file, " -l %s", row->name);
        if (row->argument)
            completion_print_value(file, command, row, print_value);
        else
            (void)fprintf(file, " -a 'true false'");
        print_description(file, row->help);
    }
}

void completion_print_fish(FILE *file)
{
    (void)fprintf(file,
                  "# Completion of local-gadget for fish, printed by 'local-gadget completion "
                  "fish'.\n"
                  "function __local_gadget_names\n"
                  "    " COMPLETION_NAMES_COMMAND "\n"
                  "end\n"
                  "# Behind a \"--\" stands another program, which has completions of its own.\n"
                  "function __local_gadget_complete_command\n"
                  "    set -l words (commandline -opc) (commandline -ct)\n"
                  "    set -l first (math (contains -i -- -- $words) + 1)\n"
                  "    complete -C (string join ' ' -- $words[$first..-1])\n"
                  "end\n"
                  "complete -c local-gadget -f\n"
                  "complete -c local-gadget -n __fish_use_subcommand -a help -d 'Explain a "
                  "command and its options'\n");
    for (const struct command *const *command = commands; *command; command++) {
        const char *space = strchr((*command)->name, ' ');

        if (space)
            (void)fprintf(file, "complete -c local-gadget -n __fish_use_subcommand -a %.*s\n",
                          (int)(space - (*command)->name), (*command)->name);
        print_command(file, *command);
    }
}
