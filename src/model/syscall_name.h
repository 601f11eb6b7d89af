/* SPDX-License-Identifier: GPL-2.0-or-later */
/* System calls by name, through libseccomp; each is looked up once. */
#pragma once

#include "src/base/macros.h"

/* `compat`: a number of the 32-bit table. Those of x32 are told by themselves. NULL for a number
 * without a name. The text is static. */
const char *syscall_name(int number, bool compat);

/* The other way round, "write" or "4711"; negative: there is none. *ret_compat as above. */
int syscall_number(const char *name, bool *ret_compat);
