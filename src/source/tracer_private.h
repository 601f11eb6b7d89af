/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tracer_open.c (to the attached programs) and tracer.c (from the ring to records) share. */
#pragma once

#include <bpf/libbpf.h>

#include "src/source/backend.h"
#include "src/source/ring.h"
#include "src/source/spill.h"
#include "src/source/tracer.h"

#include "bpf/gadget.skel.h"

struct self_test;

#define REFUSALS_SIZE 1024

/* What no program saw, as another task was inside of it. One that the first copy was not entered
 * for is on its way to the second when we look: what counts is what two looks agree upon. */
struct misses {
    int64_t base; /* at the start of the trace */
    int64_t last; /* at the last look */
    int64_t said; /* reported so far */
};

struct tracer {
    const struct backend *backend;
    struct gadget_bpf *skeleton; /* owned */
    struct ring ring;            /* owned */
    const struct tracer_listener *listener;
    struct spill spill;                     /* came out of the ring, and waits for its turn */
    struct capability_event_stacks current; /* a copy: has left the ring, and is being shown */
    struct self_test *self_test;            /* while it runs, on the stack of judge() */
    sd_event_source *readable;              /* owned */
    sd_event_source *tick;                  /* owned */
    uint64_t policy_misses;                 /* cgroups that found no room in the table */
    uint64_t counted[COUNTERS]; /* the programs' counts as last told; of checks that were not passed
                                   up, as of the start */
    struct misses missed_checks, missed_cgroups;
    uint64_t missed_read_ns; /* CLOCK_BOOTTIME of the last look at those */
    uint64_t drained_ns;     /* CLOCK_BOOTTIME of the last time the ring was empty */
    unsigned int batch;      /* records left in this turn */
    uint64_t turn_ends_ns;   /* CLOCK_BOOTTIME; looked at after each notice of a cgroup */
    unsigned int empty_ticks;
    bool dozing;                          /* asleep, but for one more look */
    uint64_t unreadable, unreadable_said; /* records of no known kind and size */
    bool audit_inferred;
    char refusals[REFUSALS_SIZE];
};

/* Listens to nothing, for a try. It has every callback: the ring may hold any record by then. */
extern const struct tracer_listener tracer_nobody;

/* Empties the ring: its records are shown as long as there is a turn for them, and others set
 * aside. 0 or a negative errno. */
int tracer_read_ring(struct tracer *tracer);

/* The trace starts: what was missed so far does not count. */
void tracer_forget_misses(struct tracer *tracer);

/* Checks that found the back-end's programs occupied, since they were loaded. */
int64_t tracer_missed_checks(const struct tracer *tracer);

/* Everything that is in the ring now. 0 or a negative errno. */
int tracer_read_all(struct tracer *tracer);
