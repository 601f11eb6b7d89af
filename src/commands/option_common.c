/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/commands/option_common.h"

#include "runtimes/drivers.h"
#include "src/sink/sink.h"

const char *const option_formats[] = { SINK_PRINTED_FORMAT_WORDS, NULL };

const char *const option_colours[] = { "auto", "always", "never", NULL };

#define ENGINE_WORD(symbol, word) word,
#define NO_WORD(symbol)

const char *const option_runtimes[] = { RUNTIME_DRIVERS(ENGINE_WORD, NO_WORD) NULL };

const struct option_socket option_sockets[] = {
    { "docker", offsetof(struct common_options, docker_socket) },
    { "containerd", offsetof(struct common_options, containerd_socket) },
    { "cri-o", offsetof(struct common_options, crio_socket) },
    { "podman", offsetof(struct common_options, podman_socket) },
};
_Static_assert(ARRAY_SIZE(option_sockets) == OPTION_SOCKETS, "OPTION_SOCKETS");

void common_options_defaults(struct common_options *common)
{
    common->output = option_formats[0];
    common->colour = option_colours[0];
}

const char *common_options_socket(const struct common_options *common,
                                  const struct option_socket *socket)
{
    return *(const char *const *)((const char *)common + socket->offset);
}
