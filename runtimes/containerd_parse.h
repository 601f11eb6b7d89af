/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What containerd's messages say. Pure: no I/O, any bytes. Everything is -EBADMSG for bytes that
 * are no such message, and -ENOMEM. */
#pragma once

#include "src/model/container.h"

/* Of one container; the rest is counted as dropped without a look at each. */
#define CONTAINERD_LABELS_MAX 4096
/* Of a container's OCI configuration, which is JSON. */
#define CONTAINERD_SPEC_MAX ((size_t)1 << 20)

/* The init process of a container. */
struct containerd_process {
    char *id; /* the container's; owned */
    pid_t pid;
    enum container_state state;
};

struct containerd_processes {
    struct containerd_process *items; /* sorted by id; owned */
    size_t count;
};

/*
 * A container of `engine_namespace`, without its process. What the namespace of Docker has is
 * Docker's to name: it bears Docker's name as its runtime, and is not named.
 */
int containerd_parse_container(const uint8_t *bytes, size_t length, const char *engine_namespace,
                               struct container **ret_container);
/* Where its configuration says that its cgroup is to be, as an absolute path; owned by the caller,
 * NULL if it does not say so. It is as containerd sees the hierarchy: we may see it elsewhere. */
int containerd_parse_cgroup(const uint8_t *bytes, size_t length, char **ret_path);
void containerd_apply_process(struct container *container,
                              const struct containerd_process *process);

/* `id` stays NULL. */
int containerd_parse_process(const uint8_t *bytes, size_t length,
                             struct containerd_process *ret_process);

int containerd_parse_processes(const uint8_t *bytes, size_t length,
                               struct containerd_processes *ret_processes);
const struct containerd_process *
containerd_processes_find(const struct containerd_processes *processes, const char *id);
void containerd_processes_clear(struct containerd_processes *processes);

enum containerd_news {
    CONTAINERD_NEWS_NONE = 0, /* nothing for us */
    CONTAINERD_NEWS_CHANGED,  /* or new */
    CONTAINERD_NEWS_REMOVED,
};

struct containerd_event {
    enum containerd_news news;
    char *engine_namespace; /* owned */
    char *id;               /* owned */
    pid_t pid;              /* of a process that was just made, else 0 */
};

int containerd_parse_event(const uint8_t *bytes, size_t length, struct containerd_event *ret_event);
void containerd_event_clear(struct containerd_event *event);

/* The filters that let through the topics that are read here, and no others: a kubelet's probes are
 * most of the traffic. NULL at the end. */
extern const char *const containerd_event_filters[];
