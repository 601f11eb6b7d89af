/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every engine's driver: one row here each. */
#pragma once

#include "runtimes/runtime.h"

/* All of them, in the order in which they are asked. ENGINE: as in --runtimes; ALONG: another
 * driver of such an engine, asked along with it. */
/* clang-format off */
#define RUNTIME_DRIVERS(ENGINE, ALONG) \
    ENGINE(docker, "docker")           \
    ENGINE(containerd, "containerd")   \
    ENGINE(cri_o, "cri-o")             \
    ENGINE(cri, "cri")                 \
    ENGINE(podman, "podman")           \
    ALONG(podman_service)              \
    ALONG(crio_storage)                \
    ENGINE(runc, "runc")               \
    ENGINE(crun, "crun")
/* clang-format on */

#define RUNTIME_DRIVER_ENGINE(symbol, word) extern const struct runtime_driver symbol##_driver;
#define RUNTIME_DRIVER_ALONG(symbol)        extern const struct runtime_driver symbol##_driver;
RUNTIME_DRIVERS(RUNTIME_DRIVER_ENGINE, RUNTIME_DRIVER_ALONG)
