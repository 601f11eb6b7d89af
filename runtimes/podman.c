/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * podman, and CRI-O when its socket is away: both write who their containers are into
 * containers/storage, root's and each user's. podman has no daemon, so this is its main road: a
 * container is in the file before its cgroup is made.
 */
#include <errno.h>

#include "runtimes/drivers.h"
#include "runtimes/offline.h"
#include "runtimes/storage.h"

#define DEFAULT_GRAPH_ROOT "/var/lib/containers/storage"
#define DEFAULT_RUN_ROOT   "/run/containers/storage"

static const struct offline_user_location user_locations[] = {
    { OFFLINE_HOME, ".local/share/containers/storage", "containers" },
    { 0 },
};

/* The value of `key = "value"`, as TOML writes it in /etc/containers/storage.conf; only absolute
 * paths. NULL if the line is another one. */
static const char *setting(char *line, const char *key)
{
    char *at = line + strspn(line, " \t");
    size_t length = strlen(key);
    if (strncmp(at, key, length) != 0)
        return NULL;
    at += length;
    at += strspn(at, " \t");
    if (*at++ != '=')
        return NULL;
    at += strspn(at, " \t");
    char quote = *at++;
    char *end = quote == '"' || quote == '\'' ? strchr(at, quote) : NULL;
    if (!end || *at != '/')
        return NULL;
    *end = '\0';
    return at;
}

/* Root's own choice of directories replaces the defaults. */
static int read_configuration(const char *host_root, const char *file, char **graph_root,
                              char **run_root)
{
    _cleanup_(free_string)
    char *path = NULL;
    if (asprintf(&path, "%s%s", host_root, file) < 0)
        return -ENOMEM;
    _cleanup_(close_file)
    FILE *stream = fopen(path, "re");
    char line[4096];
    while (stream && fgets(line, sizeof(line), stream)) {
        const char *graph = setting(line, "graphroot");
        const char *run = graph ? NULL : setting(line, "runroot");
        if (!graph && !run)
            continue;
        int r = container_set_text(graph ? graph_root : run_root, graph ? graph : run);
        if (r < 0)
            return r;
    }
    return 0;
}

static int open_store(struct runtime *runtime, const struct offline_engine *engine,
                      void **ret_connection)
{
    /* The vendor's file first: the last word is the administrator's. */
    static const char *const files[] = { "/usr/share/containers/storage.conf",
                                         "/etc/containers/storage.conf" };
    _cleanup_(offline_free)
    struct offline *offline = NULL;
    _cleanup_(free_string)
    char *graph_root = strdup(DEFAULT_GRAPH_ROOT);
    _cleanup_(free_string)
    char *run_root = strdup(DEFAULT_RUN_ROOT);
    int r = graph_root && run_root ? offline_new(runtime, engine, &offline) : -ENOMEM;
    for (size_t i = 0; r == 0 && i < ARRAY_SIZE(files); i++)
        r = read_configuration(offline_host_root(offline), files[i], &graph_root, &run_root);
    if (r == 0)
        r = offline_add_place(offline, graph_root, run_root, NULL);
    if (r < 0)
        return r;
    *ret_connection = TAKE_PTR(offline);
    return 0;
}

static int podman_read(struct offline_place *place, int directory_fd, struct container_list *list)
{
    return storage_read(place, directory_fd, storage_podman, list);
}

static int crio_read(struct offline_place *place, int directory_fd, struct container_list *list)
{
    return storage_read(place, directory_fd, storage_crio, list);
}

static int podman_open(struct runtime *runtime, void **ret_connection, struct error *error)
{
    static const struct offline_engine engine = { user_locations, podman_read, false };
    int r = open_store(runtime, &engine, ret_connection);
    return r < 0 ? error_set(error, r, "cannot follow podman's storage: %s", strerror(-r)) : 0;
}

static int crio_open(struct runtime *runtime, void **ret_connection, struct error *error)
{
    static const struct offline_engine engine = { NULL, crio_read, false };
    int r = open_store(runtime, &engine, ret_connection);
    return r < 0 ? error_set(error, r, "cannot follow CRI-O's storage: %s", strerror(-r)) : 0;
}

static void store_close(void *connection)
{
    struct offline *offline = connection;
    offline_free(&offline);
}

static int store_lookup(void *connection, const char *id)
{
    return offline_lookup(connection, id);
}

const struct runtime_driver podman_driver = {
    .name = "podman",
    .rank = 4,
    .open = podman_open,
    .close = store_close,
    .lookup = store_lookup,
};

const struct runtime_driver crio_storage_driver = {
    .engine = "cri-o",
    .name = "cri-o-storage",
    .open = crio_open,
    .close = store_close,
    .lookup = store_lookup,
};
