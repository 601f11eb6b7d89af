/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtimes/socket_path.h"

#include <errno.h>

/* The path in "unix:///PATH" or "/PATH"; NULL for anything else. */
static const char *local_path(const char *address)
{
    static const char scheme[] = "unix://";
    if (address && strncmp(address, scheme, sizeof(scheme) - 1) == 0)
        address += sizeof(scheme) - 1;
    return address && address[0] == '/' ? address : NULL;
}

static const char *from_environment(const struct runtime_driver *driver)
{
    const char *path = NULL;
    for (const char *const *name = driver->environment; name && *name && !path; name++)
        path = local_path(getenv(*name));
    return path;
}

bool socket_path_in_environment(const struct runtime_driver *driver)
{
    return from_environment(driver);
}

static int from_defaults(const struct runtime_driver *driver, char **ret_path)
{
    const char *host_root = getenv("HOST_ROOT");
    _cleanup_(free_string)
    char *first = NULL;
    for (const char *const *path = driver->socket_paths; *path; path++) {
        _cleanup_(free_string)
        char *full = NULL;
        if (asprintf(&full, "%s%s", host_root ? host_root : "", *path) < 0)
            return -ENOMEM;
        if (access(full, F_OK) == 0) {
            *ret_path = TAKE_PTR(full);
            return 0;
        }
        if (!first)
            first = TAKE_PTR(full);
    }
    *ret_path = TAKE_PTR(first);
    return 0;
}

int socket_path_choose(const struct runtime_driver *driver, const struct runtime_options *options,
                       char **ret_path)
{
    if (!driver->socket_paths) {
        *ret_path = NULL;
        return 0;
    }
    const char *path = options->socket_path          ? options->socket_path
                       : options->ignore_environment ? NULL
                                                     : from_environment(driver);
    if (!path)
        return from_defaults(driver, ret_path);
    /* Command lines may bear the scheme too. */
    char *copy = strdup(local_path(path) ? local_path(path) : path);
    if (!copy)
        return -ENOMEM;
    *ret_path = copy;
    return 0;
}
