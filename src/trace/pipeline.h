/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One trace from end to end: kernel -> registry -> names -> filter -> sink. It decides which events
 * go on, holds back those whose container has no name yet, and counts what it does not show.
 */
#pragma once

#include "src/containers/discovery.h"
#include "src/model/filter.h"
#include "src/model/record.h"
#include "src/sink/sink.h"
#include "src/source/tracer.h"
#include "src/trace/match.h"

struct pipeline;

/* What is traced as if it were a container, and what comes after it. */
struct pipeline_command {
    const char *name;
    const char *path;   /* of its cgroup, below the mount point */
    uint64_t cgroup_id; /* numbers only grow: containers with a higher one are younger */
    pid_t pid;          /* of its first process */
    pid_t guard;        /* a part of us: see src/run/guard.h */
    uint64_t begun_ns;  /* CLOCK_BOOTTIME: by then that ran the command; 0: not yet */
};

struct pipeline_options {
    /* What the filter leaves to the kernel is in it; the hierarchy is filled in from the tree. */
    struct tracer_options tracer;
    struct discovery_options discovery;
    const struct match *match;   /* borrowed */
    const struct filter *filter; /* of record_fields; borrowed */
    const char *const *units;    /* of systemd, shown as if they were containers; borrowed */
    size_t unit_count;
    bool only_units;                        /* and no containers */
    const struct pipeline_command *command; /* borrowed; NULL: none */
    bool only_young;     /* of containers those that are younger than the command */
    bool host;           /* processes outside containers too */
    bool unique;         /* each container, capability and verdict once */
    bool fold;           /* leave out denials that mean nothing: see fold.h; not with stacks */
    bool all;            /* also what is hidden as noise, and pods' sandboxes */
    bool first_program;  /* what comes before the first program of a container that was born while
                            we watched is its engine's, whoever seems to do it */
    uint64_t max_events; /* rows; 0: no limit */
    bool until_exit;     /* say when all that was asked for has ended */
};

struct pipeline_counts {
    uint64_t shown;
    uint64_t denied;             /* rows with Deny, whether or not the output took them */
    uint64_t lost;               /* for whatever reason */
    uint64_t losses[LOSS_KINDS]; /* of those, by kind */
    uint64_t setup;         /* hidden: the engine's own, before the first program of a container */
    uint64_t overridden;    /* hidden: under borrowed credentials */
    uint64_t foreign;       /* hidden: of another's credentials */
    uint64_t silent;        /* hidden: probes by the kernel itself */
    uint64_t repeats;       /* hidden: --unique */
    uint64_t folded;        /* hidden: denied, but what was asked for next was enough */
    uint64_t filtered;      /* hidden: the filter, in containers that are wanted */
    uint64_t early;         /* shown with a short id, as too many events were waiting for names */
    uint64_t unnamed;       /* shown with an id because no engine knew a name */
    uint64_t evictions;     /* cgroups or containers that found no room in the index */
    uint64_t crowded;       /* likewise of a user's, as users have a share of it */
    uint64_t unresolved;    /* cgroups that had gone before they were looked at */
    uint64_t policy_misses; /* cgroups that the kernel's table had no room for */
    uint64_t unread_stacks; /* user stacks for which nobody answered */
};

/* A container, or what counts as one, that is wanted. */
struct pipeline_subject {
    const struct container *container; /* borrowed for the call */
    bool start_seen;                   /* watched from its first program on */
};

struct pipeline_listener {
    /* What is known of it is final for now; again when that changes. NULL: nobody asks. */
    void (*subject)(void *userdata, const struct pipeline_subject *subject);
    /* With tracer.programs: a process of a container has executed one. What is not wanted may be
     * among them, as long as that is not known. NULL likewise. */
    void (*program)(void *userdata, const struct container *container, pid_t pid);
    /* A row, beside those that the sink gets. NULL likewise. */
    void (*record)(void *userdata, const struct record *record);
    /* What would be one, but for `fold`: the next one of its thread, which follows, means the same.
     * NULL likewise. */
    void (*folded)(void *userdata, const struct record *record);
    void (*engine)(void *userdata, const char *runtime, enum runtime_state state,
                   const struct error *reason);
    /* Events were lost: for a warning; the sink has its record already. */
    void (*lost)(void *userdata, enum loss_kind kind, uint64_t count);
    /* With until_exit: of the containers and units that are wanted some were there, and none has a
     * process any more. Their last events are still to come, with pipeline_finish(). */
    void (*exited)(void *userdata);
    /* Enough rows, the reader of the output has gone, or a failure (negative). */
    void (*ended)(void *userdata, int result, const struct error *error);
    void *userdata;
};

/* Attached and tracing when it returns 0. Borrows `options`, `sink` until pipeline_free; `sink` is
 * NULL where rows go to the listener alone. */
int pipeline_new(const struct pipeline_options *options, sd_event *event, struct sink *sink,
                 const struct pipeline_listener *listener, struct pipeline **ret_pipeline,
                 struct error *error);

/* Detaches, drains the ring, lets go of everything that still waits for a name, flushes. */
int pipeline_finish(struct pipeline *pipeline);
void pipeline_free(struct pipeline **pipeline);

struct pipeline_counts pipeline_counts(const struct pipeline *pipeline);
const struct tracer *pipeline_tracer(const struct pipeline *pipeline);
const struct cgroup_tree *pipeline_tree(const struct pipeline *pipeline);
