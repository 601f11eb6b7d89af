/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/containers/exits.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/syscall.h>

#include "src/base/hash.h"
#include "src/base/loop.h"

/* A process may end between our look and our hold on it, and leave others behind. */
#define TRIES_MAX 8

/* Then they are left alone for a while. */
#define PAUSE_USEC (50 * USEC_PER_MSEC)

struct exits {
    sd_event *event;                /* borrowed */
    const struct cgroup_tree *tree; /* borrowed */
    exit_handler ended;
    void *userdata;
    struct number_table followed; /* cgroup id -> struct follower, owned */
};

struct follower {
    struct exits *exits;
    uint64_t cgroup_id;
    char *path;              /* owned */
    int fd;                  /* of one of its processes, owned */
    sd_event_source *source; /* owned: that process's end, or that of a pause */
};

static void follower_free(struct follower *follower)
{
    sd_event_source_disable_unref(follower->source);
    close_fd(&follower->fd);
    free(follower->path);
    free(follower);
}

int exits_new(sd_event *event, const struct cgroup_tree *tree, exit_handler ended, void *userdata,
              struct exits **ret_exits)
{
    struct exits *exits = calloc(1, sizeof(*exits));

    if (!exits)
        return -ENOMEM;
    *exits = (struct exits){ .event = event, .tree = tree, .ended = ended, .userdata = userdata };
    exits->followed.limit = EXITS_MAX;
    *ret_exits = exits;
    return 0;
}

void exits_free(struct exits **exits)
{
    struct follower *follower;
    size_t at = 0;

    if (!*exits)
        return;
    while ((follower = number_table_next(&(*exits)->followed, &at, NULL)))
        follower_free(follower);
    number_table_clear(&(*exits)->followed);
    free(*exits);
    *exits = NULL;
}

bool exits_forget(struct exits *exits, uint64_t cgroup_id)
{
    struct follower *follower = number_table_remove(&exits->followed, cgroup_id);

    if (follower)
        follower_free(follower);
    return follower != NULL;
}

size_t exits_count(const struct exits *exits)
{
    return exits->followed.count;
}

static int on_end(sd_event_source *source, int fd, uint32_t events, void *userdata);
static int on_pause_over(sd_event_source *source, uint64_t usec, void *userdata);

/* Takes hold of a process, if there is one: 1; 0: none is left; else a negative errno. */
static int hold(struct follower *follower)
{
    struct exits *exits = follower->exits;
    int r = 0;

    for (int i = 0; i < TRIES_MAX && follower->fd < 0; i++) {
        pid_t pid = 0;

        r = cgroup_tree_any_process(exits->tree, follower->path, &pid);
        if (r <= 0)
            return r;
        follower->fd = (int)syscall(SYS_pidfd_open, pid, 0);
        r = -errno;
    }
    if (follower->fd >= 0)
        r = sd_event_add_io(exits->event, &follower->source, follower->fd, EPOLLIN, on_end,
                            follower);
    return r < 0 ? r : 1;
}

static void follow(struct follower *follower)
{
    struct exits *exits = follower->exits;
    uint64_t cgroup_id = follower->cgroup_id;
    int r = hold(follower);

    if (r > 0)
        return;
    if (r < 0 && loop_timer(exits->event, PAUSE_USEC, "look at a cgroup again", on_pause_over,
                            follower, &follower->source) >= 0)
        return;
    (void)exits_forget(exits, cgroup_id);
    if (r == 0)
        exits->ended(exits->userdata, cgroup_id);
}

static void follow_next(struct follower *follower)
{
    follower->source = sd_event_source_disable_unref(follower->source);
    close_fd(&follower->fd);
    follow(follower);
}

static int on_end(UNUSED sd_event_source *source, UNUSED int fd, UNUSED uint32_t events,
                  void *userdata)
{
    follow_next(userdata);
    return 0;
}

static int on_pause_over(UNUSED sd_event_source *source, UNUSED uint64_t usec, void *userdata)
{
    follow_next(userdata);
    return 0;
}

void exits_follow(struct exits *exits, uint64_t cgroup_id, const char *path)
{
    struct follower *follower;

    if (number_table_get(&exits->followed, cgroup_id))
        return;
    follower = calloc(1, sizeof(*follower));
    if (!follower)
        return;
    *follower =
        (struct follower){ .exits = exits, .cgroup_id = cgroup_id, .path = strdup(path), .fd = -1 };
    if (!follower->path || number_table_put(&exits->followed, cgroup_id, follower) < 0)
        follower_free(follower);
    else
        follow(follower);
}
