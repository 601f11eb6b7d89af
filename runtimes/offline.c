/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtimes/offline.h"

#include <errno.h>

#include "runtimes/files/state_file.h"
#include "runtimes/files/users.h"
#include "runtimes/offline_place.h"
#include "runtimes/offline_watch.h"
#include "src/base/clock.h"

/* Longer than an engine takes from the container's directory to its first state file. */
#define LOOKUP_WAIT_NS UINT64_C(1000000000)

/* Of users: how long one turn of reading may take, but for the last place that it began, and for
 * how long we are deaf to them after it. Engines take longer to start a container. */
#define USERS_TURN_NS UINT64_C(5000000)
#define USERS_REST_NS UINT64_C(100000000)

/* A user's run-time directory is made some time before it is his: the list is read a few more
 * times. */
#define USERS_LOOKS   5
#define USERS_LOOK_NS UINT64_C(1000000000)

struct lookup {
    char *id;
    uint64_t until_ns; /* how long it may wait for a file that is still being written */
};

struct offline {
    struct runtime *runtime;
    const struct offline_engine *engine;
    char *host_root;
    struct offline_watches root_watches, users_watches;
    sd_event_source *root_changes;
    sd_event_source *users_changes; /* off while users rest */
    sd_event_source *timer;         /* all reading and reporting happens in it */

    struct offline_place **places;
    size_t place_count;
    size_t next_user;         /* place that comes first in the next turn, so that none starves */
    uint64_t users_due_ns;    /* users' places rest until then */
    unsigned int users_looks; /* that are left of the list of users */
    uint64_t users_look_ns;
    bool up;

    struct lookup *lookups;
    size_t lookup_count;
    size_t lookups_allocated;
};

static void schedule(struct offline *offline, uint64_t at_ns)
{
    (void)sd_event_source_set_time(offline->timer, at_ns / 1000);
    (void)sd_event_source_set_enabled(offline->timer, SD_EVENT_ONESHOT);
}

/* Takes the place. */
static int add_place(struct offline *offline, struct offline_place *place)
{
    struct offline_place **places =
        reallocarray(offline->places, offline->place_count + 1, sizeof(struct offline_place *));
    if (!places) {
        offline_place_free(&place);
        return -ENOMEM;
    }
    offline->places = places;
    places[offline->place_count++] = place;
    return 0;
}

int offline_add_place(struct offline *offline, const char *path, const char *run_path,
                      const char *engine_namespace)
{
    _cleanup_(free_string)
    char *base = NULL, *run_base = NULL;
    if (asprintf(&base, "%s%s", offline->host_root, path) < 0)
        return -ENOMEM;
    if (run_path && asprintf(&run_base, "%s%s", offline->host_root, run_path) < 0)
        return -ENOMEM;
    struct offline_place *place =
        offline_place_new(&offline->root_watches, 0, base, ".", run_base, ".");
    if (!place)
        return -ENOMEM;
    place->engine_namespace = engine_namespace;
    return add_place(offline, place);
}

const char *offline_host_root(const struct offline *offline)
{
    return offline->host_root;
}

size_t offline_containers_max(const struct offline_place *place)
{
    return place->owner == 0 ? OFFLINE_ROOT_CONTAINERS_MAX : OFFLINE_USER_CONTAINERS_MAX;
}

/* An unprivileged user does not rename root's containers. */
static bool known_to_root(const struct offline *offline, const struct offline_place *place,
                          const char *id)
{
    for (size_t i = 0; place->owner != 0 && i < offline->place_count; i++)
        if (offline->places[i]->owner == 0 &&
            container_list_find(&offline->places[i]->containers, id))
            return true;
    return false;
}

/* Puts `list` in the place of the last reading and reports how they differ. */
static void publish(const struct offline *offline, struct offline_place *place,
                    struct container_list *list)
{
    struct runtime *runtime = offline->runtime;
    container_list_sort(list);
    struct container_list old = place->containers;
    place->containers = *list;
    *list = (struct container_list){ 0 };
    const struct container_list *new = &place->containers;
    size_t i = 0, j = 0;
    while (i < old.count || j < new->count) {
        int order = i == old.count ? 1 : j == new->count ? -1 : 0;
        if (order == 0)
            order = strcmp(old.items[i]->id, new->items[j]->id);
        if (order < 0 && !known_to_root(offline, place, old.items[i]->id)) {
            struct container_origin origin = container_origin(old.items[i]);
            runtime_report_removed(runtime, &origin);
        }
        if ((order > 0 || (order == 0 && !container_same(old.items[i], new->items[j]))) &&
            !known_to_root(offline, place, new->items[j]->id))
            runtime_report_found(runtime, new->items[j]);
        i += order <= 0;
        j += order >= 0;
    }
    container_list_clear(&old);
}

