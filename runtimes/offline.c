/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtimes/offline.h"

#include <errno.h>
#include <sys/inotify.h>
#include <time.h>

#include "runtimes/files/state_file.h"
#include "runtimes/files/users.h"
#include "runtimes/offline_place.h"

#define WATCH_MASK                                                                           \
    (IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CLOSE_WRITE | IN_DELETE_SELF | \
     IN_MOVE_SELF | IN_ONLYDIR | IN_ONESHOT)

/* Longer than an engine takes from the container's directory to its first state file. */
#define LOOKUP_WAIT_NS UINT64_C(1000000000)

struct lookup {
    char *id;
    uint64_t until_ns; /* how long it may wait for a file that is still being written */
};

struct offline {
    struct runtime *runtime;
    const struct offline_engine *engine;
    char *host_root;
    int inotify_fd;
    sd_event_source *inotify;
    sd_event_source *timer; /* all reading and reporting happens in it */

    struct offline_place **places;
    size_t place_count;
    size_t next_user;      /* place that comes first in the next turn, so that none starves */
    uint64_t users_due_ns; /* users' places rest until then */
    bool up;

    struct lookup *lookups;
    size_t lookup_count;
    size_t lookups_allocated;
};

static uint64_t now_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

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
    struct offline_place *place = offline_place_new(offline, 0, base, ".", run_base, ".");
    if (!place)
        return -ENOMEM;
    place->engine_namespace = engine_namespace;
    return add_place(offline, place);
}

const char *offline_host_root(const struct offline *offline)
{
    return offline->host_root;
}

void offline_watch(struct offline *offline, int directory_fd)
{
    char path[sizeof("/proc/self/fd/-2147483648")];
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", directory_fd);
    /* Out of watches: lookups and other places' changes still have it read. */
    (void)inotify_add_watch(offline->inotify_fd, path, WATCH_MASK);
}

size_t offline_containers_max(const struct offline_place *place)
{
    return place->owner == 0 ? OFFLINE_ROOT_CONTAINERS_MAX : OFFLINE_USER_CONTAINERS_MAX;
}

/* An unprivileged user does not rename root's containers. */
static bool known_to_root(const struct offline_place *place, const char *id)
{
    const struct offline *offline = place->offline;
    for (size_t i = 0; place->owner != 0 && i < offline->place_count; i++)
        if (offline->places[i]->owner == 0 &&
            container_list_find(&offline->places[i]->containers, id))
            return true;
    return false;
}

/* Puts `list` in the place of the last reading and reports how they differ. */
static void publish(struct offline_place *place, struct container_list *list)
{
    struct runtime *runtime = place->offline->runtime;
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
        if (order < 0 && !known_to_root(place, old.items[i]->id))
            runtime_report_removed(runtime, old.items[i]->id);
        if ((order > 0 || (order == 0 && !container_same(old.items[i], new->items[j]))) &&
            !known_to_root(place, new->items[j]->id))
            runtime_report_found(runtime, new->items[j]);
        i += order <= 0;
        j += order >= 0;
    }
    container_list_clear(&old);
}

