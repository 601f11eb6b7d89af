/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/run/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/* The kernel may need a moment to see that a process has gone, and a process to die. */
#define TRIES_MAX 500
#define PAUSE_MS  10

/* Leftovers of runs that were ended by force have numbers that come again. */
#define NAMES_MAX 100

static int write_file(const struct run_cgroup *cgroup, const char *path, const char *name,
                      const char *text)
{
    _cleanup_(close_fd)
    int fd = cgroup_tree_open_file(cgroup->tree, path, name, O_WRONLY);

    if (fd < 0)
        return fd;
    return write(fd, text, strlen(text)) < 0 ? -errno : 0;
}

/* -------- making -------- */

/* Of cgroup v2: below a cgroup of threads no process can be put. */
static bool takes_processes(const struct run_cgroup *cgroup)
{
    static const char domain[] = "domain\n";
    _cleanup_(close_fd)
    int fd = cgroup_tree_open_file(cgroup->tree, cgroup->path, "cgroup.type", O_RDONLY);
    char text[32] = "";

    return fd < 0 || (read(fd, text, sizeof(text) - 1) > 0 && strcmp(text, domain) == 0);
}

static int make_below(struct run_cgroup *cgroup, const char *parent)
{
    for (int i = 0; i < NAMES_MAX; i++) {
        int r;

        free_string(&cgroup->path);
        if (asprintf(&cgroup->path, "%s/local-gadget-%d.%d", parent[1] ? parent : "", (int)getpid(),
                     i) < 0) {
            cgroup->path = NULL;
            return -ENOMEM;
        }
        if (mkdirat(cgroup->tree->fd, cgroup->path + 1, 0755) < 0) {
            if (errno == EEXIST)
                continue;
            return -errno;
        }
        r = takes_processes(cgroup) ? cgroup_tree_id(cgroup->tree, cgroup->path, &cgroup->id)
                                    : -EOPNOTSUPP;
        if (r < 0)
            (void)unlinkat(cgroup->tree->fd, cgroup->path + 1, AT_REMOVEDIR);
        return r;
    }
    return -EEXIST;
}

int run_cgroup_make(const struct cgroup_tree *tree, struct run_cgroup *ret_cgroup,
                    struct error *error)
{
    struct run_cgroup cgroup = { .tree = tree };
    _cleanup_(free_string)
    char *own = NULL;
    int r = cgroup_tree_of_process(tree, getpid(), &own);

    if (r >= 0)
        r = make_below(&cgroup, own);
    if (r < 0)
        r = make_below(&cgroup, "/");
    if (r < 0) {
        free(cgroup.path);
        return error_set(error, r, "cannot make a cgroup for the command in %s: %s",
                         tree->mount_point, strerror(-r));
    }
    *ret_cgroup = cgroup;
    return 0;
}

int run_cgroup_add(const struct run_cgroup *cgroup, pid_t pid)
{
    char text[16];

    (void)snprintf(text, sizeof(text), "%d", (int)pid);
    return write_file(cgroup, cgroup->path, "cgroup.procs", text);
}

/* -------- its processes -------- */

struct round {
    const struct run_cgroup *cgroup;
    int (*act)(const struct run_cgroup *cgroup, pid_t pid, int number);
    int number;
    size_t count;
};

static int visit(void *userdata, UNUSED uint64_t id, const char *path)
{
    struct round *round = userdata;
    int fd = cgroup_tree_open_file(round->cgroup->tree, path, "cgroup.procs", O_RDONLY);
    _cleanup_(close_file)
    FILE *file = fd < 0 ? NULL : fdopen(fd, "re");
    int pid;

    while (file && fscanf(file, "%d", &pid) == 1) {
        if (pid > 0 && round->act(round->cgroup, pid, round->number) >= 0)
            round->count++;
    }
    return 0;
}

