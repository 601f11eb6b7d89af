/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtimes/offline_place.h"

#include "runtimes/files/state_file.h"
#include "runtimes/offline_watch.h"

static char *copy_text(const char *text)
{
    return text ? strdup(text) : NULL;
}

struct offline_place *offline_place_new(struct offline_watches *watches, uid_t owner,
                                        const char *base, const char *path, const char *run_base,
                                        const char *run_path)
{
    _cleanup_(offline_place_free)
    struct offline_place *place = calloc(1, sizeof(*place));
    if (!place)
        return NULL;
    place->watches = watches;
    place->owner = owner;
    place->base = strdup(base);
    place->path = strdup(path);
    place->run_base = copy_text(run_base);
    place->run_path = run_base ? copy_text(run_path) : NULL;
    place->dirty = true;
    if (!place->base || !place->path || (run_base && !(place->run_base && place->run_path)))
        return NULL;
    return TAKE_PTR(place);
}

void offline_place_free(struct offline_place **place)
{
    if (!*place)
        return;
    offline_watches_forget((*place)->watches, *place);
    container_list_clear(&(*place)->containers);
    free((*place)->base);
    free((*place)->path);
    free((*place)->run_base);
    free((*place)->run_path);
    free(*place);
    *place = NULL;
}

void offline_watch(struct offline_place *place, int directory_fd)
{
    offline_watches_add(place->watches, place, directory_fd);
}

/* Cuts the last component off; false when there is none left. */
static bool cut_component(char *path)
{
    char *slash = strrchr(path, '/');
    if (!slash || slash[1] == '\0')
        return false;
    slash[slash == path ? 1 : 0] = '\0';
    return true;
}

/* Watches the nearest ancestor of a base that does not exist yet. */
static void watch_above_base(struct offline_place *place)
{
    _cleanup_(free_string)
    char *path = strdup(place->base);
    while (path && cut_component(path)) {
        _cleanup_(close_fd)
        int fd = -1;
        if (state_open_base(path, place->owner, &fd) < 0)
            continue;
        offline_watch(place, fd);
        return;
    }
}

static void watch_beneath_base(struct offline_place *place, int base_fd)
{
    _cleanup_(free_string)
    char *path = strdup(place->path);
    while (path && cut_component(path)) {
        _cleanup_(close_fd)
        int fd = -1;
        if (state_open_beneath(base_fd, path, place->owner, &fd) < 0)
            continue;
        offline_watch(place, fd);
        return;
    }
    offline_watch(place, base_fd);
}

static int open_place_once(struct offline_place *place, int *ret_fd)
{
    _cleanup_(close_fd)
    int base_fd = -1;
    int r = state_open_base(place->base, place->owner, &base_fd);
    if (r < 0) {
        watch_above_base(place);
        return r;
    }
    r = state_open_beneath(base_fd, place->path, place->owner, ret_fd);
    if (r < 0)
        watch_beneath_base(place, base_fd);
    return r;
}

/* The second try is for a directory that was made just before its ancestor was watched. */
int offline_place_open(struct offline_place *place, int *ret_fd)
{
    int r = open_place_once(place, ret_fd);
    return r < 0 ? open_place_once(place, ret_fd) : r;
}
