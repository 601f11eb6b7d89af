/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * runc and crun by hand: a directory per container under the runtime's state root, made before the
 * container's cgroup. The id is the name. Engines above them keep theirs in the same way: those of
 * podman and CRI-O lie in the same directories, Docker's and containerd's in roots of their own,
 * and are read for the pid, and for the names that Kubernetes hands down as annotations. Whoever
 * also hears of them from their engine should take the engine's word: it knows more.
 */
#include <errno.h>
#include <fcntl.h>

#include "runtimes/drivers.h"
#include "runtimes/files/process.h"
#include "runtimes/files/state_file.h"
#include "runtimes/oci_state.h"
#include "runtimes/offline.h"

/* runc's state.json has the whole configuration; its annotations alone may be 256 KiB. */
#define STATE_SIZE_MAX ((size_t)1 << 20)

struct oci_runtime {
    const char *name;
    const char *file; /* beneath the container's directory */
    int (*parse)(const char *text, size_t length, struct container *container,
                 uint64_t *ret_start_ticks);
};

static const struct oci_runtime runc = { "runc", "state.json", oci_state_parse_runc };
static const struct oci_runtime crun = { "crun", "status", oci_state_parse_crun };

static const struct offline_user_location runc_user_locations[] = {
    { OFFLINE_RUN_DIR, "runc", NULL },
    { 0 },
};

static const struct offline_user_location crun_user_locations[] = {
    { OFFLINE_RUN_DIR, "crun", NULL },
    { 0 },
};

/* State roots of root's. */
struct oci_root {
    const char *path;
    const char *engine_namespace;
};

static const struct oci_root runc_roots[] = {
    { "/run/runc", NULL },
    { "/run/containerd/runc/default", "default" },
    { "/run/containerd/runc/k8s.io", "k8s.io" },
    { "/run/docker/runtime-runc/moby", "moby" },
    { 0 },
};

static const struct oci_root crun_roots[] = {
    { "/run/crun", NULL },
    { 0 },
};

/* What a state file says may be stale. Whether a user's is made up is for the registry to find out:
 * it sees in whose hands a cgroup is. */
static void check(struct container *container, uint64_t start_ticks)
{
    uint64_t ticks = 0;
    int r = container->pid ? process_start_time(container->pid, &ticks) : -ENOENT;
    bool ended =
        container->pid && (r == -ENOENT || (r == 0 && start_ticks && ticks != start_ticks));
    if (r == 0 && !ended)
        container->state = CONTAINER_STATE_RUNNING;
    else
        container->pid = 0;
    container->pid_start_ticks = container->pid ? ticks : 0;
    if (ended)
        container->state = CONTAINER_STATE_EXITED;
}

/* 1 when the file is not there: a container is known by its directory before that, and after. */
static int read_state(struct offline_place *place, int directory_fd, const struct oci_runtime *oci,
                      struct container *container)
{
    _cleanup_(close_fd)
    int fd = -1;
    int r = state_open_beneath(directory_fd, container->id, place->owner, &fd);
    if (r < 0)
        return r;
    offline_watch(place, fd);
    _cleanup_(free_string)
    char *text = NULL;
    size_t length;
    uint64_t start_ticks = 0;
    r = state_read_beneath(fd, oci->file, place->owner, STATE_SIZE_MAX, &text, &length, NULL);
    if (r == 0)
        r = oci->parse(text, length, container, &start_ticks);
    if (r == -ENOMEM)
        return r;
    check(container, start_ticks);
    return r == -ENOENT;
}

/* The name that was handed down, or else the id. */
static int name_by_id(const struct offline_place *place, struct container *container)
{
    if (!container->name && !place->engine_namespace && oci_state_id_is_name(container)) {
        int r = container_set_text(&container->name, container->id);
        if (r < 0)
            return r;
    }
    container->named = container->name != NULL;
    return 0;
}

