/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/base/help.h"
#include "src/cli/command.h"
#include "src/model/field.h"

#define COMMAND_WIDTH 20
#define FIELD_WIDTH   16

/* On two lines where one is too narrow for it. */
static void print_usage(const struct help *help, const char *synopsis)
{
    static const char start[] = "Usage: local-gadget ";
    const char *last = strstr(synopsis, " [-- ");
    size_t length = strlen(synopsis);

    if (last && sizeof(start) - 1 + length > help->width)
        length = (size_t)(last - synopsis);
    (void)fprintf(help->file,
                  help->bold ? "\033[1mUsage:\033[0m local-gadget %.*s\n%s%s\n"
                             : "Usage: local-gadget %.*s\n%s%s\n",
                  (int)length, synopsis, synopsis[length] ? "           " : "", synopsis + length);
    if (synopsis[length])
        (void)fputc('\n', help->file);
}

static const char *const field_headings[] = {
    [FIELD_SHOWN] = "Fields that are columns",
    [FIELD_IF_SEEN] = "Fields that are columns once a row has them",
    [FIELD_HIDDEN] = "Other fields, for --fields, and most for JSON and YAML",
};

static void print_fields(const struct help *help, const struct field_table *table,
                         enum field_visibility visibility)
{
    bool found = false;

    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];

        if (field->visibility != visibility)
            continue;
        if (!found)
            help_heading(help, field_headings[visibility]);
        help_entry(help, FIELD_WIDTH, field->name, field->help);
        found = true;
    }
}

void command_print_help(const struct command *command, const struct help *help)
{
    print_usage(help, command->synopsis);
    help_text(help, 0, command->description);
    option_print_help(command->options, help);
    for (size_t i = 0; command->fields && i < ARRAY_SIZE(field_headings); i++)
        print_fields(help, command->fields, (enum field_visibility)i);
    if (command->examples) {
        help_heading(help, "Examples");
        help_text(help, 0, command->examples);
    }
}

static void print_exit_status(const struct help *help)
{
    help_heading(help, "Exit status");
    help_entry(help, 1, "0",
               "done: the time or the number of events asked for has passed, or you "
               "pressed Ctrl-C");
    help_entry(help, 1, "1", "failure; the last line on standard error says what and what to do");
    help_entry(help, 1, "2", "the command line was not understood");
    help_entry(help, 1, "3", "done, and something was denied: only with --fail-on deny");
}

void command_print_overview(const struct help *help)
{
    print_usage(help, "COMMAND [OPTION...]");
    help_text(help, 0,
              "Shows which Linux capabilities the containers of this host ask for, and whether "
              "the kernel allows or denies them. It watches with BPF and changes nothing.");
    help_heading(help, "Commands");
    for (const struct command *const *command = commands; *command; command++)
        help_entry(help, COMMAND_WIDTH, (*command)->name, (*command)->summary);
    help_entry(help, COMMAND_WIDTH, "help COMMAND", "Explain a command and its options");
    help_heading(help, "Examples");
    help_text(help, 0,
              "  sudo local-gadget trace capabilities\n"
              "  sudo local-gadget trace capabilities -c web,db --verdict deny\n"
              "  sudo local-gadget trace capabilities -o json --unique -t 30s > checks.json\n"
              "  sudo local-gadget list-containers");
    print_exit_status(help);
    (void)fputc('\n', help->file);
    help_text(help, 0,
              "'local-gadget COMMAND --help' explains a command, 'man local-gadget' the whole.");
}

void command_print_group(const char *group, const struct help *help)
{
    size_t length = strlen(group);
    char synopsis[128];

    (void)snprintf(synopsis, sizeof(synopsis), "%s WHAT [OPTION...]", group);
    print_usage(help, synopsis);
    help_text(help, 0, "Watches something as it happens, until Ctrl-C.");
    help_heading(help, "Commands");
    for (const struct command *const *command = commands; *command; command++)
        if (strncmp((*command)->name, group, length) == 0 && (*command)->name[length] == ' ')
            help_entry(help, COMMAND_WIDTH, (*command)->name, (*command)->summary);
    (void)fputc('\n', help->file);
    (void)fprintf(help->file, "'local-gadget %s WHAT --help' explains one.\n", group);
}
