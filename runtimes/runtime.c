/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtimes/runtime_driver.h"

#include <errno.h>
#include <sys/inotify.h>
#include <time.h>

#include "runtimes/socket_path.h"

/* An engine restarts in seconds: the first tries come fast, the later ones cost nothing. */
#define RETRY_FIRST_USEC UINT64_C(100000)
#define RETRY_LAST_USEC  UINT64_C(5000000)
/* A socket that inotify does not tell of: its parent is on a file system that others write to. */
#define ABSENT_RETRY_USEC UINT64_C(10000000)
/* Births of cgroups that wait for a name at once; the rest is asked for again, see runtime.h. */
#define LOOKUPS_MAX 4096

struct runtime {
    const struct runtime_driver *driver;
    struct runtime_listener listener;
    struct runtime_options options;
    char *wanted_socket; /* a copy of options.socket_path */
    char *socket;
    sd_event *event;
    sd_event_source *timer;  /* opens, closes and retries: whatever is due next */
    sd_event_source *parent; /* of a socket that is not there */
    void *connection;
    enum runtime_state state;
    bool found;            /* it has told of a container */
    bool failed;           /* the connection is to be closed */
    bool foreign;          /* so it is, as another engine has answered */
    struct error reason;   /* why it failed */
    struct error left_out; /* what is not read; code 0: nothing */
    uint64_t retry_usec;
    char **lookups; /* ids asked for and not answered yet */
    size_t lookup_count;
    size_t lookups_allocated;
};

static void schedule(struct runtime *runtime, uint64_t in_usec)
{
    (void)sd_event_source_set_time_relative(runtime->timer, in_usec);
    (void)sd_event_source_set_enabled(runtime->timer, SD_EVENT_ONESHOT);
}

static void set_state(struct runtime *runtime, enum runtime_state state)
{
    if (state == runtime->state && state != RUNTIME_DOWN)
        return;
    runtime->state = state;
    runtime->listener.state(runtime->listener.userdata, runtime->driver->name, state,
                            state == RUNTIME_DOWN                           ? &runtime->reason
                            : state == RUNTIME_UP && runtime->left_out.code ? &runtime->left_out
                                                                            : NULL);
}

static void close_connection(struct runtime *runtime)
{
    if (runtime->connection)
        runtime->driver->close(runtime->connection);
    runtime->connection = NULL;
}

/* A listener may ask again from inside the call: what it adds is not ended here. */
static void end_lookups(struct runtime *runtime)
{
    char **lookups = TAKE_PTR(runtime->lookups);
    size_t count = runtime->lookup_count;
    runtime->lookup_count = runtime->lookups_allocated = 0;
    for (size_t i = 0; i < count; i++) {
        runtime->listener.looked_up(runtime->listener.userdata, runtime->driver->name, lookups[i]);
        free(lookups[i]);
    }
    free(lookups);
}

/* A socket can be seen a moment before it listens: the attempt that fails then is soon repeated. */
static int on_parent(UNUSED sd_event_source *source, const struct inotify_event *event,
                     void *userdata)
{
    struct runtime *runtime = userdata;
    if (event->len && !strstr(runtime->socket, event->name))
        return 0; /* something else */
    runtime->retry_usec = RETRY_FIRST_USEC;
    schedule(runtime, 0);
    return 0;
}

/* Watches the nearest directory above the socket that exists: an engine that starts makes its
 * socket anew. */
static void watch_parent(struct runtime *runtime)
{
    runtime->parent = sd_event_source_disable_unref(runtime->parent);
    _cleanup_(free_string)
    char *path = strdup(runtime->socket);
    char *slash;
    while (path && (slash = strrchr(path, '/'))) {
        slash[slash == path] = '\0';
        if (sd_event_add_inotify(runtime->event, &runtime->parent, path,
                                 IN_CREATE | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF |
                                     IN_ONLYDIR,
                                 on_parent, runtime) >= 0 ||
            slash == path)
            return;
    }
}

static void go_down(struct runtime *runtime)
{
    runtime->failed = false;
    close_connection(runtime);
    set_state(runtime, RUNTIME_DOWN);
    end_lookups(runtime);
    if (runtime->socket)
        watch_parent(runtime);
    schedule(runtime, runtime->retry_usec);
    runtime->retry_usec = MIN(runtime->retry_usec * 2, RETRY_LAST_USEC);
}

