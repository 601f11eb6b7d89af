/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What pipeline.c (what comes), pipeline_choice.c (what becomes a row), pipeline_rescan.c (what has
 * not come) and pipeline_open.c (opening and closing) share. */
#pragma once

#include "src/containers/exits.h"
#include "src/containers/inventory.h"
#include "src/stacks/stacks.h"
#include "src/trace/confined.h"
#include "src/trace/fold.h"
#include "src/trace/pipeline.h"
#include "src/trace/unique.h"
#include "src/trace/unmatched.h"

struct pipeline {
    const struct pipeline_options *options; /* borrowed */
    struct pipeline_listener listener;
    sd_event *event;             /* borrowed */
    struct sink *sink;           /* borrowed; NULL: none */
    struct inventory *inventory; /* owned */
    struct tracer *tracer;       /* owned; NULL while it is being opened */
    struct stacks *stacks;       /* owned; NULL unless asked for */
    struct exits *exits;         /* owned; NULL unless until_exit */
    struct unique unique;
    struct folds folds;
    sd_event_source *fold_timer; /* owned; NULL: none is held */
    struct confined *confined;   /* owned */
    struct unmatched *unmatched; /* owned; NULL when nothing particular was asked for */
    struct tracer_listener tracer_listener;
    struct pipeline_counts counts;
    uint64_t pending_total;  /* bytes that wait for names */
    int64_t clock_offset_ns; /* CLOCK_REALTIME minus CLOCK_BOOTTIME */
    struct {
        bool due;               /* notices of cgroups were lost: the tree is to be walked again */
        bool closed;            /* it is the end: nobody needs that any more */
        uint64_t next_ns;       /* CLOCK_BOOTTIME: not before */
        sd_event_source *timer; /* owned; NULL: not too early */
    } rescan;
    bool ended;
    bool unwritable; /* ended, as the output takes no more rows */
};

/* CLOCK_REALTIME minus CLOCK_BOOTTIME, now. */
int64_t pipeline_clock_offset(void);

/* Notices were lost. Not looked into at once: events of cgroups that have gone may still wait to be
 * read. */
void pipeline_on_cgroups_lost(void *userdata, uint64_t count);
/* Nothing is left to be read: the tree is walked if it is due, and not too early. */
void pipeline_rescan(struct pipeline *pipeline);

/* For struct exits: the last process of a cgroup has ended. */
void pipeline_on_exit(void *userdata, uint64_t cgroup_id);

/* The end: nobody asks for more. */
void pipeline_show_unanswered(struct pipeline *pipeline);

/* The pipeline as it listens to its parts. */
struct inventory_listener pipeline_hears_inventory(struct pipeline *pipeline);
struct tracer_listener pipeline_hears_tracer(struct pipeline *pipeline);

/* -------- pipeline_choice.c -------- */

bool pipeline_is_host(const struct pipeline *pipeline, const struct member *member);
bool pipeline_wants_host(const struct pipeline *pipeline);
/* Whether events of this container are to be shown. */
bool pipeline_is_wanted(const struct pipeline *pipeline, const struct member *member);

bool pipeline_is_hidden_setup(const struct pipeline *pipeline, const struct member *member,
                              const struct capability_event *event);
bool pipeline_is_taken(const struct pipeline *pipeline, const struct capability_event *event);
bool pipeline_is_shown(struct pipeline *pipeline, struct member *member,
                       const struct capability_event *event);
bool pipeline_is_hidden_with_stacks(struct pipeline *pipeline, const struct member *member,
                                    const struct record *record);

/* -------- pipeline_begin.c -------- */

/* To the listener: what is known of it; what was executed in it. */
void pipeline_tell_subject(struct pipeline *pipeline, const struct member *member);
void pipeline_note_birth(struct pipeline *pipeline, uint64_t cgroup_id);
void pipeline_note_first_program(struct pipeline *pipeline, struct member *member,
                                 uint64_t time_ns);
void pipeline_note_program(struct pipeline *pipeline, const struct cgroup_event *event);
