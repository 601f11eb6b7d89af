/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `trace capabilities` */
#pragma once

#include "src/cli/command.h"

extern const struct command command_trace_capabilities;
