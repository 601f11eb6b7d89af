/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtimes/storage.h"

#include <errno.h>
#include <fcntl.h>

#include "runtimes/files/process.h"
#include "runtimes/files/state_file.h"
#include "runtimes/json.h"
#include "runtimes/json_parse.h"
#include "runtimes/kubernetes.h"
#include "runtimes/storage_image.h"

const char storage_podman[] = "podman";
const char storage_crio[] = "cri-o";

/* Those that containers/storage knows; there is one in nearly every store. */
static const char *const driver_directories[] = {
    "overlay-containers",
    "vfs-containers",
    "btrfs-containers",
    "zfs-containers",
};

static const char *const documents[] = { "containers.json", "volatile-containers.json" };

/* An id becomes a component of a path. */
static bool is_id(const char *id)
{
    return id && id[0] != '\0' && id[0] != '.' && strlen(id) <= 255 && !strchr(id, '/');
}

/* podman's own pause image, or the name it gives to the first container of a pod. */
static bool is_podman_infra(const char *name, const char *image)
{
    if (image && strncmp(image, "localhost/podman-pause:", 23) == 0)
        return true;
    return name && strspn(name, "0123456789abcdef") == 12 && strcmp(name + 12, "-infra") == 0;
}

static const struct json_field podman_fields[] = {
    { "name", offsetof(struct container, name) },
    { "image-name", offsetof(struct container, image) },
};

/* A container's "pod-name" is CRI-O's own word, "k8s_web_shop_UID_0". */
static const struct json_field crio_fields[] = {
    { "metadata-name", offsetof(struct container, name) },
    { "image-name", offsetof(struct container, image) },
    { "image-id", offsetof(struct container, image) },
    { "pod-id", offsetof(struct container, sandbox_id) },
};

static const struct json_field sandbox_fields[] = {
    { "image-name", offsetof(struct container, image) },
    { "metadata-name", offsetof(struct container, pod) },
    { "namespace", offsetof(struct container, pod_namespace) },
    { "uid", offsetof(struct container, pod_uid) },
};

static int fill_crio(struct container *container, const cJSON *metadata)
{
    container->sandbox = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(metadata, "pod"));
    return container->sandbox
               ? json_fill(container, metadata, sandbox_fields, ARRAY_SIZE(sandbox_fields))
               : json_fill(container, metadata, crio_fields, ARRAY_SIZE(crio_fields));
}

static int fill_podman(struct container *container, const cJSON *entry, const cJSON *metadata)
{
    int r = json_fill(container, metadata, podman_fields, ARRAY_SIZE(podman_fields));
    /* A rename changes the list of names, the metadata keeps the first one. */
    const char *name = cJSON_GetStringValue(
        cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(entry, "names"), 0));
    if (r == 0 && name && name[0])
        r = container_set_text(&container->name, name);
    container->sandbox = is_podman_infra(container->name, container->image);
    return r;
}

/* 0 with *ret_container NULL for what is not one of `runtime`'s containers. */
static int parse_entry(const cJSON *entry, const char *runtime, uid_t owner,
                       struct container **ret_container)
{
    *ret_container = NULL;
    const char *id = json_text(entry, "id");
    const char *metadata_text = json_text(entry, "metadata");
    _cleanup_(json_free)
    cJSON *metadata = metadata_text ? json_parse(metadata_text, strlen(metadata_text)) : NULL;
    if (!is_id(id) || !cJSON_IsObject(metadata))
        return 0;
    bool crio = json_text(metadata, "pod-id") != NULL;
    if (crio != (runtime == storage_crio))
        return 0;
    _cleanup_(container_unref)
    struct container *container = container_new(runtime, id);
    if (!container)
        return -ENOMEM;
    container->owner_uid = owner;
    int r = crio ? fill_crio(container, metadata) : fill_podman(container, entry, metadata);
    if (r < 0)
        return r;
    container->named = container->name || container->sandbox;
    container->partial = true;
    *ret_container = TAKE_PTR(container);
    return 0;
}

