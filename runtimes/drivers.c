/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtimes/drivers.h"

const struct runtime_driver *const runtime_drivers[] = {
    &docker_driver,         &containerd_driver,   &cri_o_driver, &cri_driver,  &podman_driver,
    &podman_service_driver, &crio_storage_driver, &runc_driver,  &crun_driver, NULL,
};

const struct runtime_driver *runtime_driver_find(const char *name, size_t length)
{
    for (const struct runtime_driver *const *driver = runtime_drivers; *driver; driver++)
        if (strlen((*driver)->name) == length && memcmp((*driver)->name, name, length) == 0)
            return *driver;
    return NULL;
}
