/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all questions to containerd and all its answers go through. */
#include <errno.h>

#include "runtimes/containerd_private.h"

void containerd_go_down(struct containerd *engine, const char *what, const struct error *error)
{
    struct error reason = *error;
    (void)error_prefix(&reason, "%s: %s", runtime_socket(engine->runtime), what);
    runtime_report_down(engine->runtime, &reason);
}

void containerd_go_down_by(struct containerd *engine, const char *what, int r)
{
    struct error error;
    (void)error_set(&error, r, "%s", r == -EBADMSG ? "an unreadable answer" : strerror(-r));
    containerd_go_down(engine, what, &error);
}

int containerd_call(struct containerd *engine, const struct space *space,
                    struct grpc_request *request)
{
    if (space) {
        request->header = "containerd-namespace";
        request->header_value = space->name;
    }
    return grpc_call(engine->grpc, request);
}

void containerd_report(const struct containerd *engine, struct container *container)
{
    container->owner_uid = grpc_peer_uid(engine->grpc);
    runtime_report_found(engine->runtime, container);
}
