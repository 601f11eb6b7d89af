/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/commands/option_common.h"

#include "src/sink/sink.h"

const char *const option_formats[] = { SINK_PRINTED_FORMAT_WORDS, NULL };

const char *const option_colours[] = { "auto", "always", "never", NULL };

const char *const option_runtimes[] = {
    "docker", "containerd", "cri-o", "cri", "podman", "runc", "crun", NULL,
};

void common_options_defaults(struct common_options *common)
{
    common->output = option_formats[0];
    common->colour = option_colours[0];
}

const char *common_options_socket(const struct common_options *common, const char *runtime)
{
    const struct {
        const char *runtime;
        const char *path;
    } sockets[] = {
        { "docker", common->docker_socket },
        { "containerd", common->containerd_socket },
        { "cri-o", common->crio_socket },
        { "podman", common->podman_socket },
    };

    for (size_t i = 0; i < ARRAY_SIZE(sockets); i++)
        if (strcmp(sockets[i].runtime, runtime) == 0)
            return sockets[i].path;
    return NULL;
}
