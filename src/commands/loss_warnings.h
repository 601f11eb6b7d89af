/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Losses, told to the user while the trace runs: at once, and then at most once a second for each
 * kind, with how many there were since. A storm that loses in each batch would fill the terminal.
 */
#pragma once

#include <systemd/sd-event.h>

#include "src/model/loss.h"

struct loss_warnings {
    uint64_t news[LOSS_KINDS]; /* not told yet */
    uint64_t total;            /* told */
    sd_event_source *timer;    /* owned; on while it is too early for another warning */
};

/* Borrows `event` until loss_warnings_clear. 0 or a negative errno. */
int loss_warnings_init(struct loss_warnings *warnings, sd_event *event);
void loss_warnings_clear(struct loss_warnings *warnings);

void loss_warnings_add(struct loss_warnings *warnings, enum loss_kind kind, uint64_t count);
