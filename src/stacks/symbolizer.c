/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/stacks/symbolizer.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/openat2.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "src/base/hash.h"
#include "src/stacks/symbolizer_private.h"
#include "src/stacks/user_maps.h"
#include "src/stacks/user_module.h"

/* Files that are kept open; when there are more, all are forgotten and begun anew. */
#define MODULES_MAX 2000
/* Of one process; more than that is somebody's joke. */
#define MAPS_SIZE_MAX (16U << 20)

struct symbolizer {
    struct number_table by_file;     /* key_of_file() -> module; owns them */
    struct number_table by_build_id; /* key_of_build_id() -> module */
    char *maps;                      /* owned: /proc/PID/maps as last read */
    size_t maps_length, maps_size;
    uint32_t maps_pid; /* whose, 0: none */
};

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
    const struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT };
    _cleanup_(close_fd)
    int root = -1, fd = -1;
    char place[64];

    (void)snprintf(place, sizeof(place), "/proc/%" PRIu32 "/root", pid);
    root = open(place, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (root < 0)
        return -1;
    fd = (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
    if (fd < 0)
        return -1;
    return reopen(fd);
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

/* Where distributions put what they have taken out of a program: beside the program, or here. */
static void find_debug(struct user_module *module, uint32_t pid)
{
    const uint8_t *id = user_module_build_id(module);
    char path[128];
    int length, fd;

    if (!id)
        return;
    length = snprintf(path, sizeof(path), "/usr/lib/debug/.build-id/%02x/", id[0]);
    for (size_t i = 1; i < BUILD_ID_SIZE; i++)
        length += snprintf(path + length, sizeof(path) - (size_t)length, "%02x", id[i]);
    (void)snprintf(path + length, sizeof(path) - (size_t)length, ".debug");
    fd = open_in_root(pid, path);
    if (fd < 0)
        fd = open_in_root((uint32_t)getpid(), path);
    if (fd >= 0)
        user_module_add_debug(module, fd);
}

/* -------- modules -------- */

static uint64_t key_of_file(const struct user_map *map)
{
    return (map->device ^ map->inode << 20) * UINT64_C(0x9e3779b97f4a7c15) ^ map->inode;
}

static uint64_t key_of_build_id(const uint8_t *build_id)
{
    uint64_t key;

    memcpy(&key, build_id, sizeof(key));
    return key;
}

static void forget_modules(struct symbolizer *symbolizer)
{
    struct user_module *module;
    size_t at = 0;

    while ((module = number_table_next(&symbolizer->by_file, &at, NULL)))
        user_module_free(&module);
    number_table_clear(&symbolizer->by_file);
    number_table_clear(&symbolizer->by_build_id);
    symbolizer->by_file.limit = symbolizer->by_build_id.limit = MODULES_MAX;
}

/* Takes the module over. */
static struct user_module *keep(struct symbolizer *symbolizer, uint64_t file_key,
                                struct user_module *module, uint32_t pid)
{
    const uint8_t *build_id = user_module_build_id(module);

    if (symbolizer->by_file.count >= MODULES_MAX)
        forget_modules(symbolizer);
    if (number_table_put(&symbolizer->by_file, file_key, module) < 0) {
        user_module_free(&module);
        return NULL;
    }
    if (build_id)
        (void)number_table_put(&symbolizer->by_build_id, key_of_build_id(build_id), module);
    find_debug(module, pid);
    return module;
}

static struct user_module *find_by_build_id(const struct symbolizer *symbolizer,
                                            const uint8_t *build_id)
{
    struct user_module *module =
        number_table_get(&symbolizer->by_build_id, key_of_build_id(build_id));

    if (!module || memcmp(user_module_build_id(module), build_id, BUILD_ID_SIZE) != 0)
        return NULL;
    return module;
}

static void last_component(const char *path, size_t length, const char **ret_name,
                           size_t *ret_length)
{
    const char *slash = memrchr(path, '/', length);

    *ret_name = slash ? slash + 1 : path;
    *ret_length = length - (size_t)(*ret_name - path);
}

static struct user_module *module_of_map(struct symbolizer *symbolizer, uint32_t pid,
                                         const struct user_map *map)
{
    struct user_module *module = number_table_get(&symbolizer->by_file, key_of_file(map));
    size_t length;
    const char *name;
    int fd;

    if (module || !map->inode)
        return module;
    fd = open_map(pid, map);
    if (fd < 0)
        return NULL;
    last_component(map->path, map->path_length, &name, &length);
    module = user_module_new(fd, name, length);
    return module ? keep(symbolizer, key_of_file(map), module, pid) : NULL;
}

/* -------- maps of a process -------- */

static bool read_maps(struct symbolizer *symbolizer, uint32_t pid)
{
    _cleanup_(close_fd)
    int fd = -1;
    char path[64];
    ssize_t got = 1;

    if (symbolizer->maps_pid == pid)
        return symbolizer->maps_length > 0;
    symbolizer->maps_pid = pid;
    symbolizer->maps_length = 0;
    (void)snprintf(path, sizeof(path), "/proc/%" PRIu32 "/maps", pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    while (fd >= 0 && got > 0 && symbolizer->maps_length < MAPS_SIZE_MAX) {
        if (symbolizer->maps_size - symbolizer->maps_length < 65536) {
            char *grown = realloc(symbolizer->maps, symbolizer->maps_size + (1 << 18));

            if (!grown)
                break;
            symbolizer->maps = grown;
            symbolizer->maps_size += 1 << 18;
        }
        got = read(fd, symbolizer->maps + symbolizer->maps_length, 65536);
        symbolizer->maps_length += got > 0 ? (size_t)got : 0;
    }
    return symbolizer->maps_length > 0;
}

/* The next executable mapping; *cursor is NULL at the start. */
static bool next_map(const struct symbolizer *symbolizer, const char **cursor,
                     struct user_map *ret_map)
{
    const char *end = symbolizer->maps + symbolizer->maps_length;
    const char *line = *cursor ? *cursor : symbolizer->maps;

    while (line < end) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        size_t length = (size_t)((newline ? newline : end) - line);
        bool good = user_map_parse(line, length, ret_map) && ret_map->executable;

        line += length + 1;
        *cursor = line;
        if (good)
            return true;
    }
    return false;
}

/* All files that a process runs: one of them may be the one with the build id. */
static struct user_module *learn(struct symbolizer *symbolizer, uint32_t pid,
                                 const uint8_t *build_id)
{
    const char *cursor = NULL;
    struct user_map map;

    if (!pid || !read_maps(symbolizer, pid))
        return NULL;
    while (next_map(symbolizer, &cursor, &map))
        (void)module_of_map(symbolizer, pid, &map);
    return find_by_build_id(symbolizer, build_id);
}

/*
 * The process has ended, but its program probably has its name, and is where programs are. The
 * build id proves it.
 */
static struct user_module *guess(struct symbolizer *symbolizer,
                                 const struct symbolizer_request *request, const uint8_t *build_id)
{
    static const char *const places[] = { "usr/bin", "bin", "usr/sbin", "sbin", "usr/local/bin" };
    size_t name_length = strnlen(request->comm, sizeof(request->comm));

    if (!name_length || memchr(request->comm, '/', name_length))
        return NULL;
    for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
        struct user_module *module;
        const uint8_t *found;
        char path[64];
        int fd;

        (void)snprintf(path, sizeof(path), "%s/%.*s", places[i], (int)name_length, request->comm);
        fd = open_in_root(request->neighbour_pid, path);
        module = fd < 0 ? NULL : user_module_new(fd, request->comm, name_length);
        found = module ? user_module_build_id(module) : NULL;
        if (found && memcmp(found, build_id, BUILD_ID_SIZE) == 0)
            return keep(symbolizer, key_of_build_id(build_id), module, request->neighbour_pid);
        user_module_free(&module);
    }
    return NULL;
}

/* -------- frames -------- */

static void format_in_file(struct symbolizer *symbolizer, const struct symbolizer_request *request,
                           const struct user_frame *frame, char *text)
{
    struct user_module *module = find_by_build_id(symbolizer, frame->build_id);

    if (!module)
        module = learn(symbolizer, request->pid, frame->build_id);
    if (!module)
        module = learn(symbolizer, request->neighbour_pid, frame->build_id);
    if (!module)
        module = guess(symbolizer, request, frame->build_id);
    if (module)
        user_module_format(module, frame->where, text, SYMBOLIZER_FRAME_SIZE);
    else
        (void)snprintf(text, SYMBOLIZER_FRAME_SIZE, "build-id %02x%02x%02x%02x+0x%" PRIx64,
                       frame->build_id[0], frame->build_id[1], frame->build_id[2],
                       frame->build_id[3], (uint64_t)frame->where);
}

static void format_address(struct symbolizer *symbolizer, const struct symbolizer_request *request,
                           uint64_t address, char *text)
{
    const char *cursor = NULL;
    struct user_module *module;
    struct user_map map;

    (void)snprintf(text, SYMBOLIZER_FRAME_SIZE, "0x%" PRIx64, address);
    if (!read_maps(symbolizer, request->pid))
        return;
    while (next_map(symbolizer, &cursor, &map)) {
        if (address < map.start || address >= map.end)
            continue;
        module = module_of_map(symbolizer, request->pid, &map);
        if (module)
            user_module_format(module, address - map.start + map.offset, text,
                               SYMBOLIZER_FRAME_SIZE);
        else if (map.path_length)
            (void)snprintf(text, SYMBOLIZER_FRAME_SIZE, "%.*s+0x%" PRIx64,
                           (int)MIN(map.path_length, (size_t)128), map.path,
                           address - map.start + map.offset);
        return;
    }
}

static void answer(struct symbolizer *symbolizer, const struct symbolizer_request *request,
                   struct symbolizer_answer *ret_answer)
{
    symbolizer->maps_pid = 0; /* it may have changed since */
    ret_answer->count = MIN(request->count, (uint32_t)EVENT_STACK_DEPTH);
    for (uint32_t i = 0; i < ret_answer->count; i++) {
        if (request->frames[i].kind == USER_FRAME_IN_FILE)
            format_in_file(symbolizer, request, &request->frames[i], ret_answer->frames[i]);
        else
            format_address(symbolizer, request, request->frames[i].where, ret_answer->frames[i]);
    }
}

void symbolizer_main(int socket)
{
    static struct symbolizer symbolizer;
    static struct symbolizer_request request;
    static struct symbolizer_answer result;
    ssize_t got;

    (void)prctl(PR_SET_NAME, "lg-symbolizer", 0, 0, 0);
    forget_modules(&symbolizer);
    if (symbolizer_confine() < 0)
        _exit(EXIT_FAILURE);
    while ((got = recv(socket, &request, sizeof(request), 0)) == (ssize_t)sizeof(request)) {
        memset(&result, 0, sizeof(result));
        answer(&symbolizer, &request, &result);
        if (send(socket, &result, sizeof(result), MSG_NOSIGNAL) < 0)
            break;
    }
    _exit(got == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
}
