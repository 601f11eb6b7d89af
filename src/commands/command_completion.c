/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/commands/command_completion.h"

#include <errno.h>

#include "src/cli/command.h"
#include "src/cli/completion.h"

struct completion_options {
    bool help;
};

static const struct option_row rows[] = {
    { .letter = 'h',
      .name = "help",
      .kind = OPTION_FLAG,
      .offset = offsetof(struct completion_options, help),
      .help = "Print this help.",
      .section = "General" },
};

static const struct option_table options = { rows, ARRAY_SIZE(rows) };

static const struct {
    const char *shell;
    void (*print)(FILE *file);
} shells[] = {
    { "bash", completion_print_bash },
    { "fish", completion_print_fish },
    { "zsh", completion_print_zsh },
};

static int run(UNUSED const void *values, int operand_count, char **operands, struct error *error)
{
    for (size_t i = 0; operand_count == 1 && i < ARRAY_SIZE(shells); i++) {
        if (strcmp(shells[i].shell, operands[0]) != 0)
            continue;
        shells[i].print(stdout);
        return EXIT_STATUS_DONE;
    }
    (void)error_set(error, -EINVAL, "completion takes the name of a shell: bash, fish or zsh");
    return EXIT_STATUS_USAGE;
}

const struct command command_completion = {
    .name = "completion",
    .summary = "Print a completion script for bash, fish or zsh",
    .synopsis = "completion bash|fish|zsh",
    .description = "Prints a script that teaches the shell to complete the commands, options and "
                   "values of local-gadget. `make install` puts all three where shells look.",
    .examples = "  Try it in the shell that you are in:\n"
                "    source <(local-gadget completion bash)",
    .options = &options,
    .operands = "bash fish zsh",
    .values_size = sizeof(struct completion_options),
    .max_operands = 1,
    .run = run,
};
