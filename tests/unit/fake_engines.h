/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Engines that say what the test has them say, when it does: defines what runtime.c defines, so
 * that whoever asks engines is tested without any; one test program includes it once.
 *
 *     fake_engines_reset();
 *     fake_engine("docker")->state = RUNTIME_UP;    before it is opened: how it is found
 *     ... discovery_new() ...
 *     fake_engine_finds("docker", ID, "web");
 *     fake_engine_answers("docker", ID);            the end of a lookup
 */
#pragma once

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "runtimes/runtime.h"

struct runtime {
    const struct runtime_driver *driver;
    const struct runtime_listener *listener; /* NULL: not opened */
    struct runtime_options options;
    enum runtime_state state;
    bool found;
    size_t asked;
    char last_id[128]; /* that was asked for */
};

static const char *const fake_sockets[] = { "/run/fake.sock", NULL };

static const struct runtime_driver fake_drivers[] = {
    { .name = "docker", .rank = 4, .socket_paths = fake_sockets },
    { .name = "containerd", .rank = 3, .any_id = true, .socket_paths = fake_sockets },
    { .name = "podman", .rank = 4 },
    { .name = "podman service", .engine = "podman", .socket_paths = fake_sockets },
    { .name = "runc", .rank = 1, .any_id = true },
};

const struct runtime_driver *const runtime_drivers[] = {
    &fake_drivers[0], &fake_drivers[1], &fake_drivers[2], &fake_drivers[3], &fake_drivers[4], NULL,
};

static struct runtime fake_engines[ARRAY_SIZE(fake_drivers)];

static struct runtime_listener fake_engine_listener; /* the same for all */

static struct runtime *fake_engine(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(fake_engines); i++) {
        if (strcmp(fake_drivers[i].name, name) == 0)
            return &fake_engines[i];
    }
    fail_msg("no fake of %s", name);
    return NULL;
}

UNUSED static void fake_engines_reset(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(fake_engines); i++)
        fake_engines[i] = (struct runtime){ .driver = &fake_drivers[i] };
}

/* -------- what the test says -------- */

/* `reason` for RUNTIME_DOWN, else NULL. */
UNUSED static void fake_engine_becomes(const char *name, enum runtime_state state,
                                       const char *reason)
{
    struct runtime *runtime = fake_engine(name);
    struct error error = { 0 };

    if (reason)
        (void)error_set(&error, -ECONNREFUSED, "%s", reason);
    runtime->state = state;
    fake_engine_listener.state(fake_engine_listener.userdata, name, state, reason ? &error : NULL);
}

/* A name of NULL: it has the container and cannot name it. */
UNUSED static void fake_engine_finds(const char *name, const char *id, const char *container_name)
{
    struct runtime *runtime = fake_engine(name);
    _cleanup_(container_unref)
    struct container *container = container_new(runtime_engine(runtime), id);

    assert_non_null(container);
    assert_int_equal(container_set_text(&container->name, container_name), 0);
    container->named = container_name != NULL;
    container->state = CONTAINER_STATE_RUNNING;
    runtime->found = true;
    fake_engine_listener.found(fake_engine_listener.userdata, runtime->driver->name, container);
}

UNUSED static void fake_engine_answers(const char *name, const char *id)
{
    fake_engine_listener.looked_up(fake_engine_listener.userdata, name, id);
}

UNUSED static void fake_engine_removes(const char *name, const char *id)
{
    const struct container_origin origin = { runtime_engine(fake_engine(name)), NULL, 0, id };

    fake_engine_listener.removed(fake_engine_listener.userdata, &origin);
}

/* -------- runtime.h -------- */

const struct runtime_driver *runtime_driver_find(const char *name, size_t length)
{
    for (size_t i = 0; i < ARRAY_SIZE(fake_drivers); i++) {
        if (strlen(fake_drivers[i].name) == length &&
            memcmp(fake_drivers[i].name, name, length) == 0)
            return &fake_drivers[i];
    }
    return NULL;
}

int runtime_new(const struct runtime_driver *driver, const struct runtime_options *options,
                UNUSED sd_event *event, const struct runtime_listener *listener,
                struct runtime **ret_runtime, struct error *error)
{
    struct runtime *runtime = fake_engine(driver->name);

    if (runtime->state == RUNTIME_ABSENT && options->required)
        return error_set(error, -ENOENT, "%s was asked for", driver->name);
    runtime->options = *options;
    runtime->listener = listener;
    fake_engine_listener = *listener;
    *ret_runtime = runtime;
    return 0;
}

void runtime_free(struct runtime **runtime)
{
    (*runtime)->listener = NULL;
    *runtime = NULL;
}

const char *runtime_name(const struct runtime *runtime)
{
    return runtime->driver->name;
}

const char *runtime_engine(const struct runtime *runtime)
{
    return runtime->driver->engine ? runtime->driver->engine : runtime->driver->name;
}

const char *runtime_socket(const struct runtime *runtime)
{
    if (!runtime->driver->socket_paths)
        return NULL;
    return runtime->options.socket_path ? runtime->options.socket_path
                                        : runtime->driver->socket_paths[0];
}

const char *runtime_left_out(UNUSED const struct runtime *runtime)
{
    return NULL;
}

enum runtime_state runtime_get_state(const struct runtime *runtime)
{
    return runtime->state;
}

bool runtime_has_found(const struct runtime *runtime)
{
    return runtime->found;
}

int runtime_lookup(struct runtime *runtime, const char *id)
{
    if (runtime->state != RUNTIME_UP)
        return -ENOTCONN;
    runtime->asked++;
    (void)snprintf(runtime->last_id, sizeof(runtime->last_id), "%s", id);
    return 0;
}
