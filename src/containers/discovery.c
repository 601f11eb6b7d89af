/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/containers/discovery_private.h"

#include <errno.h>

#include "src/base/loop.h"
#include "src/containers/engine.h"

#define RUNTIMES_MAX 16
#define HOLDS_MAX    20 /* times DISCOVERY_WAIT_USEC */

struct discovery {
    sd_event *event;           /* borrowed */
    struct registry *registry; /* borrowed */
    struct discovery_listener listener;
    struct runtime_listener runtime_listener;
    struct runtime *runtimes[RUNTIMES_MAX]; /* owned */
    bool told_down[RUNTIMES_MAX];           /* the listener knows that it is away */
    size_t count;
    bool finishing;
    TAILQ_HEAD(, member) waiting; /* in order of deadline */
    sd_event_source *deadline;    /* owned; armed for the first of them */
};

static uint64_t now_usec(const struct discovery *discovery)
{
    uint64_t now = 0;

    (void)sd_event_now(discovery->event, CLOCK_BOOTTIME, &now);
    return now;
}

/* -------- the end of waiting -------- */

static void settle(struct discovery *discovery, struct member *member)
{
    if (member->naming.state == NAMING_WAITING) {
        member->naming.state = NAMING_DONE;
        member->naming.lookups = 0;
        TAILQ_REMOVE(&discovery->waiting, member, naming.waiting);
    }
    discovery->listener.settled(discovery->listener.userdata, member);
}

void discovery_forget(struct discovery *discovery, struct member *member)
{
    if (member->naming.state != NAMING_WAITING)
        return;
    member->naming.state = NAMING_DONE;
    TAILQ_REMOVE(&discovery->waiting, member, naming.waiting);
}

/* Nothing more is to be learnt of a cgroup that has gone; of any other for some seconds. */
static bool may_wait_on(const struct discovery *discovery, struct member *member)
{
    return !member->gone && !discovery->finishing && ++member->naming.holds < HOLDS_MAX;
}

/* A candidate that has executed nothing yet may be a container that a busy host is slow to start:
 * neither engines nor its processes can say. */
static bool is_too_early(const struct discovery *discovery, struct member *member)
{
    return member->candidate && member->setup && may_wait_on(discovery, member);
}

static int on_deadline(sd_event_source *source, uint64_t usec, void *userdata);

static void arm_deadline(struct discovery *discovery)
{
    const struct member *first = TAILQ_FIRST(&discovery->waiting);
    uint64_t now = now_usec(discovery);

    discovery->deadline = sd_event_source_disable_unref(discovery->deadline);
    if (!first)
        return;
    (void)loop_timer(discovery->event,
                     first->naming.deadline_usec > now ? first->naming.deadline_usec - now : 0,
                     "name-deadline", on_deadline, discovery, &discovery->deadline);
}

static void start_waiting(struct discovery *discovery, struct member *member)
{
    if (member->naming.state == NAMING_WAITING)
        TAILQ_REMOVE(&discovery->waiting, member, naming.waiting);
    member->naming.state = NAMING_WAITING;
    member->naming.deadline_usec = now_usec(discovery) + DISCOVERY_WAIT_USEC;
    TAILQ_INSERT_TAIL(&discovery->waiting, member, naming.waiting);
    if (TAILQ_FIRST(&discovery->waiting) == member)
        arm_deadline(discovery);
}

static int on_deadline(UNUSED sd_event_source *source, UNUSED uint64_t usec, void *userdata)
{
    struct discovery *discovery = userdata;
    uint64_t now = now_usec(discovery);
    struct member *member;

    while ((member = TAILQ_FIRST(&discovery->waiting)) && member->naming.deadline_usec <= now) {
        if (is_too_early(discovery, member))
            start_waiting(discovery, member);
        else
            settle(discovery, member);
    }
    arm_deadline(discovery);
    return 0;
}

/* -------- asking -------- */

static bool may_know(const struct runtime *runtime, const struct member *member)
{
    return !member->candidate || engine_takes_any_id(runtime_name(runtime));
}

