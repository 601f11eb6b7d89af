/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A fake engine behind a socket in the file system, and the real runtime.c with a driver that
 * follows it; what the driver tells is remembered. One test program includes it once. */
#pragma once

#include "tests/unit/grpc_peer.h"

#include "runtimes/drivers.h"
#include "runtimes/files/container_list.h"

static struct {
    sd_event *event;
    struct runtime *runtime;
    struct peer peer;
    size_t accepted;
    int listener;
    char directory[64];
    char path[96];

    struct container_list found; /* by id and namespace, as told last */
    size_t reports, removed, looked_up, downs;
    char last_removed[128], last_looked_up[128];
    char reason[ERROR_MESSAGE_SIZE];
    enum runtime_state state;
} engine;

static struct container *found(const char *id)
{
    for (size_t i = 0; i < engine.found.count; i++)
        if (strcmp(engine.found.items[i]->id, id) == 0)
            return engine.found.items[i];
    return NULL;
}

static void engine_on_found(UNUSED void *userdata, UNUSED const char *runtime,
                            struct container *container)
{
    struct container *kept = container_ref(container);
    engine.reports++;
    for (size_t i = 0; i < engine.found.count; i++) {
        struct container *old = engine.found.items[i];
        if (strcmp(old->id, container->id) == 0 && old->engine_namespace &&
            strcmp(old->engine_namespace, container->engine_namespace) == 0) {
            container_unref(&engine.found.items[i]);
            engine.found.items[i] = kept;
            return;
        }
    }
    assert_int_equal(container_list_add(&engine.found, &kept, SIZE_MAX), 0);
}

static void engine_on_removed(UNUSED void *userdata, const struct container_origin *origin)
{
    engine.removed++;
    (void)snprintf(engine.last_removed, sizeof(engine.last_removed), "%s", origin->id);
}

static void engine_on_looked_up(UNUSED void *userdata, UNUSED const char *runtime, const char *id)
{
    engine.looked_up++;
    (void)snprintf(engine.last_looked_up, sizeof(engine.last_looked_up), "%s", id);
}

static void engine_on_state(UNUSED void *userdata, UNUSED const char *runtime,
                            enum runtime_state state, const struct error *reason)
{
    engine.state = state;
    engine.downs += state == RUNTIME_DOWN;
    if (reason)
        (void)snprintf(engine.reason, sizeof(engine.reason), "%s", reason->message);
}

/* Serves the newest connection. */
static void engine_turn(void)
{
    int fd = accept4(engine.listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd >= 0) {
        engine.accepted++;
        peer_close(&engine.peer);
        peer_open(&engine.peer, fd);
    }
    if (engine.peer.session)
        (void)peer_turn(&engine.peer);
}

/* Both sides take turns; the guard is against hanging only. */
#define ENGINE_UNTIL(condition)                                 \
    do {                                                        \
        for (int turns_ = 0; !(condition); turns_++) {          \
            assert_in_range(turns_, 0, 20000);                  \
            engine_turn();                                      \
            assert_true(sd_event_run(engine.event, 1000) >= 0); \
        }                                                       \
    } while (0)

UNUSED static void engine_quiet(void)
{
    for (int i = 0; i < 50; i++) {
        engine_turn();
        assert_true(sd_event_run(engine.event, 1000) >= 0);
    }
}

static void engine_open(const struct runtime_driver *driver,
                        void (*answer)(struct peer *, struct peer_stream *))
{
    static const struct runtime_listener listener = { engine_on_found, engine_on_removed,
                                                      engine_on_looked_up, engine_on_state, NULL };
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    struct error error;
    memset(&engine, 0, sizeof(engine));
    engine.peer.fd = -1;
    engine.peer.answer = answer;
    (void)snprintf(engine.directory, sizeof(engine.directory), "/tmp/local-gadget-test-XXXXXX");
    assert_non_null(mkdtemp(engine.directory));
    (void)snprintf(engine.path, sizeof(engine.path), "%s/engine.sock", engine.directory);
    (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", engine.path);
    engine.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(engine.listener, (const struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(engine.listener, 8), 0);
    assert_int_equal(sd_event_new(&engine.event), 0);
    const struct runtime_options options = { .socket_path = engine.path };
    assert_int_equal(
        runtime_new(driver, &options, engine.event, &listener, &engine.runtime, &error), 0);
}

static int engine_tear_down(UNUSED void **state)
{
    runtime_free(&engine.runtime);
    peer_close(&engine.peer);
    container_list_clear(&engine.found);
    sd_event_unref(engine.event);
    close_fd(&engine.listener);
    (void)unlink(engine.path);
    (void)rmdir(engine.directory);
    return 0;
}
