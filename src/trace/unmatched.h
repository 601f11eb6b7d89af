/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was asked for and is not there: a name with a typing error, a unit that does not run, a
 * process of the host. It is said once, on standard error, when the engines have answered or their
 * time is over; the trace goes on, as it may come later.
 */
#pragma once

#include "src/containers/inventory.h"
#include "src/trace/match.h"

struct unmatched;

struct unmatched_options {
    struct registry *registry;         /* borrowed, as all of this */
    const struct inventory *inventory; /* that it is in: tells when nobody need be waited for */
    const struct match *match;
    const char *const *units;
    size_t unit_count;
    uint32_t pid; /* 0: any */
    bool host;    /* processes outside containers are shown too */
    bool all;     /* and so are pods' sandboxes */
};

/* *ret_unmatched is NULL, which is fine everywhere here, when nothing particular was asked for. 0
 * or a negative errno. */
int unmatched_new(const struct unmatched_options *options, sd_event *event,
                  struct unmatched **ret_unmatched);
void unmatched_free(struct unmatched **unmatched);

/* An engine or a container has news: perhaps nobody need be waited for any longer. */
void unmatched_news(struct unmatched *unmatched);

/* The sentences, by themselves: `say` is called for each kind of thing that is not there. */
void unmatched_explain(const struct unmatched_options *options,
                       void (*say)(void *userdata, const char *sentence), void *userdata);