/* Its place, or the count of them: it is none of ours. */
static size_t find_place(const struct discovery *discovery, const char *name)
{
    size_t i = 0;

    while (i < discovery->count && strcmp(runtime_name(discovery->runtimes[i]), name) != 0)
        i++;
    return i;
}

static struct runtime *find_runtime(const struct discovery *discovery, const char *name)
{
    size_t place = find_place(discovery, name);

    return place < discovery->count ? discovery->runtimes[place] : NULL;
}

static bool is_reachable(const struct runtime *runtime)
{
    enum runtime_state state = runtime ? runtime_get_state(runtime) : RUNTIME_ABSENT;

    return state == RUNTIME_UP || state == RUNTIME_CONNECTING;
}

/* Returns whether an answer, or the engine's first list, is still to come. */
static bool ask_runtime(const struct discovery *discovery, size_t place, struct member *member)
{
    struct runtime *runtime = discovery->runtimes[place];

    if (!may_know(runtime, member))
        return false;
    if (runtime_get_state(runtime) == RUNTIME_CONNECTING) {
        member->naming.connecting |= 1U << place;
        return true;
    }
    if (runtime_lookup(runtime, member->container->id) < 0)
        return false;
    member->naming.lookups++;
    return true;
}

/* Asks the engine that the path names; all of them where it is silent, that one is away, or a plain
 * runtime has it on behalf of another engine. */
static bool ask_around(struct discovery *discovery, struct member *member)
{
    const struct container *container = member->container;
    struct runtime *named =
        container->engine_namespace ? NULL : find_runtime(discovery, container->runtime);
    bool asked = false;

    member->naming.connecting = 0;
    if (member->outer) /* its name comes with that one's; nobody here knows more of it */
        return member->outer->naming.state == NAMING_WAITING;
    for (size_t i = 0; i < discovery->count; i++) {
        struct runtime *runtime = discovery->runtimes[i];
        bool is_named = strcmp(runtime_engine(runtime), container->runtime) == 0;

        if ((is_named || !is_reachable(named)) && ask_runtime(discovery, i, member))
            asked = true;
    }
    return asked;
}

void discovery_ask(struct discovery *discovery, struct member *member)
{
    if (member->naming.state == NAMING_WAITING && member->naming.lookups)
        return;
    member->naming.lookups = 0;
    if (ask_around(discovery, member))
        start_waiting(discovery, member);
    else
        settle(discovery, member);
}

/* A driver that reads an engine's files knows names; one that speaks to the engine knows more. */
static bool is_more_to_come(const struct discovery *discovery, const struct container *container)
{
    for (size_t i = 0; container->partial && i < discovery->count; i++) {
        const struct runtime *runtime = discovery->runtimes[i];

        if (runtime_socket(runtime) && is_reachable(runtime) &&
            strcmp(runtime_engine(runtime), container->runtime) == 0)
            return true;
    }
    return false;
}

void discovery_update(struct discovery *discovery, struct member *member)
{
    if (member->candidate && member->setup)
        return; /* asked about when its first program runs */
    if (member->container->named && !is_more_to_come(discovery, member->container)) {
        discovery_forget(discovery, member);
        discovery->listener.settled(discovery->listener.userdata, member);
    } else if (member->top_cgroup && !member->naming.asked) {
        member->naming.asked = true;
        discovery_ask(discovery, member);
    } else if (member->naming.state == NAMING_DONE) {
        discovery->listener.settled(discovery->listener.userdata, member);
    }
}

bool discovery_keep(struct discovery *discovery, struct member *member)
{
    int looks = member->foreign ? 1 : registry_looks_foreign(discovery->registry, member);

    if (looks > 0)
        return registry_accept(discovery->registry, member) >= 0;
    /* Without a process it may have ended before its last checks were read. */
    if (looks == 0 || !may_wait_on(discovery, member))
        return false;
    start_waiting(discovery, member);
    return true;
}

void discovery_finish(struct discovery *discovery)
{
    struct member *member;

    discovery->finishing = true;
    while ((member = TAILQ_FIRST(&discovery->waiting)))
        settle(discovery, member);
}