/* Nobody waits for a file server, an automounter, or a process. */
static void say_left_out(const struct offline *offline, const struct offline_place *place)
{
    struct error what;
    (void)error_set(&what, -EREMOTE, "not read: %s of uid %u, which is not on a local filesystem",
                    place->base, place->owner);
    runtime_report_left_out(offline->runtime, &what);
}

static int read_place(const struct offline *offline, struct offline_place *place)
{
    place->dirty = false;
    _cleanup_(container_list_clear)
    struct container_list list = { 0 };
    _cleanup_(close_fd)
    int fd = -1;
    int r = offline_place_open(place, &fd);
    if (r == -EREMOTE)
        say_left_out(offline, place);
    if (r == 0)
        r = offline->engine->read(place, fd, &list);
    if (r > 0)
        return 0;
    /* What a user has broken is not there. Root's is kept until the engine comes back. */
    if (r < 0 && r != -ENOENT && r != -ENOTDIR && place->owner == 0)
        return r;
    if (r < 0) {
        place->fingerprint = 0;
        container_list_clear(&list);
    }
    publish(offline, place, &list);
    return 0;
}

static struct offline_place *find_user_place(struct offline *offline, uid_t uid, const char *path)
{
    for (size_t i = 0; i < offline->place_count; i++)
        if (offline->places[i]->owner == uid && strcmp(offline->places[i]->path, path) == 0)
            return offline->places[i];
    return NULL;
}

static int add_user_place(struct offline *offline, uid_t uid,
                          const struct offline_user_location *location,
                          struct offline_place **ret_place)
{
    _cleanup_(free_string)
    char *run_dir = NULL, *home = NULL;
    if (asprintf(&run_dir, "%s/run/user/%u", offline->host_root, uid) < 0)
        return -ENOMEM;
    int r = location->base == OFFLINE_HOME ? users_home(offline->host_root, uid, &home) : 0;
    if (r < 0)
        return r;
    struct offline_place *place =
        offline_place_new(&offline->users_watches, uid, home ? home : run_dir, location->path,
                          location->run_path ? run_dir : NULL, location->run_path);
    if (!place)
        return -ENOMEM;
    *ret_place = place;
    return add_place(offline, place);
}

static void drop_unseen_places(struct offline *offline)
{
    size_t kept = 0;
    for (size_t i = 0; i < offline->place_count; i++) {
        struct offline_place *place = offline->places[i];
        if (place->owner == 0 || place->seen) {
            offline->places[kept++] = place;
            continue;
        }
        struct container_list none = { 0 };
        publish(offline, place, &none);
        offline_place_free(&place);
    }
    offline->place_count = kept;
}

static void follow_users(struct offline *offline)
{
    if (!offline->engine->user_locations)
        return;
    _cleanup_(free_string)
    char *path = NULL;
    _cleanup_(close_fd)
    int fd = -1;
    if (asprintf(&path, "%s/run/user", offline->host_root) < 0)
        return;
    if (state_open_base(path, 0, &fd) == 0)
        offline_watches_add(&offline->root_watches, NULL, fd);
    uid_t uids[OFFLINE_USERS_MAX];
    size_t count = users_list(offline->host_root, uids, ARRAY_SIZE(uids));
    for (size_t i = 0; i < offline->place_count; i++)
        offline->places[i]->seen = false;
    for (size_t i = 0; i < count; i++) {
        const struct offline_user_location *location = offline->engine->user_locations;
        for (; location->path; location++) {
            struct offline_place *place = find_user_place(offline, uids[i], location->path);
            if (place || add_user_place(offline, uids[i], location, &place) == 0)
                place->seen = true;
        }
    }
    drop_unseen_places(offline);
}

static void mark_places(struct offline *offline, bool of_users)
{
    for (size_t i = 0; i < offline->place_count; i++)
        if ((offline->places[i]->owner != 0) == of_users)
            offline->places[i]->dirty = true;
}

static void take_changes_of_root(struct offline *offline)
{
    unsigned int changes = offline_watches_take(&offline->root_watches);
    if (changes & OFFLINE_CHANGES_LOST)
        mark_places(offline, false);
    if (changes || !offline->up)
        offline->users_looks = USERS_LOOKS;
}