int storage_parse(const char *text, size_t length, const char *runtime, uid_t owner, size_t max,
                  struct container_list *list)
{
    _cleanup_(json_free)
    cJSON *document = json_parse(text, length);
    if (!cJSON_IsArray(document))
        return -EBADMSG;
    const cJSON *entry;
    cJSON_ArrayForEach (entry, document) {
        struct container *container;
        int r = parse_entry(entry, runtime, owner, &container);
        if (r == 0 && container)
            r = container_list_add(list, &container, max);
        if (r < 0)
            return r;
    }
    return 0;
}

int storage_join_pods(struct container_list *list)
{
    container_list_sort(list);
    for (size_t i = 0; i < list->count; i++) {
        struct container *container = list->items[i];
        const struct container *sandbox =
            container->sandbox_id ? container_list_find(list, container->sandbox_id) : NULL;
        int r = sandbox ? kubernetes_join_pod(container, sandbox) : 0;
        if (r < 0)
            return r;
    }
    return 0;
}

/* FNV-1a over what changes when a file is replaced or written to. */
static uint64_t hash_file(uint64_t hash, int directory_fd, const char *name)
{
    struct stat status;
    if (fstatat(directory_fd, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
        return hash;
    const uint64_t words[] = {
        (uint64_t)status.st_ino,          (uint64_t)status.st_size,
        (uint64_t)status.st_ctim.tv_sec,  (uint64_t)status.st_ctim.tv_nsec,
        (uint64_t)status.st_mtim.tv_nsec, (uint64_t)status.st_mtim.tv_sec,
    };
    for (size_t i = 0; i < ARRAY_SIZE(words); i++)
        hash = (hash ^ words[i]) * UINT64_C(0x100000001b3);
    return hash;
}

/* The directories of one store: those of the graphroot, and of the runroot, where a store without
 * memory of its own ("transient") keeps all. -1 for those that are not there. */
struct directories {
    int graph[ARRAY_SIZE(driver_directories)];
    int run[ARRAY_SIZE(driver_directories)];
};

static void close_directories(struct directories *directories)
{
    for (size_t i = 0; i < ARRAY_SIZE(driver_directories); i++) {
        close_fd(&directories->graph[i]);
        close_fd(&directories->run[i]);
    }
}

static void open_directories(struct offline_place *place, int root_fd, int *ret_fds)
{
    offline_watch(place, root_fd);
    for (size_t i = 0; i < ARRAY_SIZE(driver_directories); i++)
        if (state_open_beneath(root_fd, driver_directories[i], place->owner, &ret_fds[i]) == 0)
            offline_watch(place, ret_fds[i]);
}

static void open_run_directories(struct offline_place *place, int *ret_fds)
{
    _cleanup_(close_fd)
    int base_fd = -1, root_fd = -1;
    if (place->run_base && state_open_base(place->run_base, place->owner, &base_fd) == 0 &&
        state_open_beneath(base_fd, place->run_path, place->owner, &root_fd) == 0)
        open_directories(place, root_fd, ret_fds);
}

/* The pid that the monitor wrote, once it is known to be this container's. While it has not, a
 * container that was just made is watched for it. */
static pid_t read_pid(struct offline_place *place, const struct directories *directories,
                      const char *id, bool watch)
{
    for (size_t i = 0; i < ARRAY_SIZE(driver_directories); i++) {
        char path[320];
        _cleanup_(close_fd)
        int fd = -1;
        _cleanup_(free_string)
        char *text = NULL;
        size_t length;
        (void)snprintf(path, sizeof(path), "%s/userdata", id);
        if (directories->run[i] < 0 ||
            state_open_beneath(directories->run[i], path, place->owner, &fd) < 0)
            continue;
        if (watch)
            offline_watch(place, fd);
        if (state_read_beneath(fd, "pidfile", place->owner, 32, &text, &length, NULL) < 0)
            return 0;
        long pid = strtol(text, NULL, 10);
        bool good = pid > 0 && pid <= INT32_MAX && process_in_container((pid_t)pid, id);
        return good ? (pid_t)pid : 0;
    }
    return 0;
}

static void take_pid(struct container *container, pid_t pid)
{
    container->pid = pid;
    container->state = CONTAINER_STATE_RUNNING;
    if (process_start_time(pid, &container->pid_start_ticks) < 0)
        container->pid_start_ticks = 0;
}

/* A container that appeared while we watched is CREATED until it has a pid; of those that were
 * there before, and of those that have ended, the files do not tell. */
static void find_pids(struct offline_place *place, const struct directories *directories,
                      struct container_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        struct container *container = list->items[i];
        const struct container *old = container_list_find(&place->containers, container->id);
        bool starting = old ? old->state == CONTAINER_STATE_CREATED : place->fingerprint != 0;
        bool same = old && process_still(old->pid, old->pid_start_ticks);
        pid_t pid = same ? old->pid : read_pid(place, directories, container->id, starting);
        if (pid)
            take_pid(container, pid);
        else if (starting)
            container->state = CONTAINER_STATE_CREATED;
    }
}

/* Without a change in the documents: those that are starting may have their pids by now. */
static int refresh(struct offline_place *place, const struct directories *directories,
                   struct container_list *list)
{
    size_t starting = 0;
    for (size_t i = 0; i < place->containers.count; i++)
        starting += place->containers.items[i]->state == CONTAINER_STATE_CREATED;
    if (starting == 0)
        return 1;
    for (size_t i = 0; i < place->containers.count; i++) {
        struct container *old = place->containers.items[i];
        bool may_change = old->state == CONTAINER_STATE_CREATED;
        pid_t pid = may_change ? read_pid(place, directories, old->id, true) : 0;
        struct container *container = pid ? container_copy(old) : container_ref(old);
        if (!container)
            return -ENOMEM;
        if (pid)
            take_pid(container, pid);
        int r = container_list_add(list, &container, SIZE_MAX);
        if (r < 0)
            return r;
    }
    return 0;
}

static int read_directory(const struct offline_place *place, int directory_fd, const char *runtime,
                          struct container_list *list)
{
    for (size_t i = 0; directory_fd >= 0 && i < ARRAY_SIZE(documents); i++) {
        _cleanup_(free_string)
        char *text = NULL;
        size_t length;
        int r = state_read_beneath(directory_fd, documents[i], place->owner,
                                   storage_document_max(place), &text, &length, NULL);
        /* podman touches an empty file before it writes the first container. */
        if (r == 0 && length > 0)
            r = storage_parse(text, length, runtime, place->owner, offline_containers_max(place),
                              list);
        if (r < 0 && r != -ENOENT)
            return r;
    }
    return 0;
}

static uint64_t fingerprint(const struct directories *directories)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < ARRAY_SIZE(driver_directories); i++)
        for (size_t j = 0; j < ARRAY_SIZE(documents); j++) {
            hash = hash_file(hash, directories->graph[i], documents[j]);
            hash = hash_file(hash, directories->run[i], documents[j]);
        }
    return hash;
}

int storage_read(struct offline_place *place, int directory_fd, const char *runtime,
                 struct container_list *list)
{
    _cleanup_(close_directories)
    struct directories directories;
    memset(&directories, 0xff, sizeof(directories));
    open_directories(place, directory_fd, directories.graph);
    open_run_directories(place, directories.run);
    /* Taken before the documents: what changes in between is read again. */
    uint64_t now = fingerprint(&directories);
    if (now == place->fingerprint)
        return refresh(place, &directories, list);
    for (size_t i = 0; i < ARRAY_SIZE(driver_directories); i++) {
        int r = read_directory(place, directories.graph[i], runtime, list);
        if (r == 0)
            r = read_directory(place, directories.run[i], runtime, list);
        if (r < 0)
            return r;
    }
    int r = storage_join_pods(list);
    if (r == 0)
        r = storage_name_images(place, directory_fd, list);
    if (r < 0)
        return r;
    find_pids(place, &directories, list);
    place->fingerprint = now;
    return 0;
}