static int read_container(struct offline_place *place, int directory_fd,
                          const struct oci_runtime *oci, const char *id,
                          struct container **ret_container)
{
    struct container *old = container_list_find(&place->containers, id);
    if (old && process_still(old->pid, old->pid_start_ticks)) {
        *ret_container = container_ref(old);
        return 0;
    }
    _cleanup_(container_unref)
    struct container *container = container_new(oci->name, id);
    if (!container)
        return -ENOMEM;
    container->owner_uid = place->owner;
    int r = read_state(place, directory_fd, oci, container);
    if (r == 1 && old) { /* being removed, or made: nothing new is known */
        *ret_container = container_ref(old);
        return 0;
    }
    if (r >= 0 && place->engine_namespace)
        r = container_set_text(&container->engine_namespace, place->engine_namespace);
    if (r >= 0)
        r = name_by_id(place, container);
    if (r < 0)
        return r;
    *ret_container = TAKE_PTR(container);
    return 0;
}

/* A descriptor of its own for closedir() to close. */
static int list_directory(int directory_fd, DIR **ret_directory)
{
    _cleanup_(close_fd)
    int fd = openat(directory_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *directory = fd < 0 ? NULL : fdopendir(fd);
    if (!directory)
        return -errno;
    (void)TAKE_FD(fd);
    *ret_directory = directory;
    return 0;
}

static int read_root(struct offline_place *place, int directory_fd, const struct oci_runtime *oci,
                     struct container_list *list)
{
    offline_watch(place, directory_fd);
    _cleanup_(close_directory)
    DIR *directory = NULL;
    int r = list_directory(directory_fd, &directory);
    if (r < 0)
        return r;
    const struct dirent *entry;
    while ((entry = readdir(directory))) {
        if (entry->d_name[0] == '.' || (entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN))
            continue;
        struct container *container;
        r = read_container(place, directory_fd, oci, entry->d_name, &container);
        if (r == 0)
            r = container_list_add(list, &container, offline_containers_max(place));
        if (r == -ENOMEM || r == -ENOSPC)
            return r;
        /* Anything else: it was removed meanwhile, or is no container. */
    }
    return 0;
}

static int read_runc(struct offline_place *place, int directory_fd, struct container_list *list)
{
    return read_root(place, directory_fd, &runc, list);
}

static int read_crun(struct offline_place *place, int directory_fd, struct container_list *list)
{
    return read_root(place, directory_fd, &crun, list);
}

static int open_roots(struct runtime *runtime, const struct offline_engine *engine,
                      const struct oci_root *root, void **ret_connection, struct error *error)
{
    _cleanup_(offline_free)
    struct offline *offline = NULL;
    int r = offline_new(runtime, engine, &offline);
    for (; r == 0 && root->path; root++)
        r = offline_add_place(offline, root->path, NULL, root->engine_namespace);
    if (r < 0)
        return error_set(error, r, "cannot follow the state directories: %s", strerror(-r));
    *ret_connection = TAKE_PTR(offline);
    return 0;
}

static int runc_open(struct runtime *runtime, void **ret_connection, struct error *error)
{
    static const struct offline_engine engine = { runc_user_locations, read_runc, true };
    return open_roots(runtime, &engine, runc_roots, ret_connection, error);
}

static int crun_open(struct runtime *runtime, void **ret_connection, struct error *error)
{
    static const struct offline_engine engine = { crun_user_locations, read_crun, true };
    return open_roots(runtime, &engine, crun_roots, ret_connection, error);
}

static void oci_close(void *connection)
{
    struct offline *offline = connection;
    offline_free(&offline);
}

static int oci_lookup(void *connection, const char *id)
{
    return offline_lookup(connection, id);
}

const struct runtime_driver runc_driver = {
    .name = "runc",
    .rank = 1,
    .any_id = true,
    .open = runc_open,
    .close = oci_close,
    .lookup = oci_lookup,
};

const struct runtime_driver crun_driver = {
    .name = "crun",
    .rank = 1,
    .any_id = true,
    .open = crun_open,
    .close = oci_close,
    .lookup = oci_lookup,
};
