/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtimes/drivers.h"

#define ENGINE_ROW(symbol, word) &symbol##_driver,
#define ALONG_ROW(symbol)        &symbol##_driver,

const struct runtime_driver *const runtime_drivers[] = {
    RUNTIME_DRIVERS(ENGINE_ROW, ALONG_ROW) NULL,
};

const struct runtime_driver *runtime_driver_find(const char *name, size_t length)
{
    for (const struct runtime_driver *const *driver = runtime_drivers; *driver; driver++)
        if (strlen((*driver)->name) == length && memcmp((*driver)->name, name, length) == 0)
            return *driver;
    return NULL;
}
