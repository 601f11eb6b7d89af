/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The two halves of sandbox.h: powers, and the list of system calls. */
#pragma once

#include "src/host/sandbox.h"

/* No other system calls from here on; sets no_new_privs. 0 or a negative errno. */
int sandbox_allow_calls(const struct sandbox_options *options);
