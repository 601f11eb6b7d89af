/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is there: the tree of cgroups, the index of containers, and the engines that name them, as
 * one thing. The kernel's notices go in; what comes out is the member that a cgroup belongs to, and
 * when what is known of it is final.
 */
#pragma once

#include "src/containers/discovery.h"

struct inventory;

struct inventory_options {
    const struct discovery_options *discovery; /* borrowed */
    const struct cgroup_tree *tree;            /* borrowed; NULL: opens one of its own */
    const char *const *units;                  /* see struct registry */
    size_t unit_count;
    const char *command_path; /* likewise, with its name */
    const char *command_name;
};

/* Each may be NULL: nobody wants to hear of it. */
struct inventory_listener {
    /* What is known of the member is final for now: its events may go. Comes again with each
     * change.
     */
    void (*settled)(void *userdata, struct member *member);
    /* A candidate is no container: its events are the host's. `forgotten` follows. */
    void (*dismissed)(void *userdata, struct member *member);
    /* Its cgroups have gone and the ring has drained. It is freed after this call, unless an engine
     * still knows it. */
    void (*forgotten)(void *userdata, struct member *member);
    /* What the kernel may decide of this cgroup by itself is to be told: what it belongs to is new
     * or has changed. NULL: to the host. */
    void (*policy)(void *userdata, uint64_t cgroup_id, const struct member *member);
    /* See struct discovery_listener. */
    void (*engine)(void *userdata, const char *runtime, enum runtime_state state,
                   const struct error *reason);
    void *userdata;
};

/*
 * Opens the tree and starts to ask the engines: what they know is there when the first cgroup is
 * seen. The kernel's notices have to flow before inventory_scan(): a cgroup made in between is seen
 * twice, never missed. `options`, the loop and the listener's userdata are borrowed until
 * inventory_free. Fails as cgroup_tree_open() and discovery_new() do.
 */
int inventory_new(const struct inventory_options *options, sd_event *event,
                  const struct inventory_listener *listener, struct inventory **ret_inventory,
                  struct error *error);
void inventory_free(struct inventory **inventory);

/* Looks at every cgroup that is there. */
int inventory_scan(struct inventory *inventory, struct error *error);
/* The same after notices were lost: cgroups that are not there any more are gone. */
int inventory_rescan(struct inventory *inventory);

/* See registry_resolve(). */
struct member *inventory_resolve(struct inventory *inventory, uint64_t cgroup_id);

/* A notice of the kernel; `name` as registry_born() takes it. Returns the container whose set-up
 * has ended by it; NULL: none. */
struct member *inventory_cgroup(struct inventory *inventory, const struct cgroup_event *event,
                                const char *name);

/* An event of a candidate waits; its namespaces may say what the candidate is. */
void inventory_hold(struct inventory *inventory, struct member *member,
                    const struct capability_event *event);

/* The ring has drained: who has gone is forgotten. */
void inventory_drained(struct inventory *inventory);

/* The end is near: what comes from now on is the rest, and nobody is to be kept waiting for it. */
void inventory_close(struct inventory *inventory);
/* The end: nobody waits for a name any longer. */
void inventory_finish(struct inventory *inventory);

/* True once every engine has told its list, or that it is not there, and nobody waits for a name.
 */
bool inventory_is_complete(const struct inventory *inventory);
/* Calls back for each engine. */
void inventory_each_engine(const struct inventory *inventory,
                           void (*visit)(void *userdata, const struct runtime *runtime),
                           void *userdata);

/* Borrowed: to look at, and to ask for members. */
struct registry *inventory_registry(struct inventory *inventory);
const struct cgroup_tree *inventory_tree(const struct inventory *inventory);
