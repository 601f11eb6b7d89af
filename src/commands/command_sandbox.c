/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/commands/command_sandbox.h"

#include <sys/stat.h>

#include "runtimes/socket_path.h"
#include "src/base/log.h"

/* Whether nobody but its owner may connect, and we are not he. */
static bool is_closed_to_us(const char *path)
{
    struct stat status;

    if (stat(path, &status) < 0 || status.st_uid == geteuid())
        return false;
    return !(status.st_mode & (status.st_gid == getegid() ? S_IWGRP | S_IWOTH : S_IWOTH));
}

/* NULL: the user has named none. */
static const char *socket_of(const struct common_options *common, const char *runtime)
{
    for (size_t i = 0; i < OPTION_SOCKETS; i++) {
        if (strcmp(option_sockets[i].runtime, runtime) == 0)
            return common_options_socket(common, &option_sockets[i]);
    }
    return NULL;
}

/* Of those in the usual places the owner is root. */
static bool has_foreign_sockets(const struct common_options *common)
{
    for (size_t i = 0; runtime_drivers[i]; i++) {
        const struct runtime_driver *driver = runtime_drivers[i];
        const struct runtime_options options = {
            .socket_path = socket_of(common, driver->engine ? driver->engine : driver->name),
        };
        struct socket_name name = socket_path_named(driver, &options);

        if (name.address && !name.remote && is_closed_to_us(name.address))
            return true;
    }
    return false;
}

int command_lay_down(const struct common_options *common, struct sandbox_options options,
                     struct error *error)
{
    char names[SANDBOX_NAMES_SIZE];
    struct sandbox_state state;
    int r;

    options.foreign_sockets = has_foreign_sockets(common);
    r = sandbox_enter(&options, error);
    if (r < 0 || !sandbox_read(&state))
        return r;
    sandbox_name(state.effective, names);
    log_verbose("sandbox: capabilities held: %s; system calls: %s", names,
                state.filtered ? "those of a list, files for reading only" : "all");
    return 0;
}
