/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Users that may run containers of their own: those with a run-time directory /run/user/UID. Asks
 * no name service (a directory server may take seconds, and its modules would be loaded into a root
 * process): the passwd file, then what logind wrote down about the session.
 */
#pragma once

#include <sys/types.h>

#include "src/base/macros.h"

/* Fills `uids` with at most `max` users other than root, ascending. The number of them, 0 if there
 * is no /run/user. */
size_t users_list(const char *host_root, uid_t *uids, size_t max);

/*
 * The home directory of a user, with `host_root` in front, owned by the caller. For users that are
 * not in the passwd file it is /home/NAME with logind's name: a guess, to be confirmed by the
 * owner of that directory. 0, -ENOENT, -ENOMEM.
 */
int users_home(const char *host_root, uid_t uid, char **ret_home);
