/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which engines the user has chosen, and where they are. */
#include "src/containers/discovery_private.h"

#include <errno.h>

const char *discovery_socket_for(const struct discovery_options *options, const char *runtime)
{
    for (size_t i = 0; i < ARRAY_SIZE(options->sockets) && options->sockets[i].runtime; i++) {
        if (strcmp(options->sockets[i].runtime, runtime) == 0)
            return options->sockets[i].path;
    }
    return NULL;
}

bool discovery_is_asked_for(const struct discovery_options *options, const char *runtime)
{
    for (size_t i = 0; i < options->runtime_count; i++) {
        if (strcmp(options->runtimes[i], runtime) == 0)
            return true;
    }
    return false;
}

int discovery_check_names(const struct discovery_options *options, struct error *error)
{
    for (size_t i = 0; i < options->runtime_count; i++) {
        const char *name = options->runtimes[i];
        char known[256] = "";

        if (runtime_driver_find(name, strlen(name)))
            continue;
        for (size_t k = 0; runtime_drivers[k]; k++) {
            size_t length = strlen(known);

            if (runtime_drivers[k]->engine)
                continue;
            (void)snprintf(known + length, sizeof(known) - length, "%s%s", k ? ", " : "",
                           runtime_drivers[k]->name);
        }
        return error_set(error, -EINVAL, "unknown runtime '%s': known are %s", name, known);
    }
    return 0;
}
