/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events that were lost between two records, and their table of fields: so every sink prints a loss
 * by the code that prints a row. */
#pragma once

#include "src/model/field.h"

enum loss_kind {
    LOSS_RING_FULL = 0,
    /* Tasks were preempted inside of the program and of its second copy: the kernel does not enter
     * them again on that CPU until those go on. Not with the kprobe back-end. */
    LOSS_PREEMPTED,
    LOSS_UNPAIRED,   /* kprobe back-end: a check returned whose entry was not seen, or forgotten */
    LOSS_UNREADABLE, /* a record of the ring that is of no known kind and size */
    LOSS_UNWRITTEN,  /* rows that the output did not take */
    LOSS_KINDS,
};

struct record_loss {
    uint64_t time_ns;            /* CLOCK_REALTIME, when it was noticed */
    uint64_t since_ns;           /* start of the window in which they were lost */
    uint64_t count;              /* in this window */
    uint64_t total;              /* since the start */
    const char *reason;          /* loss_name() */
    uint64_t totals[LOSS_KINDS]; /* since the start, by kind */
};

/* "ring buffer full": for messages and the last words. Static. */
const char *loss_name(enum loss_kind kind);

extern const struct field_table loss_fields; /* object: const struct record_loss */
