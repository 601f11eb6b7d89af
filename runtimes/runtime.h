/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Container engines. They only name: which containers exist, the kernel tells. Three verbs, all
 * asynchronous on the event loop: `list` (at start and after a reconnect), `lookup` (when a cgroup
 * appears), `watch` (names that paths do not carry, renames, removals). An engine that is down,
 * slow, or hostile costs names, never events; its faults arrive through `state`.
 *
 * Adding an engine is one file with a `const struct runtime_driver` and one row in drivers.h.
 */
#pragma once

#include <systemd/sd-event.h>

#include "src/base/error.h"
#include "src/model/container.h"

struct runtime;

enum runtime_state {
    RUNTIME_ABSENT = 0, /* no socket, no state directory: not installed */
    RUNTIME_CONNECTING,
    RUNTIME_UP,   /* its list is complete, its watch is running */
    RUNTIME_DOWN, /* it was there or ought to be: reconnecting with back-off */
};

/*
 * What runtimes tell. Called from the loop only, never from inside a function of this header.
 * Everything may be repeated: be idempotent.
 */
struct runtime_listener {
    /* A container that is new or has changed. The callee takes its own reference if it keeps it.
     * `runtime` is the driver's name, here and below. */
    void (*found)(void *userdata, const char *runtime, struct container *container);
    /* The engine no longer has it. */
    void (*removed)(void *userdata, const struct container_origin *origin);
    /* The end of runtime_lookup(): `found` came before if the engine knows the id. Comes exactly
     * once a lookup, also on failure or when the engine goes down. */
    void (*looked_up)(void *userdata, const char *runtime, const char *id);
    /* The state has changed; `reason` is the sentence for RUNTIME_DOWN; for RUNTIME_UP it tells
     * what is left out, if anything is; else NULL. */
    void (*state)(void *userdata, const char *runtime, enum runtime_state state,
                  const struct error *reason);
    void *userdata;
};

struct runtime_options {
    const char *socket_path; /* from the command line; NULL: environment, then defaults */
    bool required;           /* named by the user: an absent socket is worth an error */
    bool ignore_environment; /* what the variables name is not this engine's */
};

/* The verbs of one engine. Only runtime.c calls them. */
struct runtime_driver {
    const char *engine;              /* set where another driver of this engine bears its name: this
                                        one is asked along with that; NULL otherwise */
    unsigned int rank;               /* several engines may know one container, as docker's are
                                        containerd's too, and runc's: the one that the user speaks
                                        to, of the highest rank, has the last word */
    bool any_id;                     /* takes any name for an id; the others make theirs up */
    const char *name;                /* "docker": as in --runtimes, --docker-socketpath, RUNTIME */
    const char *const *environment;  /* variables that name the socket, best first, NULL at the end;
                                        see socket_path.h */
    const char *const *socket_paths; /* defaults, best first, NULL at the end; or NULL: no socket */
    /*
     * Connects to runtime_socket(runtime) (or opens the state directories), then lists, then
     * watches. Reports through the runtime_report_*() calls of runtime_driver.h, never from inside
     * this call. *ret_connection is the driver's own state.
     */
    int (*open)(struct runtime *runtime, void **ret_connection, struct error *error);
    void (*close)(void *connection);
    /* Asks for one id; the answer comes as found (or nothing), then runtime_report_looked_up(). */
    int (*lookup)(void *connection, const char *id);
};

/* All drivers, NULL at the end, in the order in which they are asked. */
extern const struct runtime_driver *const runtime_drivers[];
const struct runtime_driver *runtime_driver_find(const char *name, size_t length);

/*
 * Starts to follow one engine. `listener` is copied. A missing socket is not a failure here: the
 * state is RUNTIME_ABSENT, and the engine is tried again when its socket appears (inotify on its
 * directory where there is one, else a slow timer). With `required`, or where an option or a
 * variable names the socket, it is -ENOENT and a sentence that names the path, and the variable;
 * likewise an address that is of no socket here, and a $HOST_ROOT that is no directory.
 */
int runtime_new(const struct runtime_driver *driver, const struct runtime_options *options,
                sd_event *event, const struct runtime_listener *listener,
                struct runtime **ret_runtime, struct error *error);
void runtime_free(struct runtime **runtime);

const char *runtime_name(const struct runtime *runtime);
/* The engine: as in `runtime` of its containers. The same as the name but for a second driver. */
const char *runtime_engine(const struct runtime *runtime);
/* The socket in use or looked for; NULL where the engine has none. Borrowed. */
const char *runtime_socket(const struct runtime *runtime);
/* What of its files is not read, and why, as far as is known; NULL for nothing. Borrowed. */
const char *runtime_left_out(const struct runtime *runtime);
enum runtime_state runtime_get_state(const struct runtime *runtime);
/* Whether it has told of any container yet. */
bool runtime_has_found(const struct runtime *runtime);

/*
 * Asks the engine for an id. 0: `looked_up` will come. -ENOTCONN: it is not up, nothing will come
 * (when it comes up, its list tells). -EBUSY: too many lookups are under way (bounded); ask again.
 */
int runtime_lookup(struct runtime *runtime, const char *id);