void discovery_hold(struct discovery *discovery, struct member *member)
{
    if (member->naming.state != NAMING_WAITING)
        start_waiting(discovery, member);
}

/* -------- what runtimes tell -------- */

static void on_found(void *userdata, const char *runtime, struct container *container)
{
    struct discovery *discovery = userdata;

    (void)registry_describe(discovery->registry, runtime,
                            container); /* out of memory: the id is shown */
}

static void on_removed(void *userdata, const struct container_origin *origin)
{
    struct discovery *discovery = userdata;

    registry_undescribe(discovery->registry, origin);
}

static void on_looked_up(void *userdata, UNUSED const char *runtime, const char *id)
{
    struct discovery *discovery = userdata;
    struct member *member, *next;

    for (member = TAILQ_FIRST(&discovery->waiting); member; member = next) {
        next = TAILQ_NEXT(member, naming.waiting);
        if (!member->naming.lookups || strcmp(member->container->id, id) != 0)
            continue;
        if (--member->naming.lookups == 0 && !member->naming.connecting)
            settle(discovery, member);
        return;
    }
}

/* Whether it is there, and not all is known of it. */
static bool is_worth_asking(const struct discovery *discovery, const struct member *member)
{
    const struct container *container = member->container;

    return member->top_cgroup && !member->gone &&
           (!container->named || is_more_to_come(discovery, container));
}

/* An engine takes its list when it begins to tell it, which may be long ago: of those that have
 * come since then it is asked now, be they waited for or not. */
static void ask_late(struct discovery *discovery, size_t place)
{
    struct member *member;
    size_t at = 0;

    while ((member = registry_next(discovery->registry, &at))) {
        if (!(member->naming.connecting & 1U << place))
            continue;
        member->naming.connecting &= ~(1U << place);
        if (is_worth_asking(discovery, member) && ask_runtime(discovery, place, member) &&
            member->naming.state == NAMING_DONE)
            start_waiting(discovery, member);
    }
}

/* An engine was still connecting and is away: those that waited for nobody else are asked about
 * once more. */
static void ask_again(struct discovery *discovery)
{
    struct member *member, *next;

    for (member = TAILQ_FIRST(&discovery->waiting); member; member = next) {
        next = TAILQ_NEXT(member, naming.waiting);
        if (!member->naming.lookups && !member->naming.connecting &&
            !(member->candidate && member->setup) && !ask_around(discovery, member))
            settle(discovery, member);
    }
}

/* Each attempt to reconnect that fails is reported; the listener hears of the first one only. */
static bool is_news(struct discovery *discovery, size_t place, enum runtime_state state)
{
    bool known = discovery->told_down[place] && state == RUNTIME_DOWN;

    if (state != RUNTIME_CONNECTING)
        discovery->told_down[place] = state == RUNTIME_DOWN;
    return !known;
}

static const char *engine_of(const struct discovery *discovery, const char *name)
{
    const struct runtime *runtime = find_runtime(discovery, name);

    return runtime ? runtime_engine(runtime) : name;
}

/* An engine's containers may be known from elsewhere, too, as from its files. */
static const struct runtime *find_other(const struct discovery *discovery, const char *name)
{
    const char *engine = engine_of(discovery, name);

    for (size_t i = 0; i < discovery->count; i++) {
        const struct runtime *runtime = discovery->runtimes[i];

        if (strcmp(runtime_name(runtime), name) != 0 && is_reachable(runtime) &&
            runtime_has_found(runtime) && strcmp(runtime_engine(runtime), engine) == 0)
            return runtime;
    }
    return NULL;
}

/* Why it is away, and what that means for names. */
static struct error explain(const struct discovery *discovery, const char *runtime,
                            const struct error *reason)
{
    const struct runtime *other = find_other(discovery, runtime);
    struct error explained;

    (void)error_set(&explained, reason->code, "%s; %s %s until it is back", reason->message,
                    other ? runtime_name(other) : "what only it can name",
                    other ? "names its containers" : "is shown by ids");
    return explained;
}

