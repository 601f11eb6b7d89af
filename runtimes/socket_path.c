/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtimes/socket_path.h"

#include <errno.h>
#include <sys/stat.h>

static bool is_remote(const char *address)
{
    return strstr(address, "://") && strncmp(address, "unix://", 7) != 0;
}

/* "unix:///PATH" and gRPC's "unix:PATH" without what is in front. */
static const char *without_scheme(const char *address)
{
    static const char *const schemes[] = { "unix://", "unix:" };
    for (size_t i = 0; i < ARRAY_SIZE(schemes); i++)
        if (strncmp(address, schemes[i], strlen(schemes[i])) == 0)
            return address + strlen(schemes[i]);
    return address;
}

/* The first variable that names a socket of this host, else the first that names anything. */
static struct socket_name from_environment(const struct runtime_driver *driver)
{
    struct socket_name found = { 0 };
    for (const char *const *variable = driver->environment; variable && *variable; variable++) {
        const char *address = getenv(*variable);
        if (!address || !address[0] || (found.address && is_remote(address)))
            continue;
        found = (struct socket_name){ without_scheme(address), *variable, is_remote(address) };
        if (!found.remote)
            break;
    }
    return found;
}

struct socket_name socket_path_named(const struct runtime_driver *driver,
                                     const struct runtime_options *options)
{
    const char *address = options->socket_path;
    if (!driver->socket_paths || (!address && options->ignore_environment))
        return (struct socket_name){ 0 };
    if (!address)
        return from_environment(driver);
    return (struct socket_name){ without_scheme(address), NULL, is_remote(address) };
}

int socket_path_check_root(struct error *error)
{
    const char *root = getenv("HOST_ROOT");
    struct stat status;
    if (!root || !root[0] || (stat(root, &status) == 0 && S_ISDIR(status.st_mode)))
        return 0;
    return error_set(error, -ENOENT,
                     "there is no directory %s, which HOST_ROOT names as the root of the host",
                     root);
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
    struct socket_name name = socket_path_named(driver, options);
    if (!name.address)
        return from_defaults(driver, ret_path);
    char *copy = strdup(name.address);
    if (!copy)
        return -ENOMEM;
    *ret_path = copy;
    return 0;
}