static int read_root_places(struct offline *offline)
{
    for (size_t i = 0; i < offline->place_count; i++) {
        struct offline_place *place = offline->places[i];
        if (place->owner != 0 || !place->dirty)
            continue;
        int r = read_place(offline, place);
        if (r == 0)
            continue;
        struct error error;
        (void)error_set(&error, r, "cannot read %s: %s", place->base, strerror(-r));
        runtime_report_down(offline->runtime, &error);
        return r;
    }
    return 0;
}

/* From now on users rest, as long as their share of time asks for. */
static void rest(struct offline *offline, uint64_t start_ns)
{
    uint64_t end_ns = clock_ns(CLOCK_MONOTONIC);
    uint64_t share_ns = (end_ns - start_ns) * (OFFLINE_USERS_SHARE - 1);
    offline->users_due_ns = end_ns + MAX(share_ns, USERS_REST_NS);
}

/* Reads what is dirty, each user in turn, as far as one turn goes. Whether some are left. */
static bool read_some_places(struct offline *offline, uint64_t start_ns)
{
    size_t first = offline->next_user;
    for (size_t i = 0; i < offline->place_count; i++) {
        size_t index = (first + i) % offline->place_count;
        struct offline_place *place = offline->places[index];
        if (place->owner == 0 || !place->dirty)
            continue;
        if (clock_ns(CLOCK_MONOTONIC) - start_ns > USERS_TURN_NS)
            return true;
        (void)read_place(offline, place); /* a user's failure is his own */
        rest(offline, start_ns);
        offline->next_user = index + 1;
    }
    return false;
}

/* Whether some changes of users' have to wait for their share of time. */
static bool read_user_places(struct offline *offline)
{
    uint64_t start_ns = clock_ns(CLOCK_MONOTONIC);
    bool waiting = true;
    if (start_ns >= offline->users_due_ns) {
        if (offline_watches_take(&offline->users_watches) & OFFLINE_CHANGES_LOST)
            mark_places(offline, true);
        waiting = read_some_places(offline, start_ns);
    }
    bool resting = offline->users_due_ns > start_ns;
    (void)sd_event_source_set_enabled(offline->users_changes, resting ? SD_EVENT_OFF : SD_EVENT_ON);
    return waiting;
}

static struct container *find_container(const struct offline *offline, const char *id)
{
    for (int users = 0; users <= 1; users++)
        for (size_t i = 0; i < offline->place_count; i++) {
            const struct offline_place *place = offline->places[i];
            struct container *container =
                (place->owner != 0) == users ? container_list_find(&place->containers, id) : NULL;
            if (container)
                return container;
        }
    return NULL;
}

/* Whether the answer is final: nothing is left to be read, nor worth waiting for. With
 * `wait_for_path`, one without the path would be of no use. */
static bool is_final(const struct offline *offline, const struct container *container,
                     bool complete, const struct lookup *lookup)
{
    if (clock_ns(CLOCK_MONOTONIC) >= lookup->until_ns)
        return true;
    return container ? !offline->engine->wait_for_path || container->cgroup_path : complete;
}

/* Answers what can be answered. When the rest is due, UINT64_MAX if none is left. */
static uint64_t answer_lookups(struct offline *offline, bool complete)
{
    size_t kept = 0;
    uint64_t due_ns = UINT64_MAX;
    for (size_t i = 0; i < offline->lookup_count; i++) {
        struct lookup lookup = offline->lookups[i];
        struct container *container = find_container(offline, lookup.id);
        if (!is_final(offline, container, complete, &lookup)) {
            due_ns = MIN(due_ns, lookup.until_ns);
            offline->lookups[kept++] = lookup;
            continue;
        }
        if (container)
            runtime_report_found(offline->runtime, container);
        runtime_report_looked_up(offline->runtime, lookup.id);
        free(lookup.id);
    }
    offline->lookup_count = kept;
    return due_ns;
}

/* The list of users, if it is due. When it is the next time, UINT64_MAX for never. */
static uint64_t look_for_users(struct offline *offline)
{
    uint64_t now = clock_ns(CLOCK_MONOTONIC);
    bool first = offline->users_looks == USERS_LOOKS;
    if (offline->users_looks == 0)
        return UINT64_MAX;
    if (!first && now < offline->users_look_ns)
        return offline->users_look_ns;
    offline->users_looks--;
    follow_users(offline);
    offline->users_look_ns = now + USERS_LOOK_NS;
    return offline->users_looks ? offline->users_look_ns : UINT64_MAX;
}

