/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of containerd's driver. Calls go one way: events and the driver itself (containerd.c),
 * questions about single containers (containerd_query.c), namespaces and their lists
 * (containerd_spaces.c), the connection (containerd_connection.c). */
#pragma once

#include <sys/queue.h>

#include "runtimes/containerd_parse.h"
#include "runtimes/files/container_list.h"
#include "runtimes/runtime_driver.h"
#include "runtimes/wire/grpc.h"

#define CONTAINERD_NAMESPACES_MAX 256
#define CONTAINERD_ANSWER_USEC    UINT64_C(5000000)

struct containerd;

/* One of containerd's namespaces. */
struct space {
    struct containerd *engine;
    char *name; /* owned */
    bool listing;
    struct container_list listed;          /* while it is listed */
    struct containerd_processes processes; /* the same */
};

/* An id to be found in whatever namespace. */
struct lookup {
    TAILQ_ENTRY(lookup) entry;
    char *id;       /* owned */
    size_t asked;   /* namespaces so far */
    size_t pending; /* that have not answered */
    bool found;
    bool waiting;  /* for the list of namespaces */
    bool relisted; /* it was asked for, once is enough */
};

/* A container in one namespace, then its process. */
struct query {
    TAILQ_ENTRY(query) entry;
    struct space *space;
    struct lookup *lookup; /* that wants to know, or NULL: an event came */
    char *id;              /* owned */
    struct container *container;
    char *cgroup; /* owned; where the container's configuration puts it */
    bool again;   /* something has happened to it since */
    bool gone;    /* it was removed since */
};

/* A container without a process, as it is between its making and its start. The process may end
 * sooner than any question about it is answered: then all is known beforehand. */
struct made {
    TAILQ_ENTRY(made) entry;
    const struct space *space;
    struct container *container;
    char *cgroup; /* owned */
};

struct containerd {
    struct runtime *runtime; /* borrowed */
    struct grpc *grpc;
    struct space *spaces[CONTAINERD_NAMESPACES_MAX];
    size_t space_count;
    size_t listing; /* namespaces */
    bool asking_namespaces;
    void (*namespaces_known)(struct containerd *engine); /* after each list of the namespaces */
    bool stale; /* more happened than could be asked about: list again */
    TAILQ_HEAD(, query) queries;
    TAILQ_HEAD(, made) made; /* the oldest first */
    size_t made_count;
    TAILQ_HEAD(, lookup) lookups;
};

/* -------- containerd_connection.c -------- */

/* The connection is of no use: `what` was done, this went wrong. */
void containerd_go_down(struct containerd *engine, const char *what, const struct error *error);
void containerd_go_down_by(struct containerd *engine, const char *what, int r);

/* grpc_call(), in a namespace if there is one. */
int containerd_call(struct containerd *engine, const struct space *space,
                    struct grpc_request *request);
void containerd_report(const struct containerd *engine, struct container *container);

/* -------- containerd_spaces.c -------- */

/* Lists the namespaces once more. */
int containerd_ask_namespaces(struct containerd *engine);
void containerd_list_again(struct containerd *engine);
/* A namespace that is new is listed. NULL when there are too many, or no memory. */
struct space *containerd_find_space(struct containerd *engine, const char *name);
void containerd_spaces_clear(struct containerd *engine);

/* -------- containerd_query.c -------- */

int containerd_lookup(void *connection, const char *id);
void containerd_lookups_go_on(struct containerd *engine);
/* A process was made for a container: what is known of it is reported at once. */
void containerd_started(struct space *space, const char *id, pid_t pid);
/* Something has happened to a container: it is asked about, and reported if it is still there. */
void containerd_refresh(struct space *space, const char *id);
/* It is there no more: what is being asked about it will not be reported. */
void containerd_forget(struct containerd *engine, const char *engine_namespace, const char *id);
void containerd_queries_clear(struct containerd *engine);
