/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/containers/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#include "runtimes/files/process.h"

#define FILEID_KERNFS 0xfe /* enum fid_type, include/linux/exportfs.h */
#define LEVELS_MAX    64   /* a tree this deep is somebody's joke */
#define PROC_FILE_MAX (1 << 20)

/* -------- choosing a hierarchy -------- */

static const struct {
    const char *controller; /* NULL: v2 */
    enum hierarchy hierarchy;
    const char *description;
} choices[] = {
    { "pids", HIERARCHY_PIDS, "cgroup v1 (pids)" },
    { "memory", HIERARCHY_MEMORY, "cgroup v1 (memory)" },
    { "cpu", HIERARCHY_CPU, "cgroup v1 (cpu)" },
    { NULL, HIERARCHY_V2, "cgroup v2" },
};

/* The whole of a file of /proc, ended by '\0'; those say nothing of their size. */
static int read_file(const char *path, char **ret_text, size_t *ret_length)
{
    _cleanup_(close_fd)
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    _cleanup_(free_string)
    char *text = NULL;
    size_t length = 0, size = 0;

    if (fd < 0)
        return -errno;
    for (;;) {
        ssize_t got;

        if (length + 1 >= size) {
            char *grown = size < PROC_FILE_MAX ? realloc(text, size += 16 << 10) : NULL;

            if (!grown)
                return -ENOMEM;
            text = grown;
        }
        got = read(fd, text + length, size - length - 1);
        if (got < 0)
            return -errno;
        if (got == 0)
            break;
        length += (size_t)got;
    }
    text[length] = '\0';
    *ret_text = TAKE_PTR(text);
    *ret_length = length;
    return 0;
}

static bool next_line(const char **cursor, const char *end, const char **ret_line,
                      size_t *ret_length)
{
    const char *newline;

    if (*cursor >= end)
        return false;
    newline = memchr(*cursor, '\n', (size_t)(end - *cursor));
    *ret_line = *cursor;
    *ret_length = (size_t)((newline ? newline : end) - *cursor);
    *cursor = newline ? newline + 1 : end;
    return true;
}

static bool has_word(const char *list, const char *word)
{
    size_t length = strlen(word);

    for (const char *at = list; at; at = strchr(at, ',')) {
        if (*at == ',')
            at++;
        if (strncmp(at, word, length) == 0 && (at[length] == ',' || at[length] == '\0'))
            return true;
    }
    return false;
}

/* Finds the mount of a controller (NULL: v2) in the text of mountinfo; the last one mounted wins,
 * as it hides those below it. */
static bool find_mount(const char *text, size_t length, const char *controller,
                       char **ret_mount_point)
{
    const char *cursor = text, *line;
    size_t line_length;
    bool found = false;

    while (next_line(&cursor, text + length, &line, &line_length)) {
        _cleanup_(cgroup_mount_clear)
        struct cgroup_mount mount = { 0 };

        if (!cgroup_mount_parse(line, line_length, &mount))
            continue;
        if (controller ? mount.v2 || !has_word(mount.options, controller) : !mount.v2)
            continue;
        free(*ret_mount_point);
        *ret_mount_point = TAKE_PTR(mount.mount_point);
        found = true;
    }
    return found;
}

