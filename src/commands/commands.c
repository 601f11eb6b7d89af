/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of commands, in the order of the overview. */
#include "src/cli/command.h"
#include "src/commands/command_advise.h"
#include "src/commands/command_completion.h"
#include "src/commands/command_doctor.h"
#include "src/commands/command_list.h"
#include "src/commands/command_trace.h"
#include "src/commands/command_version.h"

const struct command *const commands[] = {
    &command_trace_capabilities,
    &command_advise_capabilities,
    &command_list_containers,
    &command_doctor,
    &command_completion,
    &command_version,
    NULL,
};
