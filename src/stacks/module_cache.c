/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/stacks/module_cache.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>

#include "src/stacks/root_walk.h"

#define KEY_SIZE 128

/* -------- opening -------- */

/* A regular file and nothing else is opened: a device could do anything. */
static int reopen(int path_fd)
{
    char link[64];
    struct stat status;

    if (fstat(path_fd, &status) < 0 || !S_ISREG(status.st_mode))
        return -1;
    (void)snprintf(link, sizeof(link), "/proc/self/fd/%d", path_fd);
    return open(link, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

/* A path as a process sees it, links included. */
static int open_in_root(uint32_t pid, const char *path)
{
    _cleanup_(close_fd)
    int root = -1, fd = -1;
    char place[64];

    (void)snprintf(place, sizeof(place), "/proc/%" PRIu32 "/root", pid);
    root = open(place, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (root < 0)
        return -1;
    fd = root_walk(root, path);
    return fd < 0 ? -1 : reopen(fd);
}

/* Exactly the file that is mapped, also when it has been replaced or removed since. */
static int open_map(uint32_t pid, const struct user_map *map)
{
    _cleanup_(close_fd)
    int fd = -1;
    char place[96];

    (void)snprintf(place, sizeof(place), "/proc/%" PRIu32 "/map_files/%" PRIx64 "-%" PRIx64, pid,
                   map->start, map->end);
    fd = open(place, O_PATH | O_CLOEXEC);
    return fd < 0 ? -1 : reopen(fd);
}

static void format_build_id(const uint8_t *id, char *text)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < BUILD_ID_SIZE; i++) {
        text[2 * i] = digits[id[i] >> 4];
        text[2 * i + 1] = digits[id[i] & 15];
    }
    text[2 * BUILD_ID_SIZE] = '\0';
}

/* Where distributions put what they have taken out of a program: beside the program, or here. */
static void find_debug(struct user_module *module, uint32_t pid)
{
    const uint8_t *id = user_module_build_id(module);
    char hex[2 * BUILD_ID_SIZE + 1], path[128];
    int fd;

    if (!id)
        return;
    format_build_id(id, hex);
    (void)snprintf(path, sizeof(path), "/usr/lib/debug/.build-id/%.2s/%s.debug", hex, hex + 2);
    fd = open_in_root(pid, path);
    if (fd < 0)
        fd = open_in_root((uint32_t)getpid(), path);
    if (fd >= 0)
        user_module_add_debug(module, fd);
}

/* -------- names of files -------- */

/* Exact, for an owner: two files never have the same. */
static size_t key_of_file(const struct module_owner *owner, const struct user_map *map, char *key)
{
    return (size_t)snprintf(key, KEY_SIZE, "%" PRIx64 " %" PRIx32 " file %" PRIx64 " %" PRIx64,
                            owner->owner, owner->uid, map->device, map->inode);
}

static size_t key_of_build_id(const struct module_owner *owner, const uint8_t *build_id, char *key)
{
    char hex[2 * BUILD_ID_SIZE + 1];

    format_build_id(build_id, hex);
    return (size_t)snprintf(key, KEY_SIZE, "%" PRIx64 " %" PRIx32 " id %s", owner->owner,
                            owner->uid, hex);
}

void module_cache_clear(struct module_cache *cache)
{
    while (cache->count > 0)
        user_module_free(&cache->modules[--cache->count]);
    string_table_clear(&cache->index);
    cache->open_size = 0;
}

/* Takes the module over; `file_key` may be NULL. */
static struct user_module *keep(struct module_cache *cache, const struct module_owner *owner,
                                const char *file_key, struct user_module *module, uint32_t pid)
{
    const uint8_t *build_id = user_module_build_id(module);
    char key[KEY_SIZE];

    if (cache->count == MODULE_CACHE_MAX)
        module_cache_clear(cache);
    cache->modules[cache->count++] = module;
    if (file_key)
        (void)string_table_put(&cache->index, file_key, strlen(file_key), module);
    if (build_id)
        (void)string_table_put(&cache->index, key, key_of_build_id(owner, build_id, key), module);
    find_debug(module, pid);
    return module;
}

/* -------- finding -------- */

static void last_component(const char *path, size_t length, const char **ret_name,
                           size_t *ret_length)
{
    const char *slash = memrchr(path, '/', length);

    *ret_name = slash ? slash + 1 : path;
    *ret_length = length - (size_t)(*ret_name - path);
}

struct user_module *module_cache_of_map(struct module_cache *cache,
                                        const struct module_owner *owner, uint32_t pid,
                                        const struct user_map *map)
{
    char key[KEY_SIZE];
    size_t key_length = key_of_file(owner, map, key), length;
    struct user_module *module = string_table_get(&cache->index, key, key_length);
    const char *name;
    int fd;

    if (module || !map->inode)
        return module;
    fd = open_map(pid, map);
    if (fd < 0)
        return NULL;
    last_component(map->path, map->path_length, &name, &length);
    module = user_module_new(fd, name, length);
    return module ? keep(cache, owner, key, module, pid) : NULL;
}

struct user_module *module_cache_find(const struct module_cache *cache,
                                      const struct module_owner *owner, const uint8_t *build_id)
{
    char key[KEY_SIZE];

    return string_table_get(&cache->index, key, key_of_build_id(owner, build_id, key));
}

struct user_module *module_cache_of_path(struct module_cache *cache,
                                         const struct module_owner *owner, uint32_t pid,
                                         const char *path, const uint8_t *build_id)
{
    int fd = open_in_root(pid, path);
    struct user_module *module;
    const uint8_t *found;
    const char *name;
    size_t length;

    if (fd < 0)
        return NULL;
    last_component(path, strlen(path), &name, &length);
    module = user_module_new(fd, name, length);
    found = module ? user_module_build_id(module) : NULL;
    if (found && memcmp(found, build_id, BUILD_ID_SIZE) == 0)
        return keep(cache, owner, NULL, module, pid);
    user_module_free(&module);
    return NULL;
}

/* -------- places -------- */

static void close_all(struct module_cache *cache)
{
    for (size_t i = 0; i < cache->count; i++)
        user_module_close(cache->modules[i]);
    cache->open_size = 0;
}

void module_cache_format(struct module_cache *cache, struct user_module *module, uint64_t offset,
                         char *buffer, size_t size)
{
    if (!user_module_is_open(module)) {
        if (user_module_size(module) > MODULE_CACHE_OPEN_MAX - cache->open_size)
            close_all(cache);
        cache->open_size += MIN(user_module_size(module), MODULE_CACHE_OPEN_MAX);
    }
    user_module_format(module, offset, buffer, size);
}