static void on_state(void *userdata, const char *runtime, enum runtime_state state,
                     const struct error *reason)
{
    struct discovery *discovery = userdata;
    struct error explained = { 0 };
    size_t place = find_place(discovery, runtime);

    if (reason)
        explained = explain(discovery, runtime, reason);
    if (state == RUNTIME_CONNECTING)
        registry_list_begins(discovery->registry, runtime);
    else if (state == RUNTIME_UP)
        registry_list_ends(discovery->registry, runtime);
    if (state != RUNTIME_CONNECTING)
        ask_late(discovery, place);
    if (is_news(discovery, place, state))
        discovery->listener.engine(discovery->listener.userdata, runtime, state,
                                   reason ? &explained : NULL);
    if (state != RUNTIME_CONNECTING)
        ask_again(discovery);
}

/* -------- opening -------- */

static int open_runtime(struct discovery *discovery, const struct discovery_options *options,
                        const struct runtime_driver *driver, struct error *error)
{
    struct runtime_options runtime_options = {
        .socket_path =
            discovery_socket_for(options, driver->engine ? driver->engine : driver->name),
        .required = options->runtime_count == 1 && discovery_is_asked_for(options, driver->name),
    };
    bool along = driver->engine && discovery_is_asked_for(options, driver->engine);
    int r;

    if (options->runtime_count && !discovery_is_asked_for(options, driver->name) && !along)
        return 0;
    if (discovery->count == RUNTIMES_MAX)
        return error_set(error, -ENOSPC, "more than %d runtimes", RUNTIMES_MAX);
    r = runtime_new(driver, &runtime_options, discovery->event, &discovery->runtime_listener,
                    &discovery->runtimes[discovery->count], error);
    if (r >= 0)
        discovery->count++;
    return r;
}

/* One that is named alone has to be there; of several, one. */
static int check_any(const struct discovery *discovery, const struct discovery_options *options,
                     struct error *error)
{
    for (size_t i = 0; i < discovery->count; i++) {
        if (runtime_get_state(discovery->runtimes[i]) != RUNTIME_ABSENT)
            return 0;
    }
    return options->runtime_count < 2
               ? 0
               : error_set(error, -ENOENT,
                           "none of the engines that were asked for is here: doctor says where "
                           "their sockets are looked for");
}

int discovery_new(const struct discovery_options *options, sd_event *event,
                  struct registry *registry, const struct discovery_listener *listener,
                  struct discovery **ret_discovery, struct error *error)
{
    _cleanup_(discovery_free)
    struct discovery *discovery = calloc(1, sizeof(*discovery));
    int r;

    if (!discovery)
        return error_set(error, -ENOMEM, "out of memory");
    discovery->event = event;
    discovery->registry = registry;
    discovery->listener = *listener;
    discovery->runtime_listener = (struct runtime_listener){
        .found = on_found,
        .removed = on_removed,
        .looked_up = on_looked_up,
        .state = on_state,
        .userdata = discovery,
    };
    TAILQ_INIT(&discovery->waiting);
    r = discovery_check_names(options, error);
    for (size_t i = 0; r >= 0 && runtime_drivers[i]; i++)
        r = open_runtime(discovery, options, runtime_drivers[i], error);
    if (r >= 0)
        r = check_any(discovery, options, error);
    if (r < 0)
        return r;
    *ret_discovery = TAKE_PTR(discovery);
    return 0;
}

void discovery_free(struct discovery **discovery)
{
    if (!*discovery)
        return;
    for (size_t i = 0; i < (*discovery)->count; i++)
        runtime_free(&(*discovery)->runtimes[i]);
    sd_event_source_disable_unref((*discovery)->deadline);
    free(*discovery);
    *discovery = NULL;
}

bool discovery_is_complete(const struct discovery *discovery)
{
    for (size_t i = 0; i < discovery->count; i++) {
        if (runtime_get_state(discovery->runtimes[i]) == RUNTIME_CONNECTING)
            return false;
    }
    return true;
}

void discovery_each(const struct discovery *discovery,
                    void (*visit)(void *userdata, const struct runtime *runtime), void *userdata)
{
    for (size_t i = 0; i < discovery->count; i++)
        visit(userdata, discovery->runtimes[i]);
}
