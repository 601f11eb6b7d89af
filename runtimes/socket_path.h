/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where an engine listens: the user's word, else the environment, else the usual places. */
#pragma once

#include "runtimes/runtime.h"

/*
 * The socket to use, owned by the caller: options->socket_path, else, unless they are to be
 * ignored, the first of the driver's variables that names a unix socket ("unix:///PATH" or "/PATH";
 * "tcp://..." is not ours to follow), else the first of the usual paths that exists (below
 * $HOST_ROOT), else the first one. NULL in *ret_path for a driver without sockets. 0 or -ENOMEM.
 */
int socket_path_choose(const struct runtime_driver *driver, const struct runtime_options *options,
                       char **ret_path);

/* Whether one of the driver's variables names a unix socket. */
bool socket_path_in_environment(const struct runtime_driver *driver);
