/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One answer instead of two checks. Who reads a file that is not his is first asked for
 * DAC_READ_SEARCH and, if he has not got it, for DAC_OVERRIDE: where that is allowed in the same
 * system call, the denial before it means nothing. It is held back until its thread asks again, for
 * a moment at most. Which pairs there are: src/model/fallback.h.
 */
#pragma once

#include "bpf/event.h"
#include "src/model/container.h"

#define FOLDS_MAX    32 /* threads at once; of more, each check is shown */
#define FOLD_WAIT_NS UINT64_C(2000000)

struct fold {
    struct capability_event event;
    struct container *container; /* owned reference; NULL: of the host */
};

struct folds {
    struct fold held[FOLDS_MAX]; /* in no order */
    size_t count;
};

/* The one of this thread, taken out: container_unref() its container. false: there is none. */
bool folds_take(struct folds *folds, uint32_t tid, struct fold *ret_fold);

/* The first that has waited since before `before_ns`, likewise. */
bool folds_take_older(struct folds *folds, uint64_t before_ns, struct fold *ret_fold);

/* Whether `event` is held back: it may be answered yet, and there is room. */
bool folds_hold(struct folds *folds, const struct capability_event *event,
                struct container *container);

/* Whether the second check makes the first one mean nothing. */
bool fold_is_answered(const struct fold *fold, const struct capability_event *event);
