/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Engines without a daemon: what they know lies in files. One `struct offline` is the connection of
 * such a driver: it watches the state directories (inotify; also while they do not exist yet), has
 * them read again when something has changed, and reports the difference. Rootless engines keep
 * theirs below the user's home and run-time directory: those places come and go with /run/user/UID.
 *
 * A user's places are a stranger's: they are read through state_file.h, their watches fire once a
 * reading, and all of them together get at most one part in OFFLINE_USERS_SHARE of our time: after
 * a reading we are deaf to users for a while, so that many changes are one. What a user does has
 * nothing of root's read again, and names of root's containers never wait for theirs. A place of a
 * user's that cannot be read costs that user's names; one of root's brings the engine down with a
 * sentence.
 *
 * Every container that is reported has `owner_uid` set; see container.h for what it is worth.
 */
#pragma once

#include <sys/types.h>

#include "runtimes/files/container_list.h"
#include "runtimes/runtime_driver.h"

/* Containers per place: root's bound is the program's own, a user's keeps one in his limits. */
#define OFFLINE_ROOT_CONTAINERS_MAX 100000
#define OFFLINE_USER_CONTAINERS_MAX 2000
/* Users that are followed at once; a host with more sessions than this names the first ones. */
#define OFFLINE_USERS_MAX   256
#define OFFLINE_USERS_SHARE 20

struct offline;
struct offline_watches;

enum offline_base {
    OFFLINE_HOME,    /* the user's home directory */
    OFFLINE_RUN_DIR, /* /run/user/UID */
};

/* Where an engine keeps a user's state, both paths relative. */
struct offline_user_location {
    enum offline_base base;
    const char *path;
    const char *run_path; /* below /run/user/UID, for what the reader finds there; or NULL */
};

/* One state directory of one owner. */
struct offline_place {
    struct offline_watches *watches; /* borrowed */
    uid_t owner;
    char *base;     /* links in it are followed: root alone can write its parents */
    char *path;     /* beneath it, "." for itself; never followed */
    char *run_base; /* the same for run-time files, NULL for none */
    char *run_path;
    const char *engine_namespace; /* static, as the place was added; NULL for none */

    struct container_list containers; /* of the last reading; for the reader to compare with */
    uint64_t fingerprint;             /* the reader's own, of the files as last read */
    bool dirty;
    bool seen; /* while users are counted */
};

struct offline_engine {
    const struct offline_user_location *user_locations; /* path NULL at the end; or NULL */
    /*
     * Reads a place that exists. 0: `list` (empty at first) is what it holds, with one reference
     * each, owner_uid set. 1: nothing has changed. Negative: cannot be read; -ENOENT is "empty".
     * Calls offline_watch() for each directory whose changes matter, before it reads that one.
     */
    int (*read)(struct offline_place *place, int directory_fd, struct container_list *list);
    /* The id does not lead to the cgroup: hold the answer to a lookup (for a second at most) while
     * the container has no cgroup_path. */
    bool wait_for_path;
};

/*
 * The engine is borrowed. Nothing is reported before the loop runs. All paths are below $HOST_ROOT
 * where that is set: a container that traces its host has the host's files mounted there.
 */
int offline_new(struct runtime *runtime, const struct offline_engine *engine,
                struct offline **ret_offline);
void offline_free(struct offline **offline);

/* Borrowed; "" on the host itself. */
const char *offline_host_root(const struct offline *offline);

/* Adds a place of root's. Paths are absolute and copied. */
int offline_add_place(struct offline *offline, const char *path, const char *run_path,
                      const char *engine_namespace);

/* The driver's lookup verb: 0 or -ENOMEM. */
int offline_lookup(struct offline *offline, const char *id);

/* For readers: any change in this directory has the place, and no other, read again. Fires once. */
void offline_watch(struct offline_place *place, int directory_fd);
/* For readers: the most containers that a place may hold. */
size_t offline_containers_max(const struct offline_place *place);
