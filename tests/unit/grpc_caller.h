/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One gRPC connection of ours to a fake server, and what it has told. One test program includes it
 * once. */
#pragma once

#include "tests/unit/grpc_peer.h"

static struct {
    sd_event *event;
    struct grpc *grpc;
    struct peer peer;
    size_t received, ended, broken;
    size_t bytes;
    char last[64];
    struct error end, reason;
    bool frees; /* in the next callback */
} t;

static void maybe_free(void)
{
    if (t.frees)
        grpc_free(&t.grpc);
}

static void on_received(UNUSED void *userdata, const uint8_t *bytes, size_t length)
{
    t.received++;
    t.bytes += length;
    (void)snprintf(t.last, sizeof(t.last), "%.*s", (int)MIN(length, (size_t)60),
                   length ? (const char *)bytes : "");
    maybe_free();
}

static void on_ended(UNUSED void *userdata, const struct error *error)
{
    t.ended++;
    t.end = *error;
    maybe_free();
}

static void on_broken(UNUSED void *userdata, const struct error *reason)
{
    t.broken++;
    t.reason = *reason;
    maybe_free();
}

static int set_up(UNUSED void **state)
{
    static const struct grpc_listener listener = { on_broken, NULL };
    struct error error;
    int fds[2];
    memset(&t, 0, sizeof(t));
    assert_int_equal(sd_event_new(&t.event), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds), 0);
    assert_int_equal(grpc_new_from_fd(t.event, fds[0], 0, &listener, &t.grpc, &error), 0);
    peer_open(&t.peer, fds[1]);
    return 0;
}

static int tear_down(UNUSED void **state)
{
    grpc_free(&t.grpc);
    peer_close(&t.peer);
    sd_event_unref(t.event);
    return 0;
}

/* Both sides take turns; the guard is against hanging only. */
#define RUN_UNTIL(condition)                               \
    do {                                                   \
        for (int turns_ = 0; !(condition); turns_++) {     \
            assert_in_range(turns_, 0, 200000);            \
            (void)peer_turn(&t.peer);                      \
            assert_true(sd_event_run(t.event, 1000) >= 0); \
        }                                                  \
    } while (0)

static void run_quiet(void)
{
    for (int i = 0; i < 50; i++) {
        (void)peer_turn(&t.peer);
        assert_true(sd_event_run(t.event, 1000) >= 0);
    }
}

static int call(bool stream, uint64_t timeout_usec)
{
    const struct grpc_request request = {
        .path = "/test.Service/Method",
        .stream = stream,
        .timeout_usec = timeout_usec,
        .received = on_received,
        .ended = on_ended,
    };
    return grpc_call(t.grpc, &request);
}
