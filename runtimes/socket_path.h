/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where an engine listens: the user's word, else the environment, else the usual places. */
#pragma once

#include "runtimes/runtime.h"

/* A socket that the user has named: there has to be one. */
struct socket_name {
    const char *address;  /* borrowed, without "unix://" or "unix:"; NULL: none was named */
    const char *variable; /* static: of the environment; NULL: named by an option */
    bool remote;          /* "tcp://..." and the like: not ours to follow */
};

/* options->socket_path, else, unless they are to be ignored, the first of the driver's variables
 * that is not empty; of several, one that is not remote. */
struct socket_name socket_path_named(const struct runtime_driver *driver,
                                     const struct runtime_options *options);

/*
 * The socket to use, owned by the caller: the named one, else the first of the usual paths that
 * exists (below $HOST_ROOT), else the first one. NULL in *ret_path for a driver without sockets. 0
 * or -ENOMEM.
 */
int socket_path_choose(const struct runtime_driver *driver, const struct runtime_options *options,
                       char **ret_path);

/* Whether $HOST_ROOT, if it is set, is a directory: else -ENOENT with a sentence. */
int socket_path_check_root(struct error *error);
