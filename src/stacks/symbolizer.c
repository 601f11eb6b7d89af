/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/stacks/symbolizer.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "src/stacks/symbolizer_private.h"
#include "src/stacks/user_maps.h"

/* Of one process; more than that is somebody's joke. */
#define MAPS_SIZE_MAX (16U << 20)

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
        (void)module_cache_of_map(&symbolizer->modules, &symbolizer->owner, pid, &map);
    return module_cache_find(&symbolizer->modules, &symbolizer->owner, build_id);
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
    struct user_module *module = NULL;
    char path[64];

    if (!name_length || memchr(request->comm, '/', name_length))
        return NULL;
    for (size_t i = 0; i < ARRAY_SIZE(places) && !module; i++) {
        (void)snprintf(path, sizeof(path), "%s/%.*s", places[i], (int)name_length, request->comm);
        module = module_cache_of_path(&symbolizer->modules, &symbolizer->owner,
                                      request->neighbour_pid, path, build_id);
    }
    return module;
}

/* -------- frames -------- */

/*
 * Of a program that was built without frame pointers the kernel takes whatever lies where one would
 * be for the next frame, and what is at no mapping for a place in the file of the next one. Both
 * functions are false for what cannot be where a call returns to.
 */

static bool format_in_file(struct symbolizer *symbolizer, const struct symbolizer_request *request,
                           const struct user_frame *frame, char *text)
{
    struct user_module *module =
        module_cache_find(&symbolizer->modules, &symbolizer->owner, frame->build_id);

    if (!module)
        module = learn(symbolizer, request->pid, frame->build_id);
    if (!module)
        module = learn(symbolizer, request->neighbour_pid, frame->build_id);
    if (!module)
        module = guess(symbolizer, request, frame->build_id);
    if (module && !user_module_has_code(module, frame->where))
        return false;
    if (module)
        module_cache_format(&symbolizer->modules, module, frame->where, text,
                            SYMBOLIZER_FRAME_SIZE);
    else
        (void)snprintf(text, SYMBOLIZER_FRAME_SIZE, "build-id %02x%02x%02x%02x+0x%" PRIx64,
                       frame->build_id[0], frame->build_id[1], frame->build_id[2],
                       frame->build_id[3], (uint64_t)frame->where);
    return true;
}

static bool format_address(struct symbolizer *symbolizer, const struct symbolizer_request *request,
                           uint64_t address, char *text)
{
    const char *cursor = NULL;
    struct user_module *module;
    struct user_map map;

    (void)snprintf(text, SYMBOLIZER_FRAME_SIZE, "0x%" PRIx64, address);
    if (!read_maps(symbolizer, request->pid))
        return true; /* it has ended: nothing is known of the address */
    while (next_map(symbolizer, &cursor, &map)) {
        if (address < map.start || address >= map.end)
            continue;
        module = module_cache_of_map(&symbolizer->modules, &symbolizer->owner, request->pid, &map);
        if (module)
            module_cache_format(&symbolizer->modules, module, address - map.start + map.offset,
                                text, SYMBOLIZER_FRAME_SIZE);
        else if (map.path_length)
            (void)snprintf(text, SYMBOLIZER_FRAME_SIZE, "%.*s+0x%" PRIx64,
                           (int)MIN(map.path_length, (size_t)128), map.path,
                           address - map.start + map.offset);
        return true;
    }
    return false;
}

static bool format(struct symbolizer *symbolizer, const struct symbolizer_request *request,
                   const struct user_frame *frame, char *text)
{
    if (frame->kind == USER_FRAME_IN_FILE)
        return format_in_file(symbolizer, request, frame, text);
    return format_address(symbolizer, request, frame->where, text);
}

void symbolizer_answer(struct symbolizer *symbolizer, const struct symbolizer_request *request,
                       struct symbolizer_answer *ret_answer)
{
    symbolizer->maps_pid = 0; /* it may have changed since */
    symbolizer->owner = (struct module_owner){ .owner = request->owner, .uid = request->uid };
    ret_answer->count = 0;
    for (uint32_t i = 0; i < MIN(request->count, (uint32_t)EVENT_STACK_DEPTH); i++) {
        char *text = ret_answer->frames[i];

        /* In the first one the thread was for certain: the program may be another by now. */
        if (!format(symbolizer, request, &request->frames[i], text) && i > 0)
            return;
        ret_answer->count++;
    }
}

void symbolizer_main(int socket)
{
    static struct symbolizer symbolizer;
    static struct symbolizer_request request;
    static struct symbolizer_answer result;
    ssize_t got;

    (void)prctl(PR_SET_NAME, "lg-symbolizer", 0, 0, 0);
    if (symbolizer_confine(socket) < 0 || send(socket, &result, sizeof(result), MSG_NOSIGNAL) < 0)
        _exit(EXIT_FAILURE);
    while ((got = recv(socket, &request, sizeof(request), 0)) == (ssize_t)sizeof(request)) {
        memset(&result, 0, sizeof(result));
        symbolizer_answer(&symbolizer, &request, &result);
        if (send(socket, &result, sizeof(result), MSG_NOSIGNAL) < 0)
            break;
    }
    _exit(got == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
}
