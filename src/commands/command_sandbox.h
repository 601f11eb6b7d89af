/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Once what takes powers is open they are laid down, and it is said what is left. */
#pragma once

#include "src/commands/option_common.h"
#include "src/host/sandbox.h"

/* `options` without foreign_sockets, which the sockets that were named tell. 0 or a negative errno
 * with a sentence. */
int command_lay_down(const struct common_options *common, struct sandbox_options options,
                     struct error *error);
