/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/commands/command_list_exit.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/syscall.h>

#include "src/base/hash.h"

/* The oldest process may end between our look and our hold on it. */
#define TRIES_MAX 8

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
    int fd;                  /* of its oldest process, owned */
    sd_event_source *source; /* owned */
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

void exits_forget(struct exits *exits, uint64_t cgroup_id)
{
    struct follower *follower = number_table_remove(&exits->followed, cgroup_id);

    if (follower)
        follower_free(follower);
}

static int on_exit_of_oldest(sd_event_source *source, int fd, uint32_t events, void *userdata);

/* Returns whether there is a process, and a hold on it. */
static bool hold_oldest(struct follower *follower)
{
    struct exits *exits = follower->exits;

    for (int i = 0; i < TRIES_MAX && follower->fd < 0; i++) {
        pid_t pid = cgroup_tree_first_process(exits->tree, follower->path);

        if (!pid)
            break;
        follower->fd = (int)syscall(SYS_pidfd_open, pid, 0);
        if (follower->fd < 0 && errno != ESRCH)
            break;
    }
    return follower->fd >= 0 && sd_event_add_io(exits->event, &follower->source, follower->fd,
                                                EPOLLIN, on_exit_of_oldest, follower) >= 0;
}

/* One that is not empty, and of which no process can be held, ends with its cgroup. */
static void follow(struct follower *follower)
{
    struct exits *exits = follower->exits;
    uint64_t cgroup_id = follower->cgroup_id;
    bool ended;

    if (hold_oldest(follower))
        return;
    ended = cgroup_tree_is_empty(exits->tree, follower->path);
    exits_forget(exits, cgroup_id);
    if (ended)
        exits->ended(exits->userdata, cgroup_id);
}

static int on_exit_of_oldest(UNUSED sd_event_source *source, UNUSED int fd, UNUSED uint32_t events,
                             void *userdata)
{
    struct follower *follower = userdata;

    follower->source = sd_event_source_disable_unref(follower->source);
    close_fd(&follower->fd);
    follow(follower);
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