/* Several sockets may do, so that the choice is made anew each time. */
static int find_socket(struct runtime *runtime)
{
    char *path;
    int r = socket_path_choose(runtime->driver, &runtime->options, &path);
    if (r < 0)
        return r;
    free(runtime->socket);
    runtime->socket = path;
    return !path || access(path, F_OK) == 0 ? 0 : -ENOENT;
}

static void open_connection(struct runtime *runtime)
{
    int r = find_socket(runtime);
    if (r == -ENOENT) {
        watch_parent(runtime);
        r = find_socket(runtime); /* it may have come just before it was watched */
    }
    if (r == -ENOENT) {
        set_state(runtime, RUNTIME_ABSENT);
        schedule(runtime, ABSENT_RETRY_USEC);
        return;
    }
    runtime->parent = sd_event_source_disable_unref(runtime->parent);
    set_state(runtime, RUNTIME_CONNECTING);
    if (r == 0)
        r = runtime->driver->open(runtime, &runtime->connection, &runtime->reason);
    else
        (void)error_set(&runtime->reason, r, "%s", strerror(-r));
    if (r < 0)
        go_down(runtime);
}

/* Not where the environment says. */
static void look_elsewhere(struct runtime *runtime)
{
    runtime->foreign = false;
    runtime->options.ignore_environment = true;
    close_connection(runtime);
    if (find_socket(runtime) == -ENOENT && runtime->options.required)
        go_down(runtime);
    else
        open_connection(runtime);
}

static int on_timer(UNUSED sd_event_source *source, UNUSED uint64_t usec, void *userdata)
{
    struct runtime *runtime = userdata;
    if (runtime->failed)
        go_down(runtime);
    else if (runtime->foreign)
        look_elsewhere(runtime);
    else if (!runtime->connection)
        open_connection(runtime);
    return 0;
}

/* By its name, or by a socket of its own. */
static int check_asked_for(const struct runtime *runtime, bool is_there, struct error *error)
{
    struct socket_name name = socket_path_named(runtime->driver, &runtime->options);
    const char *engine = runtime_engine(runtime);
    char source[64] = "";
    if (name.variable)
        (void)snprintf(source, sizeof(source), " (%s)", name.variable);
    if (name.remote)
        return error_set(error, -ENOENT,
                         "%s was asked for, but %s%s is no socket of this host: its engines are "
                         "asked at unix:///PATH",
                         engine, name.address, source);
    if (is_there || (!runtime->options.required && !name.address))
        return 0;
    return error_set(error, -ENOENT, "%s was asked for, but there is no socket at %s%s", engine,
                     runtime->socket, source);
}

/* Before the loop runs, an engine that can be tried counts as being connected to: it is worth
 * waiting for. */
static int find_first(struct runtime *runtime, struct error *error)
{
    int r = socket_path_check_root(error);
    if (r < 0)
        return r;
    r = find_socket(runtime);
    runtime->state = r == 0 ? RUNTIME_CONNECTING : RUNTIME_ABSENT;
    if (r < 0 && r != -ENOENT)
        return error_set(error, r, "cannot follow %s: %s", runtime->driver->name, strerror(-r));
    return check_asked_for(runtime, r == 0, error);
}

int runtime_new(const struct runtime_driver *driver, const struct runtime_options *options,
                sd_event *event, const struct runtime_listener *listener,
                struct runtime **ret_runtime, struct error *error)
{
    _cleanup_(runtime_free)
    struct runtime *runtime = calloc(1, sizeof(*runtime));
    if (!runtime)
        return error_set(error, -ENOMEM, "out of memory");
    runtime->driver = driver;
    runtime->listener = *listener;
    runtime->options = *options;
    runtime->event = sd_event_ref(event);
    runtime->retry_usec = RETRY_FIRST_USEC;
    if (options->socket_path && !(runtime->wanted_socket = strdup(options->socket_path)))
        return error_set(error, -ENOMEM, "out of memory");
    runtime->options.socket_path = runtime->wanted_socket;
    int r = find_first(runtime, error);
    if (r < 0)
        return r;
    r = sd_event_add_time(event, &runtime->timer, CLOCK_MONOTONIC, 0, 1, on_timer, runtime);
    if (r < 0)
        return error_set(error, r, "cannot follow %s: %s", driver->name, strerror(-r));
    (void)sd_event_source_set_description(runtime->timer, driver->name);
    *ret_runtime = TAKE_PTR(runtime);
    return 0;
}