static int on_timer(UNUSED sd_event_source *source, UNUSED uint64_t usec, void *userdata)
{
    struct offline *offline = userdata;
    take_changes_of_root(offline);
    uint64_t due_ns = look_for_users(offline);
    if (read_root_places(offline) < 0)
        return 0;
    bool waiting = read_user_places(offline);
    due_ns = MIN(due_ns, answer_lookups(offline, !waiting));
    if (!offline->up) {
        offline->up = true;
        runtime_report_up(offline->runtime);
    }
    if (offline->users_due_ns > clock_ns(CLOCK_MONOTONIC) || waiting)
        due_ns = MIN(due_ns, offline->users_due_ns);
    if (due_ns != UINT64_MAX)
        schedule(offline, due_ns);
    return 0;
}

static int on_changes(UNUSED sd_event_source *source, UNUSED int fd, UNUSED uint32_t events,
                      void *userdata)
{
    return on_timer(NULL, 0, userdata);
}

int offline_lookup(struct offline *offline, const char *id)
{
    if (offline->lookup_count == offline->lookups_allocated) {
        size_t allocated = offline->lookups_allocated ? offline->lookups_allocated * 2 : 16;
        struct lookup *lookups = reallocarray(offline->lookups, allocated, sizeof(*lookups));
        if (!lookups)
            return -ENOMEM;
        offline->lookups = lookups;
        offline->lookups_allocated = allocated;
    }
    char *copy = strdup(id);
    if (!copy)
        return -ENOMEM;
    offline->lookups[offline->lookup_count++] =
        (struct lookup){ .id = copy, .until_ns = clock_ns(CLOCK_MONOTONIC) + LOOKUP_WAIT_NS };
    schedule(offline, 0);
    return 0;
}

static int watch_changes(struct offline *offline, struct offline_watches *watches,
                         sd_event_source **ret_source)
{
    int r = offline_watches_open(watches);
    if (r == 0)
        r = sd_event_add_io(runtime_event(offline->runtime), ret_source, watches->fd, EPOLLIN,
                            on_changes, offline);
    if (r >= 0)
        (void)sd_event_source_set_description(*ret_source, "engine state directories");
    return r;
}

static int add_sources(struct offline *offline)
{
    int r = watch_changes(offline, &offline->root_watches, &offline->root_changes);
    if (r >= 0)
        r = watch_changes(offline, &offline->users_watches, &offline->users_changes);
    if (r < 0)
        return r;
    r = sd_event_add_time(runtime_event(offline->runtime), &offline->timer, CLOCK_MONOTONIC, 0, 1,
                          on_timer, offline);
    if (r >= 0)
        (void)sd_event_source_set_description(offline->timer, "engine state reading");
    return r;
}

int offline_new(struct runtime *runtime, const struct offline_engine *engine,
                struct offline **ret_offline)
{
    _cleanup_(offline_free)
    struct offline *offline = calloc(1, sizeof(*offline));
    if (!offline)
        return -ENOMEM;
    *offline = (struct offline){ .runtime = runtime, .engine = engine };
    offline->root_watches.fd = offline->users_watches.fd = -1;
    const char *host_root = getenv("HOST_ROOT");
    offline->host_root = strdup(host_root ? host_root : "");
    if (!offline->host_root)
        return -ENOMEM;
    int r = add_sources(offline);
    if (r < 0)
        return r;
    *ret_offline = TAKE_PTR(offline);
    return 0;
}

void offline_free(struct offline **offline_pointer)
{
    struct offline *offline = *offline_pointer;
    if (!offline)
        return;
    (void)sd_event_source_disable_unref(offline->root_changes);
    (void)sd_event_source_disable_unref(offline->users_changes);
    (void)sd_event_source_disable_unref(offline->timer);
    for (size_t i = 0; i < offline->place_count; i++)
        offline_place_free(&offline->places[i]);
    free(offline->places);
    offline_watches_close(&offline->root_watches);
    offline_watches_close(&offline->users_watches);
    for (size_t i = 0; i < offline->lookup_count; i++)
        free(offline->lookups[i].id);
    free(offline->lookups);
    free(offline->host_root);
    free(offline);
    *offline_pointer = NULL;
}
