/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connecting to an engine, and who it is that answers there: unix(7), SO_PEERCRED. */
#pragma once

#include <sys/types.h>

#include "src/base/error.h"

/*
 * A non-blocking stream socket, connected, owned by the caller. *ret_uid is the user that serves
 * it: an engine of root's is believed, one of a user's speaks for that user only. 0 or a negative
 * errno with a sentence.
 */
int socket_connect(const char *path, int *ret_fd, uid_t *ret_uid, struct error *error);
