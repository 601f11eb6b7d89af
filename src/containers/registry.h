/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The index: which container does a cgroup belong to, and what do we know of it?
 *
 * A member is one container from our first sight of it to the last event of its cgroups. It comes
 * into being by whichever is first: the kernel (a cgroup whose path is of an engine's shape) or an
 * engine (a container that it knows). The key that joins both is the container's id where that is
 * 64 hexadecimal digits, else the path of its top cgroup. Nobody can take the place of another's
 * container:
 * - Below a directory that root does not own everything is its owner's: the key bears the user's
 *   number, the name is "user/UID/NAME".
 * - Below a container's own cgroup everything is that container's. A container of an engine that
 *   runs in it is a member, too, as its needs are its own, but by its path alone, and called
 *   "OUTER/INNER"; engines are not asked about it.
 * - A member whose top cgroup lives stays there. Another cgroup with its id is known by its path.
 * Nor can anybody fill the index: users have a share of it, and a cgroup that a user makes is
 * looked at when something happens in it.
 *
 * Nothing here asks anybody anything: discovery.c does, and events are held back by the pipeline.
 * inventory.h joins the three.
 */
#pragma once

#include <sys/queue.h>

#include "src/base/hash.h"
#include "src/containers/cgroup_path.h"
#include "src/containers/cgroup_tree.h"
#include "src/model/container.h"

/* Cgroups and containers that are remembered; more are counted in `evictions` and resolved again
 * at every event. The policy table in the kernel has room for some 100,000. */
#define REGISTRY_CGROUPS_MAX    400000
#define REGISTRY_CONTAINERS_MAX 200000
/* Of these, those of one user, and of all users together; more are counted in `crowded`, and shown
 * by their cgroups' numbers. What is left is root's. */
#define REGISTRY_USER_MAX  10000
#define REGISTRY_USERS_MAX 100000
/* Births that are put off; more are forgotten, and counted likewise: such a cgroup is looked for by
 * its number, which takes the kernel long in a directory of very many. */
#define REGISTRY_BIRTHS_MAX 100000
/* Containers inside of one, which makes them up as it likes; more are shown as that one. */
#define REGISTRY_INSIDE_MAX 1000

enum naming_state {
    NAMING_DONE = 0, /* an engine has answered, or none will */
    NAMING_WAITING,  /* asked: events wait */
};

/* How far discovery.c is with a member's name. */
struct naming {
    enum naming_state state;
    bool asked;                  /* engines were asked about this life of it */
    unsigned int lookups;        /* answers still to come */
    unsigned int connecting;     /* bits: engines that could not be asked yet, by their place */
    unsigned int holds;          /* times that it was given to execute its first program */
    uint64_t deadline_usec;      /* CLOCK_BOOTTIME, while NAMING_WAITING */
    TAILQ_ENTRY(member) waiting; /* while NAMING_WAITING, in order of deadline */
};

/* Events that wait, one after the other: see src/trace/pending.h. */
struct pending_events {
    char *bytes; /* owned */
    size_t length, size;
};

/* What the users of the index keep of a member. */
struct member_use {
    bool wanted;                   /* by the filter; list-containers: its row is printed */
    bool confined;                 /* by a seccomp filter, which the user was told */
    bool born;                     /* its cgroup was made while we were watching */
    uint64_t begun_ns;             /* CLOCK_BOOTTIME of its first program; 0: not seen */
    struct pending_events pending; /* while its name is waited for */
    uint64_t filtered;             /* meanwhile: checks that are not wanted, whatever its name */
};

struct member {
    struct container *container; /* owned reference; replaced when an engine says more */
    char *key;                   /* owned */
    uint64_t top_cgroup;         /* id, 0 while no cgroup has been seen */
    uint64_t *ids;               /* owned: all cgroups that lead here; not kept for the host */
    size_t id_count, id_size;
    const char *describer; /* static: the engine whose description it is, which need not be the one
                              that is shown; NULL: none knows it */
    const char *teller;    /* static: the driver that has told it, one of the engine's */
    char *origin;          /* owned: what it is found by when its engine no longer has it */
    bool setup;            /* nothing was executed in it since its birth */
    bool unit;             /* of systemd, or a command's; no container */
    bool candidate;        /* a path of no engine's shape: perhaps a container, ask */
    bool foreign;          /* a candidate that was seen to have namespaces of its own */
    bool gone;             /* its top cgroup was removed */
    uid_t maker;           /* whose share of the index it takes; 0: root's, which has no bound */
    bool stale;            /* described, but not yet again in the list that is being told */
    struct naming naming;
    struct member_use use;
    struct member *outer;       /* the container it is inside of, whose name it bears; else NULL */
    LIST_HEAD(, member) inside; /* those that are inside of this one */
    size_t inside_count;
    LIST_ENTRY(member) sibling; /* while it has an outer one */
    LIST_ENTRY(member) dead;    /* while gone and not yet drained */
};

struct registry_listener {
    /* A member is new, or its container has changed. */
    void (*changed)(void *userdata, struct member *member);
    /* The id leads to this member now (NULL: a process of the host). */
    void (*mapped)(void *userdata, uint64_t cgroup_id, struct member *member);
    /* Its last cgroup has gone and the ring has drained: the member is freed after this call,
     * unless an engine still describes its container. */
    void (*forgotten)(void *userdata, struct member *member);
    void *userdata;
};

struct registry {
    const struct cgroup_tree *tree; /* borrowed */
    struct registry_listener listener;
    const char *const *units; /* borrowed: units of systemd that count as containers, "web.service"
                                 or "user/1000/web.service"; set before the first scan */
    size_t unit_count;
    const char *command_path; /* borrowed: the cgroup of a command that counts as a container, too;
                                 NULL: none */
    const char *command_name; /* borrowed */
    struct number_table cgroups; /* id -> member, or one that stands for the host */
    struct string_table members; /* key -> member */
    struct string_table origins; /* origin -> member: the last one that was described so */
    struct number_table births;  /* id -> struct birth, owned: put off until something happens */
    uint64_t users_parent;       /* cgroup of a user's, in which the last birth was put off */
    bool closing;                /* nobody is to be kept waiting: all births are put off */
    struct number_table shares;  /* uid -> struct share, owned: of users that have members */
    size_t users_members;        /* of all of them */
    struct member host;          /* stands for every process outside containers */
    struct member outside;       /* the same, above the root of our mount: in a cgroup namespace */
    uint32_t mount_namespace;    /* of the host's first process, 0: not to be seen */
    uint32_t network_namespace;  /* likewise */
    uint32_t user_namespace;
    LIST_HEAD(, member) dead;
    uint64_t evictions;  /* cgroups or containers that found no room */
    uint64_t crowded;    /* the same of a user's, as users have a share */
    uint64_t unresolved; /* cgroups that had gone before we could look */
};

/* Whether it stands for processes of the host, and is no container. */
static inline bool registry_is_host(const struct registry *registry, const struct member *member)
{
    return member == &registry->host || member == &registry->outside;
}

void registry_init(struct registry *registry, const struct cgroup_tree *tree,
                   const struct registry_listener *listener);
void registry_clear(struct registry *registry);

/* Walks the tree at the start. 0 or a negative errno. */
int registry_scan(struct registry *registry);
/* The same after notices were lost: cgroups that are not there any more are gone. */
int registry_rescan(struct registry *registry);

/*
 * The member of a cgroup, one that registry_is_host() for the host's; resolves and remembers ids
 * not seen before. NULL: out of memory.
 */
struct member *registry_resolve(struct registry *registry, uint64_t cgroup_id);

/* The three notices of the kernel. */
/* `name`: of the directory, by which it is found without a search, also when it has gone already;
 * NULL: not told. */
void registry_born(struct registry *registry, uint64_t cgroup_id, uint64_t parent_id,
                   const char *name);
/* Returns the member whose set-up has ended by this, NULL when there is none; `pid` is then the
 * first process of the container. */
struct member *registry_executed(struct registry *registry, uint64_t cgroup_id, pid_t pid);
void registry_gone(struct registry *registry, uint64_t cgroup_id);
/* The ring has drained: members that are gone can be forgotten, but for those still waiting. */
void registry_drained(struct registry *registry);

/*
 * What a driver (`teller`, static) says of a container. Joins it to its member; makes one if there
 * is none. Engines may disagree: a named answer is kept over an unnamed one, and see engine_rank().
 * What one engine has told stays until it tells something else: an answer that leaves it out takes
 * nothing away.
 */
int registry_describe(struct registry *registry, const char *teller, struct container *container);
/* Around a list that a driver tells anew, after a reconnect: what it has told before and does not
 * tell again, its engine no longer has. */
void registry_list_begins(struct registry *registry, const char *teller);
void registry_list_ends(struct registry *registry, const char *teller);

/* The engine no longer has it. */
void registry_undescribe(struct registry *registry, const struct container_origin *origin);

/*
 * A candidate that no engine knows: a container all the same if its processes have a mount or user
 * namespace of their own, as those of any home-made runtime do; else the host's.
 */
bool registry_is_foreign(const struct registry *registry, uint32_t mount_namespace,
                         uint32_t user_namespace);
/* The same of the process that is in it now: 1 or 0; -ESRCH when there is none. */
int registry_looks_foreign(const struct registry *registry, const struct member *member);
/* It is a container, and bears its cgroup's last name. 0 or -ENOMEM. */
int registry_accept(struct registry *registry, struct member *member);
/* It is the host's cgroup after all. Frees the member. */
void registry_dismiss(struct registry *registry, struct member *member);

/* Iterates over members. */
struct member *registry_next(const struct registry *registry, size_t *at);