static size_t for_each(const struct run_cgroup *cgroup,
                       int (*act)(const struct run_cgroup *, pid_t, int), int number)
{
    struct round round = { .cgroup = cgroup, .act = act, .number = number };

    (void)cgroup_tree_walk(cgroup->tree, cgroup->path, visit, &round);
    return round.count;
}

static bool is_in(const struct run_cgroup *cgroup, pid_t pid)
{
    _cleanup_(free_string)
    char *path = NULL;
    size_t length = strlen(cgroup->path);

    return cgroup_tree_of_process(cgroup->tree, pid, &path) >= 0 &&
           strncmp(path, cgroup->path, length) == 0 && (path[length] == '/' || !path[length]);
}

/* Its number may have become another's by now: whom we hold is asked once more where it is. */
int run_cgroup_signal_one(const struct run_cgroup *cgroup, pid_t pid, int number)
{
    _cleanup_(close_fd)
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);

    if (fd < 0 || !is_in(cgroup, pid))
        return -ESRCH;
    return syscall(SYS_pidfd_send_signal, fd, number, NULL, 0) < 0 ? -errno : 0;
}

size_t run_cgroup_signal(const struct run_cgroup *cgroup, int number)
{
    return for_each(cgroup, run_cgroup_signal_one, number);
}

static void pause_briefly(void)
{
    (void)poll(NULL, 0, PAUSE_MS);
}

void run_cgroup_kill(const struct run_cgroup *cgroup)
{
    bool at_once = write_file(cgroup, cgroup->path, "cgroup.kill", "1") >= 0; /* Linux 5.14, v2 */

    for (int i = 0; i < TRIES_MAX && !cgroup_tree_is_empty(cgroup->tree, cgroup->path); i++) {
        if (!at_once)
            (void)run_cgroup_signal(cgroup, SIGKILL);
        pause_briefly();
    }
}

/* -------- removing -------- */

static int move_up(const struct run_cgroup *cgroup, pid_t pid, UNUSED int number)
{
    char parent[PATH_MAX], text[16];

    (void)snprintf(parent, sizeof(parent), "%.*s", (int)(strrchr(cgroup->path, '/') - cgroup->path),
                   cgroup->path);
    (void)snprintf(text, sizeof(text), "%d", (int)pid);
    return write_file(cgroup, parent, "cgroup.procs", text);
}

size_t run_cgroup_abandon(const struct run_cgroup *cgroup)
{
    size_t total = 0, count;

    do {
        count = for_each(cgroup, move_up, 0);
        total += count;
    } while (count);
    return total;
}

/* Parents first, so that going backwards each is empty when its turn comes. */
struct list {
    char **paths;
    size_t count;
};

static int note(void *userdata, UNUSED uint64_t id, const char *path)
{
    struct list *list = userdata;
    char **paths = reallocarray(list->paths, list->count + 1, sizeof(*paths));

    if (!paths)
        return -ENOMEM;
    list->paths = paths;
    paths[list->count] = strdup(path);
    return paths[list->count++] ? 0 : -ENOMEM;
}

static int remove_once(const struct run_cgroup *cgroup)
{
    struct list list = { 0 };
    int r = cgroup_tree_walk(cgroup->tree, cgroup->path, note, &list);

    for (size_t i = list.count; i-- > 0;) {
        if (r >= 0 && unlinkat(cgroup->tree->fd, list.paths[i] + 1, AT_REMOVEDIR) < 0 &&
            errno != ENOENT)
            r = -errno;
        free(list.paths[i]);
    }
    free(list.paths);
    return r;
}

bool run_cgroup_remove(struct run_cgroup *cgroup)
{
    int r = -EBUSY;

    if (!cgroup->path)
        return true;
    for (int i = 0; i < TRIES_MAX && r == -EBUSY; i++) {
        r = remove_once(cgroup);
        if (r == -EBUSY && !cgroup_tree_is_empty(cgroup->tree, cgroup->path))
            return false;
        if (r == -EBUSY)
            pause_briefly();
    }
    free_string(&cgroup->path);
    return r >= 0;
}
