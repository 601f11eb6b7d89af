/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Losses, told to the user while the trace runs: at once, and then at most once a second for each
 * kind, with how many there were since. A storm that loses in each batch would fill the terminal.
 */
#pragma once

#include <systemd/sd-event.h>

#include "src/model/loss.h"

struct loss_news {
    uint64_t counts[LOSS_KINDS]; /* not told yet */
    uint64_t totals[LOSS_KINDS]; /* told */
    bool told[LOSS_KINDS];       /* within the last second */
    sd_event_source *timer;      /* owned; on while it is too early for another warning */
};

/* Borrows `event` until loss_news_clear. 0 or a negative errno. */
int loss_news_init(struct loss_news *news, sd_event *event);
void loss_news_clear(struct loss_news *news);

void loss_news_add(struct loss_news *news, enum loss_kind kind, uint64_t count);
