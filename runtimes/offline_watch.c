/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtimes/offline_watch.h"

#include <errno.h>
#include <sys/inotify.h>

#include "runtimes/offline.h"

#define WATCH_MASK                                                                           \
    (IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CLOSE_WRITE | IN_DELETE_SELF | \
     IN_MOVE_SELF | IN_ONLYDIR | IN_ONESHOT)

/* Several places may wait for one directory: a parent of theirs, while they do not exist. */
struct offline_watch {
    struct offline_place *place; /* NULL: the list of users */
    struct offline_watch *next;
};

int offline_watches_open(struct offline_watches *watches)
{
    watches->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    return watches->fd < 0 ? -errno : 0;
}

static void free_chain(struct offline_watch *watch)
{
    while (watch) {
        struct offline_watch *next = watch->next;
        free(watch);
        watch = next;
    }
}

void offline_watches_close(struct offline_watches *watches)
{
    close_fd(&watches->fd);
    struct offline_watch *watch;
    size_t at = 0;
    while ((watch = number_table_next(&watches->places, &at, NULL)))
        free_chain(watch);
    number_table_clear(&watches->places);
}

void offline_watches_add(struct offline_watches *watches, struct offline_place *place,
                         int directory_fd)
{
    char path[sizeof("/proc/self/fd/-2147483648")];
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", directory_fd);
    int descriptor = inotify_add_watch(watches->fd, path, WATCH_MASK);
    if (descriptor < 0)
        return;
    struct offline_watch *first = number_table_get(&watches->places, (uint64_t)descriptor);
    for (const struct offline_watch *watch = first; watch; watch = watch->next)
        if (watch->place == place)
            return;
    struct offline_watch *watch = malloc(sizeof(*watch));
    if (!watch)
        return;
    *watch = (struct offline_watch){ .place = place, .next = first };
    if (number_table_put(&watches->places, (uint64_t)descriptor, watch) < 0)
        free(watch);
}

void offline_watches_forget(struct offline_watches *watches, const struct offline_place *place)
{
    struct offline_watch *first;
    uint64_t descriptor;
    size_t at = 0;
    while ((first = number_table_next(&watches->places, &at, &descriptor)))
        for (struct offline_watch *watch = first; watch; watch = watch->next)
            if (watch->place == place)
                watch->place = NULL; /* one more look at the list of users does no harm */
}

static unsigned int mark(struct offline_watches *watches, int descriptor)
{
    unsigned int changes = 0;
    struct offline_watch *first = number_table_remove(&watches->places, (uint64_t)descriptor);
    for (const struct offline_watch *watch = first; watch; watch = watch->next)
        if (watch->place)
            watch->place->dirty = true;
        else
            changes = OFFLINE_USERS_CHANGED;
    free_chain(first);
    return changes;
}

unsigned int offline_watches_take(struct offline_watches *watches)
{
    char buffer[16384] __attribute__((aligned(__alignof__(struct inotify_event))));
    unsigned int changes = 0;
    ssize_t length;
    while ((length = read(watches->fd, buffer, sizeof(buffer))) > 0) {
        const struct inotify_event *event;
        for (ssize_t at = 0; at < length; at += (ssize_t)(sizeof(*event) + event->len)) {
            event = (const struct inotify_event *)(const void *)(buffer + at);
            changes |=
                event->mask & IN_Q_OVERFLOW ? OFFLINE_CHANGES_LOST : mark(watches, event->wd);
        }
    }
    return changes;
}
