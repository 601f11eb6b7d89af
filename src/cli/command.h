/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands as a table: dispatch, usage, the completions and the man pages read it. */
#pragma once

#include "src/base/error.h"
#include "src/cli/option.h"

struct field_table;

struct command {
    const char *name;        /* "trace capabilities": one or two words */
    const char *summary;     /* one line for the list of commands */
    const char *synopsis;    /* after the program's name: "trace capabilities [OPTION...]" */
    const char *description; /* paragraphs of --help, separated by newlines */
    const char *examples;    /* lines "  $ local-gadget ..." with comments, NULL: none */
    const struct option_table *options;
    const struct field_table *fields; /* listed in --help; NULL: none */
    size_t values_size;               /* of the option structure, zeroed before `defaults` */
    void (*defaults)(void *values);   /* NULL: all zero */
    int max_operands;                 /* more words than this are refused */
    bool takes_command;               /* what follows "--" is a command to be run: all of it is the
                                         operands, and a failure of ours is EXIT_STATUS_OURS */
    const char *operands;             /* for completion, separated by blanks; NULL: none */
    /*
     * Runs; returns an exit status. `values` is parsed, operands follow. A message left in `error`
     * is printed; with EXIT_STATUS_USAGE, so is where to find help.
     */
    int (*run)(const void *values, int operand_count, char **operands, struct error *error);
};

extern const struct command *const commands[]; /* NULL at the end */

/* argv to exit status: finds the command, parses its options, prints errors and help. */
int command_main(int argc, char **argv);

/* By name, "trace capabilities"; NULL when there is none. */
const struct command *command_find(const char *name);

struct help;

/* What --help prints. */
void command_print_help(const struct command *command, const struct help *help);
void command_print_overview(const struct help *help);

/* The commands whose first of two words is `group`. */
void command_print_group(const char *group, const struct help *help);
