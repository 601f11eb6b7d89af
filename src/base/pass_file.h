/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An open file that goes to another process, over a local socket: unix(7), SCM_RIGHTS. */
#pragma once

#include <sys/types.h>

#include "src/base/macros.h"

/* Sends bytes and the file, which stays the caller's, too; -1: the bytes alone. `flags`, of
 * sendmsg(2), go beside MSG_NOSIGNAL. 0 or a negative errno. */
int pass_file(int socket, const void *bytes, size_t length, int file, int flags);

/* Waits for both. How many bytes there were, 0 at the end, or a negative errno; the file, for the
 * caller to close, or -1, in *ret_file. */
ssize_t take_file(int socket, void *bytes, size_t size, int *ret_file);
