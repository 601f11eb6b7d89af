/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `advise capabilities` */
#pragma once

#include "src/cli/command.h"

extern const struct command command_advise_capabilities;