static int read_place(struct offline_place *place)
{
    place->dirty = false;
    _cleanup_(container_list_clear)
    struct container_list list = { 0 };
    _cleanup_(close_fd)
    int fd = -1;
    int r = offline_place_open(place, &fd);
    if (r == 0)
        r = place->offline->engine->read(place, fd, &list);
    if (r > 0)
        return 0;
    /* What a user has broken is not there. Root's is kept until the engine comes back. */
    if (r < 0 && r != -ENOENT && r != -ENOTDIR && place->owner == 0)
        return r;
    if (r < 0) {
        place->fingerprint = 0;
        container_list_clear(&list);
    }
    publish(place, &list);
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
        offline_place_new(offline, uid, home ? home : run_dir, location->path,
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
        publish(place, &none);
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
        offline_watch(offline, fd);
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

/* 1 when something may have changed since the last call. */
static bool take_changes(struct offline *offline)
{
    char buffer[16384];
    bool changed = false;
    while (read(offline->inotify_fd, buffer, sizeof(buffer)) > 0)
        changed = true;
    return changed;
}

static int read_root_places(struct offline *offline)
{
    for (size_t i = 0; i < offline->place_count; i++) {
        struct offline_place *place = offline->places[i];
        if (place->owner != 0 || !place->dirty)
            continue;
        int r = read_place(place);
        if (r == 0)
            continue;
        struct error error;
        (void)error_set(&error, r, "cannot read %s: %s", place->base, strerror(-r));
        runtime_report_down(offline->runtime, &error);
        return r;
    }
    return 0;
}

/* Reads what is due, each user in turn; whether some have to wait for their share of time. */
static bool read_user_places(struct offline *offline)
{
    size_t first = offline->next_user;
    for (size_t i = 0; i < offline->place_count; i++) {
        size_t index = (first + i) % offline->place_count;
        struct offline_place *place = offline->places[index];
        if (place->owner == 0 || !place->dirty)
            continue;
        uint64_t start = now_ns();
        if (start < offline->users_due_ns)
            return true;
        (void)read_place(place); /* a user's failure is his own */
        uint64_t end = now_ns();
        offline->users_due_ns = end + (end - start) * (OFFLINE_USERS_SHARE - 1);
        offline->next_user = index + 1;
    }
    return false;
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

/* Whether the answer is final. With `wait_for_path`, one without the path would be of no use. */
static bool is_final(const struct offline *offline, const struct container *container,
                     bool complete, const struct lookup *lookup)
{
    if (!container)
        return complete;
    return !offline->engine->wait_for_path || container->cgroup_path ||
           now_ns() >= lookup->until_ns;
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
            due_ns = MIN(due_ns, container ? lookup.until_ns : offline->users_due_ns);
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

static int on_timer(UNUSED sd_event_source *source, UNUSED uint64_t usec, void *userdata)
{
    struct offline *offline = userdata;
    if (take_changes(offline) || !offline->up) {
        follow_users(offline);
        for (size_t i = 0; i < offline->place_count; i++)
            offline->places[i]->dirty = true;
    }
    if (read_root_places(offline) < 0)
        return 0;
    bool waiting = read_user_places(offline);
    uint64_t due_ns = answer_lookups(offline, !waiting);
    if (!offline->up) {
        offline->up = true;
        runtime_report_up(offline->runtime);
    }
    if (waiting)
        due_ns = MIN(due_ns, offline->users_due_ns);
    if (due_ns != UINT64_MAX)
        schedule(offline, due_ns);
    return 0;
}

static int on_inotify(UNUSED sd_event_source *source, UNUSED int fd, UNUSED uint32_t events,
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
        (struct lookup){ .id = copy, .until_ns = now_ns() + LOOKUP_WAIT_NS };
    schedule(offline, 0);
    return 0;
}

static int add_sources(struct offline *offline)
{
    sd_event *event = runtime_event(offline->runtime);
    int r = sd_event_add_io(event, &offline->inotify, offline->inotify_fd, EPOLLIN, on_inotify,
                            offline);
    if (r < 0)
        return r;
    r = sd_event_add_time(event, &offline->timer, CLOCK_MONOTONIC, 0, 1, on_timer, offline);
    if (r < 0)
        return r;
    (void)sd_event_source_set_description(offline->inotify, "engine state directories");
    (void)sd_event_source_set_description(offline->timer, "engine state reading");
    return 0;
}

int offline_new(struct runtime *runtime, const struct offline_engine *engine,
                struct offline **ret_offline)
{
    _cleanup_(offline_free)
    struct offline *offline = calloc(1, sizeof(*offline));
    if (!offline)
        return -ENOMEM;
    *offline = (struct offline){ .runtime = runtime, .engine = engine, .inotify_fd = -1 };
    const char *host_root = getenv("HOST_ROOT");
    offline->host_root = strdup(host_root ? host_root : "");
    if (!offline->host_root)
        return -ENOMEM;
    offline->inotify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (offline->inotify_fd < 0)
        return -errno;
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
    (void)sd_event_source_disable_unref(offline->inotify);
    (void)sd_event_source_disable_unref(offline->timer);
    close_fd(&offline->inotify_fd);
    for (size_t i = 0; i < offline->place_count; i++)
        offline_place_free(&offline->places[i]);
    free(offline->places);
    for (size_t i = 0; i < offline->lookup_count; i++)
        free(offline->lookups[i].id);
    free(offline->lookups);
    free(offline->host_root);
    free(offline);
    *offline_pointer = NULL;
}
