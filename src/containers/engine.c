/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/containers/engine.h"

#include "runtimes/runtime.h"

unsigned int engine_rank(const char *runtime)
{
    const struct runtime_driver *driver = runtime_driver_find(runtime, strlen(runtime));

    return driver ? driver->rank : 0;
}

bool engine_takes_any_id(const char *runtime)
{
    const struct runtime_driver *driver = runtime_driver_find(runtime, strlen(runtime));

    return driver && driver->any_id;
}
