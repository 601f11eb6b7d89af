/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/trace/fold.h"

#include "src/model/fallback.h"

static void take(struct folds *folds, size_t at, struct fold *ret_fold)
{
    *ret_fold = folds->held[at];
    folds->held[at] = folds->held[--folds->count];
}

bool folds_take(struct folds *folds, uint32_t tid, struct fold *ret_fold)
{
    for (size_t i = 0; i < folds->count; i++) {
        if (folds->held[i].event.tid != tid)
            continue;
        take(folds, i, ret_fold);
        return true;
    }
    return false;
}

bool folds_take_older(struct folds *folds, uint64_t before_ns, struct fold *ret_fold)
{
    for (size_t i = 0; i < folds->count; i++) {
        if (folds->held[i].event.time_ns >= before_ns)
            continue;
        take(folds, i, ret_fold);
        return true;
    }
    return false;
}

bool folds_hold(struct folds *folds, const struct capability_event *event,
                struct container *container)
{
    if (!event->denied || !fallback_is_spare(event->capability) || folds->count == FOLDS_MAX)
        return false;
    folds->held[folds->count++] = (struct fold){
        .event = *event,
        .container = container ? container_ref(container) : NULL,
    };
    return true;
}

bool fold_is_answered(const struct fold *fold, const struct capability_event *event)
{
    return !event->denied && fallback_of(fold->event.capability, event->capability) &&
           event->syscall == fold->event.syscall && event->pid == fold->event.pid &&
           event->cgroup_id == fold->event.cgroup_id &&
           event->target_userns == fold->event.target_userns;
}
