/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/commands/command_version.h"

#include "src/cli/command.h"

struct version_options {
    bool help;
};

static const struct option_row rows[] = {
    { .letter = 'h',
      .name = "help",
      .kind = OPTION_FLAG,
      .offset = offsetof(struct version_options, help),
      .help = "Print this help.",
      .section = "Options" },
};

static const struct option_table options = { rows, ARRAY_SIZE(rows) };

static int run(UNUSED const void *values, UNUSED int operand_count, UNUSED char **operands,
               UNUSED struct error *error)
{
    (void)printf("local-gadget %s\n", VERSION);
    return EXIT_STATUS_DONE;
}

const struct command command_version = {
    .name = "version",
    .summary = "Print the version",
    .synopsis = "version",
    .description = "Prints the name of the program and its version.",
    .options = &options,
    .values_size = sizeof(struct version_options),
    .run = run,
};