int cgroup_tree_open(struct cgroup_tree *ret_tree, struct error *error)
{
    _cleanup_(cgroup_tree_clear)
    struct cgroup_tree tree = { .fd = -1 };
    _cleanup_(free_string)
    char *mounts = NULL, *own = NULL;
    size_t mounts_length, own_length, path_length;
    const char *path;
    int r = read_file("/proc/self/mountinfo", &mounts, &mounts_length);

    if (r >= 0)
        r = read_file("/proc/self/cgroup", &own, &own_length);
    if (r < 0)
        return error_set(error, r, "cannot read /proc/self: %s", strerror(-r));
    for (size_t i = 0; i < ARRAY_SIZE(choices) && !tree.mount_point; i++) {
        if (!cgroup_file_find(own, own_length, choices[i].controller, &path, &path_length,
                              &tree.hierarchy_id) ||
            !find_mount(mounts, mounts_length, choices[i].controller, &tree.mount_point))
            continue;
        tree.hierarchy = choices[i].hierarchy;
        tree.description = choices[i].description;
    }
    if (!tree.mount_point)
        return error_set(error, -ENOENT,
                         "no cgroup file system is mounted: mount one with `mount -t cgroup2 none "
                         "/sys/fs/cgroup`");
    tree.fd = open(tree.mount_point, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (tree.fd < 0)
        return error_set(error, -errno, "cannot open %s: %s", tree.mount_point, strerror(errno));
    *ret_tree = tree;
    tree = (struct cgroup_tree){ .fd = -1 };
    return 0;
}

void cgroup_tree_clear(struct cgroup_tree *tree)
{
    close_fd(&tree->fd);
    free_string(&tree->mount_point);
}

/* -------- ids and paths -------- */

int cgroup_tree_path(const struct cgroup_tree *tree, uint64_t id, char **ret_path)
{
    union {
        struct file_handle handle;
        char room[sizeof(struct file_handle) + sizeof(id)];
    } file = { .handle = { .handle_bytes = sizeof(id), .handle_type = FILEID_KERNFS } };
    char link[64], path[PATH_MAX];
    size_t mount_length = strlen(tree->mount_point);
    _cleanup_(close_fd)
    int fd = -1;
    ssize_t length;

    memcpy(file.handle.f_handle, &id, sizeof(id));
    fd = open_by_handle_at(tree->fd, &file.handle, O_PATH | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    (void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    length = readlink(link, path, sizeof(path) - 1);
    if (length < 0)
        return -errno;
    path[length] = '\0';
    if (strncmp(path, tree->mount_point, mount_length) != 0 ||
        (path[mount_length] != '/' && path[mount_length] != '\0'))
        return -EXDEV; /* "(unreachable)/...": above the root of our mount */
    if (length > 10 && strcmp(path + length - 10, " (deleted)") == 0)
        return -ESTALE;
    *ret_path = strdup(path[mount_length] ? path + mount_length : "/");
    return *ret_path ? 0 : -ENOMEM;
}

int cgroup_tree_id(const struct cgroup_tree *tree, const char *path, uint64_t *ret_id)
{
    struct stat status;

    while (*path == '/')
        path++;
    if (fstatat(tree->fd, *path ? path : ".", &status, AT_SYMLINK_NOFOLLOW) < 0)
        return -errno;
    if (!S_ISDIR(status.st_mode))
        return -ENOTDIR;
    *ret_id = status.st_ino;
    return 0;
}

int cgroup_tree_of_process(const struct cgroup_tree *tree, pid_t pid, char **ret_path)
{
    _cleanup_(free_string)
    char *text = NULL;
    const char *controller = NULL, *path;
    size_t length, path_length;
    uint32_t hierarchy_id;
    char file[64];
    int r;

    for (size_t i = 0; i < ARRAY_SIZE(choices); i++) {
        if (choices[i].hierarchy == tree->hierarchy)
            controller = choices[i].controller;
    }
    (void)snprintf(file, sizeof(file), "/proc/%d/cgroup", (int)pid);
    r = read_file(file, &text, &length);
    if (r < 0)
        return r == -ENOENT ? -ESRCH : r;
    if (!cgroup_file_find(text, length, controller, &path, &path_length, &hierarchy_id))
        return -ESRCH;
    *ret_path = strndup(path, path_length);
    return *ret_path ? 0 : -ENOMEM;
}

/* The oldest in cgroup.procs, whose order says nothing: v1 sorts by number, and numbers begin anew.
 * Of a crowd, the oldest of those that fit. */
static pid_t first_process(int directory)
{
    _cleanup_(close_fd)
    int fd = openat(directory, "cgroup.procs", O_RDONLY | O_CLOEXEC);
    char text[4096];
    ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
    uint64_t oldest_ticks = UINT64_MAX;
    pid_t oldest = 0;
    char *end;

    text[MAX(length, 0)] = '\0';
    for (char *line = text; *line; line = *end ? end + 1 : end) {
        long pid = strtol(line, &end, 10);
        uint64_t ticks;

        if (*end != '\n')
            break;
        if (pid > 0 && pid <= INT_MAX && process_start_time((pid_t)pid, &ticks) == 0 &&
            ticks < oldest_ticks) {
            oldest = (pid_t)pid;
            oldest_ticks = ticks;
        }
    }
    return oldest;
}

pid_t cgroup_tree_first_process(const struct cgroup_tree *tree, const char *path)
{
    static const char *const below[] = { "container", "init.scope", "payload" };
    _cleanup_(close_fd)
    int top =
        openat(tree->fd, path[1] ? path + 1 : ".", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    pid_t pid = top < 0 ? 0 : first_process(top);

    for (size_t i = 0; !pid && top >= 0 && i < ARRAY_SIZE(below); i++) {
        _cleanup_(close_fd)
        int child = openat(top, below[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

        pid = child < 0 ? 0 : first_process(child);
    }
    return pid;
}

/* -------- the walk -------- */

struct walk {
    cgroup_visitor visitor;
    void *userdata;
    char path[PATH_MAX];
};

static void close_directory(DIR **directory)
{
    if (*directory)
        (void)closedir(*directory);
}

static int walk_level(struct walk *walk, int parent, const char *name, size_t length,
                      unsigned int levels)
{
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    _cleanup_(close_directory)
    DIR *directory = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *entry;

    if (!directory) {
        close_fd(&fd);
        return 0; /* it has gone meanwhile */
    }
    while ((entry = readdir(directory))) {
        size_t name_length = strlen(entry->d_name);
        int r;

        if (entry->d_type != DT_DIR || strcmp(entry->d_name, ".") == 0 ||
            strcmp(entry->d_name, "..") == 0 || length + name_length + 2 > sizeof(walk->path))
            continue;
        walk->path[length] = '/';
        memcpy(walk->path + length + 1, entry->d_name, name_length + 1);
        r = walk->visitor(walk->userdata, entry->d_ino, walk->path);
        if (r >= 0 && levels > 0)
            r = walk_level(walk, dirfd(directory), entry->d_name, length + 1 + name_length,
                           levels - 1);
        walk->path[length] = '\0';
        if (r < 0)
            return r;
    }
    return 0;
}

int cgroup_tree_walk(const struct cgroup_tree *tree, const char *from, cgroup_visitor visitor,
                     void *userdata)
{
    struct walk walk = { .visitor = visitor, .userdata = userdata };
    bool is_root = strcmp(from, "/") == 0;
    size_t length = strlen(from);
    uint64_t top;
    int r = cgroup_tree_id(tree, from, &top);

    if (r < 0)
        return r == -ENOENT ? 0 : r;
    if (length >= sizeof(walk.path))
        return -ENAMETOOLONG;
    r = visitor(userdata, top, from);
    if (r < 0)
        return r;
    if (!is_root)
        memcpy(walk.path, from, length + 1);
    return walk_level(&walk, tree->fd, is_root ? "." : from + 1, is_root ? 0 : length, LEVELS_MAX);
}

/* A file that cannot be read says nothing: there may be processes. */
static int visit_empty(void *userdata, uint64_t id, const char *path)
{
    const struct cgroup_tree *tree = userdata;
    char file[PATH_MAX], byte;
    _cleanup_(close_fd)
    int fd = -1;

    (void)id;
    if (snprintf(file, sizeof(file), ".%s/cgroup.procs", path) >= (int)sizeof(file))
        return -EBUSY;
    fd = openat(tree->fd, file, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return 0;
    return fd >= 0 && read(fd, &byte, 1) == 0 ? 0 : -EBUSY;
}

bool cgroup_tree_is_empty(const struct cgroup_tree *tree, const char *path)
{
    return cgroup_tree_walk(tree, path, visit_empty, (void *)(uintptr_t)tree) == 0;
}

/* -------- parsers -------- */

/* The next word of a line that is split by single spaces. */
static bool next_word(const char **cursor, const char *end, const char **ret_word,
                      size_t *ret_length)
{
    const char *space;

    if (*cursor >= end)
        return false;
    space = memchr(*cursor, ' ', (size_t)(end - *cursor));
    *ret_word = *cursor;
    *ret_length = (size_t)((space ? space : end) - *cursor);
    *cursor = space ? space + 1 : end;
    return true;
}

/* proc(5): space, tab, newline and backslash are written as \040 and so on. */
static char *unescape(const char *text, size_t length)
{
    char *plain = malloc(length + 1), *out = plain;

    if (!plain)
        return NULL;
    for (size_t i = 0; i < length; i++) {
        const char *digits = text + i + 1;

        if (text[i] == '\\' && length - i > 3 && digits[0] >= '0' && digits[0] <= '3' &&
            digits[1] >= '0' && digits[1] <= '7' && digits[2] >= '0' && digits[2] <= '7') {
            *out++ = (char)((digits[0] - '0') << 6 | (digits[1] - '0') << 3 | (digits[2] - '0'));
            i += 3;
        } else {
            *out++ = text[i];
        }
    }
    *out = '\0';
    return plain;
}

/* "36 35 98:0 /root /mount/point rw,noatime master:1 - cgroup2 source rw,options" */
bool cgroup_mount_parse(const char *line, size_t length, struct cgroup_mount *ret_mount)
{
    const char *cursor = line, *end = line + length, *word = NULL, *root = NULL, *point = NULL;
    size_t word_length = 0, root_length = 0, point_length = 0;

    for (int i = 0; i < 5; i++) {
        if (!next_word(&cursor, end, &word, &word_length))
            return false;
        if (i == 3) {
            root = word;
            root_length = word_length;
        }
    }
    point = word;
    point_length = word_length;
    do {
        if (!next_word(&cursor, end, &word, &word_length))
            return false;
    } while (word_length != 1 || *word != '-');
    if (!next_word(&cursor, end, &word, &word_length))
        return false;
    if (!(word_length == 6 && memcmp(word, "cgroup", 6) == 0) &&
        !(word_length == 7 && memcmp(word, "cgroup2", 7) == 0))
        return false;
    ret_mount->v2 = word_length == 7;
    if (!next_word(&cursor, end, &word, &word_length) ||
        !next_word(&cursor, end, &word, &word_length))
        return false;
    ret_mount->root = unescape(root, root_length);
    ret_mount->mount_point = unescape(point, point_length);
    ret_mount->options = strndup(word, word_length);
    if (ret_mount->root && ret_mount->mount_point && ret_mount->options)
        return true;
    cgroup_mount_clear(ret_mount);
    return false;
}

void cgroup_mount_clear(struct cgroup_mount *mount)
{
    free_string(&mount->root);
    free_string(&mount->mount_point);
    free_string(&mount->options);
}

/* "8:pids:/docker/0123", "0::/user.slice" */
static bool cgroup_line_matches(const char *line, size_t length, const char *controller,
                                const char **ret_path, uint32_t *ret_hierarchy_id)
{
    const char *end = line + length, *list, *path;
    char word[256];
    uint32_t number = 0;

    for (list = line; list < end && *list >= '0' && *list <= '9'; list++)
        number = number * 10 + (uint32_t)(*list - '0');
    if (list == line || list - line > 9 || list == end || *list != ':')
        return false;
    list++;
    path = memchr(list, ':', (size_t)(end - list));
    if (!path || (size_t)(path - list) >= sizeof(word) || path + 1 == end || path[1] != '/')
        return false;
    memcpy(word, list, (size_t)(path - list));
    word[path - list] = '\0';
    if (controller ? !has_word(word, controller) : number != 0 || *word)
        return false;
    *ret_path = path + 1;
    *ret_hierarchy_id = number;
    return true;
}

bool cgroup_file_find(const char *text, size_t length, const char *controller,
                      const char **ret_path, size_t *ret_path_length, uint32_t *ret_hierarchy_id)
{
    const char *cursor = text, *line;
    size_t line_length;

    while (next_line(&cursor, text + length, &line, &line_length)) {
        if (!cgroup_line_matches(line, line_length, controller, ret_path, ret_hierarchy_id))
            continue;
        *ret_path_length = line_length - (size_t)(*ret_path - line);
        return true;
    }
    return false;
}
