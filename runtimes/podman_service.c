/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podman's own service, which speaks Docker's language. It is not needed for names, but knows
 * labels. */
#include "runtimes/docker.h"
#include "runtimes/drivers.h"

static const char *const service_environment[] = { "INSPEKTOR_GADGET_PODMAN_SOCKETPATH", NULL };
static const char *const service_sockets[] = { "/run/podman/podman.sock", NULL };

const struct runtime_driver podman_service_driver = {
    .engine = "podman",
    .name = "podman-service",
    .environment = service_environment,
    .socket_paths = service_sockets,
    .open = docker_open,
    .close = docker_close,
    .lookup = docker_lookup,
};