void runtime_free(struct runtime **runtime_pointer)
{
    struct runtime *runtime = *runtime_pointer;
    if (!runtime)
        return;
    close_connection(runtime);
    (void)sd_event_source_disable_unref(runtime->timer);
    (void)sd_event_source_disable_unref(runtime->parent);
    for (size_t i = 0; i < runtime->lookup_count; i++)
        free(runtime->lookups[i]);
    free(runtime->lookups);
    free(runtime->wanted_socket);
    free(runtime->socket);
    sd_event_unref(runtime->event);
    free(runtime);
    *runtime_pointer = NULL;
}

const char *runtime_engine(const struct runtime *runtime)
{
    return runtime->driver->engine ? runtime->driver->engine : runtime->driver->name;
}

const char *runtime_name(const struct runtime *runtime)
{
    return runtime->driver->name;
}

const char *runtime_socket(const struct runtime *runtime)
{
    return runtime->socket;
}

const char *runtime_left_out(const struct runtime *runtime)
{
    return runtime->left_out.code ? runtime->left_out.message : NULL;
}

enum runtime_state runtime_get_state(const struct runtime *runtime)
{
    return runtime->state;
}

bool runtime_has_found(const struct runtime *runtime)
{
    return runtime->found;
}

static int remember_lookup(struct runtime *runtime, const char *id)
{
    if (runtime->lookup_count == LOOKUPS_MAX)
        return -EBUSY;
    if (runtime->lookup_count == runtime->lookups_allocated) {
        size_t allocated = MAX(runtime->lookups_allocated * 2, 16U);
        char **lookups = reallocarray(runtime->lookups, allocated, sizeof(*lookups));
        if (!lookups)
            return -ENOMEM;
        runtime->lookups = lookups;
        runtime->lookups_allocated = allocated;
    }
    char *copy = strdup(id);
    if (!copy)
        return -ENOMEM;
    runtime->lookups[runtime->lookup_count++] = copy;
    return 0;
}

/* Whether the id was asked for; forgets it, in any order. */
static bool forget_lookup(struct runtime *runtime, const char *id)
{
    for (size_t i = 0; i < runtime->lookup_count; i++) {
        if (strcmp(runtime->lookups[i], id) != 0)
            continue;
        free(runtime->lookups[i]);
        runtime->lookups[i] = runtime->lookups[--runtime->lookup_count];
        return true;
    }
    return false;
}

int runtime_lookup(struct runtime *runtime, const char *id)
{
    if (runtime->state != RUNTIME_UP || runtime->failed)
        return -ENOTCONN;
    int r = remember_lookup(runtime, id);
    if (r < 0)
        return r;
    r = runtime->driver->lookup(runtime->connection, id);
    if (r < 0)
        (void)forget_lookup(runtime, id);
    return r;
}

sd_event *runtime_event(const struct runtime *runtime)
{
    return runtime->event;
}

void runtime_report_found(struct runtime *runtime, struct container *container)
{
    runtime->found = true;
    runtime->listener.found(runtime->listener.userdata, runtime->driver->name, container);
}

void runtime_report_removed(struct runtime *runtime, const struct container_origin *origin)
{
    runtime->listener.removed(runtime->listener.userdata, origin);
}

void runtime_report_looked_up(struct runtime *runtime, const char *id)
{
    if (forget_lookup(runtime, id))
        runtime->listener.looked_up(runtime->listener.userdata, runtime->driver->name, id);
}

void runtime_report_left_out(struct runtime *runtime, const struct error *what)
{
    runtime->left_out = *what;
}

void runtime_report_up(struct runtime *runtime)
{
    if (runtime->failed)
        return;
    runtime->retry_usec = RETRY_FIRST_USEC;
    set_state(runtime, RUNTIME_UP);
}

void runtime_report_foreign(struct runtime *runtime, const char *other)
{
    struct error reason;
    (void)error_set(&reason, -EPROTO, "%s is %s's", runtime->socket, other);
    if (!socket_path_named(runtime->driver, &runtime->options).variable) {
        runtime_report_down(runtime, &reason);
        return;
    }
    runtime->foreign = true;
    runtime->reason = reason;
    schedule(runtime, 0);
}

void runtime_report_down(struct runtime *runtime, const struct error *reason)
{
    if (runtime->failed)
        return;
    runtime->failed = true;
    runtime->reason = *reason;
    schedule(runtime, 0);
}
