/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel side of a trace: opens, configures, loads and attaches the BPF programs, proves on
 * itself that they tell the truth, and drains the ring buffer. Sole user of the skeleton.
 *
 * Records come in the order in which the kernel made them, births and deaths of cgroups included.
 */
#pragma once

#include <systemd/sd-event.h>

#include "bpf/event.h"
#include "src/base/error.h"
#include "src/model/loss.h"

struct tracer;

#define TRACER_BUFFER_MIN (UINT64_C(64) << 10)
#define TRACER_BUFFER_MAX (UINT64_C(1) << 30)

/* Both ends belong to it; nothing is between them where the first is the greater. */
struct tracer_range {
    bool limited; /* else all numbers are in it */
    uint32_t least, most;
};

struct tracer_options {
    const char *backend;   /* a name of backend.h; NULL or "auto": the best that works */
    uint64_t buffer_size;  /* bytes, rounded up to a power of two of at least a page */
    uint64_t spill_size;   /* bytes that may wait in our own memory when many come at once */
    uint64_t capabilities; /* set of those wanted; empty: no check is wanted at all */
    bool allowed;          /* which verdicts */
    bool denied;
    bool audited; /* likewise, of checks that are known to be audited, or not to be */
    bool silent;
    struct tracer_range pids;
    struct tracer_range uids;
    bool audited_only; /* drop checks that are known to be silent probes, uncounted */
    bool overridden;   /* keep checks under overridden credentials, and those of another's */
    bool unique;       /* drop repeats of (cgroup, capability, verdict) where it is decided */
    bool programs;     /* tell of each program that is executed: EVENT_CGROUP_PROGRAM */
    bool kernel_stack;
    bool user_stack;
    enum hierarchy hierarchy;
    uint32_t hierarchy_id; /* the kernel's number of that hierarchy */
};

/* How it is known whether the denial of a check would be audited. */
enum tracer_audit {
    TRACER_AUDIT_UNKNOWN,
    TRACER_AUDIT_UNWOUND, /* from the caller of the check, for which its stack is unwound */
    TRACER_AUDIT_PLACED,  /* likewise, which is looked for where it always stands */
    TRACER_AUDIT_READ,    /* the kernel says it */
};

/* Called from the loop, or from tracer_start(). What is passed is borrowed for the call. */
struct tracer_listener {
    void (*capability)(void *userdata, const struct capability_event *event,
                       const struct capability_stacks *stacks);
    /* `name`: at a birth, that of its directory; NULL where it is not told. */
    void (*cgroup)(void *userdata, const struct cgroup_event *event, const char *name);
    /* Nothing is left in the ring for now: time to flush what was held back. */
    void (*drained)(void *userdata);
    /* Checks that were not seen: `count` since `since_ns` (CLOCK_BOOTTIME). */
    void (*lost)(void *userdata, enum loss_kind kind, uint64_t count, uint64_t since_ns);
    /* Births or deaths of cgroups were lost: what is known of the tree may be stale. */
    void (*cgroups_lost)(void *userdata, uint64_t count);
    /* The ring cannot be read any more. */
    void (*failed)(void *userdata, const struct error *error);
    void *userdata;
};

/*
 * Loads, attaches, and runs the self-test: a wrong number, verdict, or audit bit is an error here,
 * before anything is shown. `listener` is borrowed until tracer_free. Needs root, or CAP_BPF,
 * CAP_PERFMON and CAP_SYSLOG. 0 or a negative errno with a sentence that names the way out.
 */
int tracer_new(const struct tracer_options *options, const struct tracer_listener *listener,
               struct tracer **ret_tracer, struct error *error);

/*
 * Whether tracing works with exactly this back-end: loads, attaches, runs the self-test, and takes
 * everything away again. 0 and how AUDIT would be known, or a negative errno with a sentence that
 * says why not.
 */
int tracer_try(const struct tracer_options *options, enum tracer_audit *ret_audit,
               struct error *error);

/* Detaches at once; records left in the ring are dropped. */
void tracer_free(struct tracer **tracer);

/* Takes the ring onto the loop. */
int tracer_start(struct tracer *tracer, sd_event *event);

/* Reads what is in the ring now, to its end as it stands: after tracer_stop(), for the last
 * words.*/
int tracer_drain(struct tracer *tracer);

/* For who is busy for longer than a turn, be it within a call of the listener: what is in the ring
 * is put where it can wait, in order, so that there is room for more. */
void tracer_set_aside(struct tracer *tracer);

/* Detaches the programs; what they have written can still be drained. */
void tracer_stop(struct tracer *tracer);

/* Of the ring, in bytes. */
uint64_t tracer_buffer_size(const struct tracer *tracer);

/* Name of the back-end in use. */
const char *tracer_backend(const struct tracer *tracer);
/* Why better ones are not: sentences with "; " between them, "" when the best one is in use.
 * Borrowed. */
const char *tracer_refusals(const struct tracer *tracer);
/* Where AUDIT comes from, at this moment, and in words. */
enum tracer_audit tracer_audit(const struct tracer *tracer);
const char *tracer_audit_source(const struct tracer *tracer);

/*
 * Decides about a cgroup in the kernel. -ENOSPC: no room near its place; it stays unknown, which is
 * always right and only slower.
 */
int tracer_set_policy(struct tracer *tracer, uint64_t cgroup_id, enum policy policy);
/* How many cgroups found no room there. */
uint64_t tracer_policy_misses(const struct tracer *tracer);

/* Checks that the programs kept to themselves since the start, by reason: COUNTER_REPEATS and those
 * that follow it. */
uint64_t tracer_not_passed_up(const struct tracer *tracer, enum counter counter);
