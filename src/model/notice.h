/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What happens to a trace itself: engines that go and come, and its end; and its table of fields.
 */
#pragma once

#include "src/model/journal.h"
#include "src/model/loss.h"

struct notice {
    enum journal_kind kind; /* JOURNAL_ENGINE_AWAY, JOURNAL_ENGINE_BACK or JOURNAL_SUMMARY */
    uint64_t time_ns;       /* CLOCK_REALTIME */
    const char *runtime;    /* of the engine's notices; else NULL */
    const char *reason;     /* NULL: none */
    uint64_t shown;         /* of the summary's */
    uint64_t lost;
    uint64_t totals[LOSS_KINDS]; /* of those, by kind */
    struct notice_hidden {       /* no loss: checks that were not to be shown */
        uint64_t setup;          /* of engines at work in containers */
        uint64_t overridden;     /* under borrowed credentials */
        uint64_t foreign;        /* of another's credentials */
        uint64_t repeats;        /* --unique */
    } hidden;
    uint64_t crowded; /* times a user's cgroup was shown by its number, for want of room */
};

/* "3 events shown, 2 lost (2 not written)": the summary for people. */
void notice_add_summary(struct text *text, const struct notice *notice);

extern const struct field_table notice_fields; /* object: const struct notice */
