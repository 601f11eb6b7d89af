/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of commands, in the order of the overview. */
#include "src/command.h"
#include "src/command_completion.h"
#include "src/command_doctor.h"
#include "src/command_list.h"
#include "src/command_trace.h"
#include "src/command_version.h"

const struct command *const commands[] = {
    &command_trace_capabilities, &command_list_containers, &command_doctor,
    &command_completion,         &command_version,         NULL,
};
