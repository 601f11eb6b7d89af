/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every engine's driver: one line here and one in the table of drivers.c each. */
#pragma once

#include "runtimes/runtime.h"

extern const struct runtime_driver docker_driver;
extern const struct runtime_driver containerd_driver;
extern const struct runtime_driver cri_o_driver;
extern const struct runtime_driver cri_driver;
extern const struct runtime_driver podman_driver;
extern const struct runtime_driver podman_service_driver;
extern const struct runtime_driver crio_storage_driver;
extern const struct runtime_driver runc_driver;
extern const struct runtime_driver crun_driver;
