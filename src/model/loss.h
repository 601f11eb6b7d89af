/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events that were lost between two records, and their table of fields: so every sink prints a loss
 * by the code that prints a row. */
#pragma once

#include "src/model/field.h"

struct record_loss {
    uint64_t time_ns;   /* CLOCK_REALTIME, when it was noticed */
    uint64_t since_ns;  /* start of the window in which they were lost */
    uint64_t count;     /* in this window */
    uint64_t total;     /* since the start */
    const char *reason; /* static: "ring buffer full", ... */
};

extern const struct field_table loss_fields; /* object: const struct record_loss */
