/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/containers/cgroup_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#include "src/containers/cgroup_mount.h"

#define FILEID_KERNFS 0xfe /* enum fid_type, include/linux/exportfs.h */
#define ROOT_ID       1    /* of the root of every hierarchy, fs/kernfs/dir.c */
#define LEVELS_MAX    64   /* a tree this deep is somebody's joke */
#define CLIMB_MAX     1024 /* levels at once: "../" for each of them fits into PATH_MAX */
#define MOUNTINFO     "/proc/self/mountinfo"
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

/* Opens what is at a mount point, if it is this mount and not another on top of it. */
static int open_mount(const struct cgroup_mount *mount)
{
    _cleanup_(close_fd)
    int fd = open(mount->mount_point, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct statx status;

    if (fd < 0 || statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &status) < 0)
        return -errno;
    return status.stx_mnt_id == mount->id ? TAKE_FD(fd) : -ENODEV;
}

static int look(void *userdata, const struct cgroup_mount *mount, const char *path)
{
    struct error *error = userdata;
    _cleanup_(close_fd)
    int fd = open_mount(mount);

    if (fd < 0)
        return error_set(error, fd, "cannot open %s: %s", mount->mount_point,
                         fd == -ENODEV ? "another file system is mounted on it" : strerror(-fd));
    return path && faccessat(fd, path[1] ? path + 1 : ".", F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static int list_others(const struct cgroup_mounts *mounts, const struct cgroup_mount *taken,
                       char **ret_list)
{
    char *list = NULL;

    for (size_t i = 0; i < mounts->count; i++) {
        const struct cgroup_mount *mount = &mounts->items[i];

        if (!mount->usable || mount == taken)
            continue;
        _cleanup_(free_string)
        char *before = list;
        if (asprintf(&list, "%s%s%s", before ? before : "", before ? ", " : "",
                     mount->mount_point) < 0)
            return -ENOMEM;
    }
    *ret_list = list;
    return 0;
}

static int take_mount(struct cgroup_tree *tree, struct cgroup_mounts *mounts,
                      const struct cgroup_mount *mount, struct error *error)
{
    tree->mount_point = strdup(mount->mount_point);
    tree->mount_root = strdup(mount->root);
    if (!tree->mount_point || !tree->mount_root ||
        list_others(mounts, mount, &tree->other_mounts) < 0)
        return error_set(error, -ENOMEM, "out of memory");
    tree->fd = open_mount(mount);
    return tree->fd < 0 ? error_set(error, tree->fd, "cannot open %s: %s", tree->mount_point,
                                    strerror(-tree->fd))
                        : 0;
}

/* The header says when, and why. */
static int refuse_blindness(const struct cgroup_tree *tree, const char *own, struct error *error)
{
    _cleanup_(free_string)
    char *path = NULL;
    struct stat status;
    int r;

    if (fstat(tree->fd, &status) < 0)
        return error_set(error, -errno, "cannot look at %s: %s", tree->mount_point,
                         strerror(errno));
    if (status.st_ino == ROOT_ID ||
        (cgroup_mount_is_whole(tree->mount_root) && strcmp(tree->mount_root, "/") != 0))
        return 0; /* all of it, or at least more than our namespace has */
    r = cgroup_path_normalise(tree->mount_root, own, strlen(own), &path);
    if (r == -ENOMEM)
        return error_set(error, r, "out of memory");
    if (r >= 0 && strcmp(path, "/") != 0)
        return 0;
    if (strcmp(tree->mount_root, "/") == 0)
        return error_set(error, -EXDEV,
                         "in this private cgroup namespace the containers of the host cannot be "
                         "seen: run in the host's cgroup namespace (docker run --cgroupns=host, or "
                         "nsenter -t 1 -m -C)");
    return error_set(error, -EXDEV,
                     "%s shows %s alone of the cgroups, so that other containers cannot be seen: "
                     "mount the host's /sys/fs/cgroup here (docker run -v "
                     "/sys/fs/cgroup:/sys/fs/cgroup)",
                     tree->mount_point, tree->mount_root);
}

/* The first choice that is mounted and can be reached; *ret_own: where we are in it. */
static int choose(struct cgroup_tree *tree, const char *own_file, size_t own_length, char **ret_own,
                  struct error *error)
{
    _cleanup_(close_file)
    FILE *file = fopen(MOUNTINFO, "re");
    _cleanup_(cgroup_mounts_clear)
    struct cgroup_mounts mounts = { 0 };
    int r = file ? cgroup_mounts_read(file, &mounts) : -errno;

    if (r < 0)
        return error_set(error, r, "cannot read %s: %s", MOUNTINFO, strerror(-r));
    (void)error_set(error, -ENOENT,
                    "no cgroup file system is mounted: mount one with `mount -t cgroup2 none "
                    "/sys/fs/cgroup`");
    for (size_t i = 0; i < ARRAY_SIZE(choices); i++) {
        const struct cgroup_mount *mount;
        const char *path;
        size_t length;

        if (!cgroup_file_find(own_file, own_length, choices[i].controller, &path, &length,
                              &tree->hierarchy_id))
            continue;
        free(*ret_own);
        *ret_own = strndup(path, length);
        if (!*ret_own)
            return error_set(error, -ENOMEM, "out of memory");
        for (size_t k = 0; k < mounts.count; k++)
            mounts.items[k].usable = false; /* of this choice, from now on */
        mount = cgroup_mounts_choose(&mounts, choices[i].controller, *ret_own, look, error);
        if (!mount)
            continue;
        tree->hierarchy = choices[i].hierarchy;
        tree->description = choices[i].description;
        return take_mount(tree, &mounts, mount, error);
    }
    return error->code;
}

int cgroup_tree_open(struct cgroup_tree *ret_tree, struct error *error)
{
    _cleanup_(cgroup_tree_clear)
    struct cgroup_tree tree = { .calls = &cgroup_tree_calls, .fd = -1 };
    _cleanup_(free_string)
    char *own_file = NULL, *own = NULL;
    struct error why;
    size_t length;
    int r = read_file("/proc/self/cgroup", &own_file, &length);

    if (r < 0)
        return error_set(error, r, "cannot read /proc/self/cgroup: %s", strerror(-r));
    r = choose(&tree, own_file, length, &own, &why);
    if (r >= 0)
        r = refuse_blindness(&tree, own, &why);
    if (r < 0)
        return error_set(error, r, "%s", why.message);
    *ret_tree = tree;
    tree = (struct cgroup_tree){ .fd = -1 };
    return 0;
}

void cgroup_tree_clear(struct cgroup_tree *tree)
{
    close_fd(&tree->fd);
    free_string(&tree->mount_point);
    free_string(&tree->mount_root);
    free_string(&tree->other_mounts);
}

/* -------- ids and paths -------- */

int cgroup_tree_below(const struct cgroup_tree *tree, uint64_t id, const char *link,
                      char **ret_path)
{
    size_t mount_length = strlen(tree->mount_point);
    const char *path = link + mount_length;
    uint64_t there;

    if (strncmp(link, tree->mount_point, mount_length) != 0 || (*path != '/' && *path != '\0'))
        return -EXDEV; /* from the root of the hierarchy, without our mount point */
    if (*path == '\0')
        path = "/";
    /* A name may end like this, too. */
    if (cgroup_path_is_deleted(path, strlen(path)) &&
        (cgroup_tree_id(tree, path, &there) < 0 || there != id))
        return -ESTALE;
    *ret_path = strdup(path);
    return *ret_path ? 0 : -ENOMEM;
}

/* What /proc/self/fd says; -ENAMETOOLONG at PATH_MAX. */
static int read_link(int fd, char *link, size_t size)
{
    char name[64];
    ssize_t length;

    (void)snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
    length = readlink(name, link, size - 1);
    if (length < 0)
        return -errno;
    if ((size_t)length == size - 1)
        return -ENAMETOOLONG; /* where pages are large, so are the kernel's paths */
    link[length] = '\0';
    return 0;
}

/* Goes so many levels up. */
static int climb(int fd, unsigned int levels)
{
    char dots[CLIMB_MAX * 3 + 1] = "";

    for (unsigned int i = 0; i < levels; i++)
        memcpy(dots + (size_t)i * 3, "../", 4);
    fd = openat(fd, dots, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

/*
 * From a cgroup whose path is too long to be told, by as few levels as will do: as far as the path
 * is surely still too long, in steps that halve, and then one more. Whoever makes a path of
 * thousands of levels pays more than we do.
 */
static int climb_until_told(const struct cgroup_tree *tree, int *fd, char *link, size_t size,
                            char **ret_path)
{
    _cleanup_(free_string)
    char *above = NULL;
    int r;

    for (unsigned int levels = CLIMB_MAX; levels > 0;) {
        _cleanup_(close_fd)
        int higher = climb(*fd, levels);

        if (higher < 0 && higher != -ENOENT) /* -ENOENT: the kernel shows nothing from there up */
            return higher;
        r = higher < 0 ? 0 : read_link(higher, link, size);
        if (r == -ENAMETOOLONG) {
            close_fd(fd);
            *fd = TAKE_FD(higher);
            continue;
        }
        if (r < 0)
            return r;
        if (levels == 1 && higher < 0)
            return -EXDEV; /* outside of our mount there is no way up */
        levels /= 2;
    }
    r = cgroup_tree_below(tree, 0, link, &above);
    if (r < 0)
        return r;
    return asprintf(ret_path, "%s/...", above) < 0 ? -ENOMEM : 0;
}

static int tree_path(const struct cgroup_tree *tree, uint64_t id, char **ret_path)
{
    union {
        struct file_handle handle;
        char room[sizeof(struct file_handle) + sizeof(id)];
    } file = { .handle = { .handle_bytes = sizeof(id), .handle_type = FILEID_KERNFS } };
    char link[PATH_MAX];
    _cleanup_(close_fd)
    int fd = -1;
    int r;

    memcpy(file.handle.f_handle, &id, sizeof(id));
    fd = open_by_handle_at(tree->fd, &file.handle, O_PATH | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    r = read_link(fd, link, sizeof(link));
    if (r == -ENAMETOOLONG)
        return climb_until_told(tree, &fd, link, sizeof(link), ret_path);
    return r < 0 ? r : cgroup_tree_below(tree, id, link, ret_path);
}

static int tree_id(const struct cgroup_tree *tree, const char *path, uint64_t *ret_id)
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

static int tree_of_process(const struct cgroup_tree *tree, pid_t pid, char **ret_path)
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
    return cgroup_path_normalise(tree->mount_root, path, path_length, ret_path);
}

/* The first line of cgroup.procs. */
static pid_t first_process(int directory)
{
    _cleanup_(close_fd)
    int fd = openat(directory, "cgroup.procs", O_RDONLY | O_CLOEXEC);
    char text[16];
    ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
    long pid = 0;

    if (length <= 0)
        return 0;
    text[length] = '\0';
    pid = strtol(text, NULL, 10);
    return pid > 0 && pid <= INT_MAX ? (pid_t)pid : 0;
}

static pid_t tree_first_process(const struct cgroup_tree *tree, const char *path)
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

static bool has_gone(int r)
{
    return r == -ENOENT || r == -ENODEV || r == -ENOTDIR;
}

static bool is_child(const struct dirent *entry)
{
    return entry->d_type == DT_DIR && strcmp(entry->d_name, ".") != 0 &&
           strcmp(entry->d_name, "..") != 0;
}

static int open_level(int parent, const char *name, DIR **ret_directory)
{
    _cleanup_(close_fd)
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    *ret_directory = fd < 0 ? NULL : fdopendir(fd);
    if (!*ret_directory)
        return -errno;
    fd = -1; /* the stream's now */
    return 0;
}

static int walk_level(struct walk *walk, int parent, const char *name, size_t length,
                      unsigned int levels)
{
    _cleanup_(close_directory)
    DIR *directory = NULL;
    struct dirent *entry;
    int r = open_level(parent, name, &directory);

    if (r < 0)
        return has_gone(r) ? 0 : r;
    while (errno = 0, (entry = readdir(directory))) {
        size_t name_length = strlen(entry->d_name);

        if (!is_child(entry) || length + name_length + 2 > sizeof(walk->path))
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
    return has_gone(-errno) ? 0 : -errno;
}

static int tree_walk(const struct cgroup_tree *tree, const char *from, cgroup_visitor visitor,
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

const struct cgroup_tree_calls cgroup_tree_calls = {
    .path = tree_path,
    .id = tree_id,
    .walk = tree_walk,
    .of_process = tree_of_process,
    .first_process = tree_first_process,
    .owner = cgroup_tree_directory_owner,
};
