/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the commands that trace have in common: from their options to a pipeline that runs, and to
 * its end. What becomes of a check is the command's.
 */
#pragma once

#include "src/commands/command_trace_run.h"
#include "src/commands/loss_news.h"
#include "src/commands/option_watch.h"

/* First member of the command's own structure, which is the userdata of its listener. Set `options`
 * and `common`, leave the rest zero, and call watch_clear() in any case. */
struct watch {
    const struct watch_options *options;
    const struct common_options *common;
    struct match match;
    struct pipeline_options pipeline_options;
    struct traced_run run;
    struct loop *loop; /* owned */
    struct loss_news loss_news;
    struct pipeline *pipeline;     /* owned */
    struct pipeline_counts counts; /* once it is finished */
    sd_event_source *timeout;      /* owned */
    const char *audit_source;      /* of AUDIT, when it began; borrowed */
    bool journal;                  /* that is the output */
    bool helpers;                  /* the command has some */
    bool quiet;                    /* losses and engines are told elsewhere */
    bool adds_up;                  /* there are no rows, and the command says what is in none */
    struct error failure;          /* code 0: none */
};

/* In this order. Each returns 0, or a negative errno with a sentence; -EINVAL is a mistake on the
 * command line. `command` ends with NULL; NULL: there is none. */

/* Options to settings: nothing is touched. The command adds to `pipeline_options`; the filter has
 * to be there before. */
int watch_prepare(struct watch *watch, char *const *command, struct error *error);
/* The command's process is there, and waits. */
int watch_prepare_run(struct watch *watch, char *const *command, struct error *error);
/* Signals are the loop's from here on. */
int watch_prepare_loop(struct watch *watch, struct error *error);

/* Attached, powers are laid down, and the command runs. `listener` lacks what every command does in
 * the same way: lost, exited and ended are filled in. `sink` NULL: rows go to the listener alone.
 */
int watch_begin(struct watch *watch, struct sink *sink, struct pipeline_listener listener,
                struct error *error);

/* Until the end; returns why, an enum loop_end, or a negative errno with a sentence. */
int watch_loop(struct watch *watch, struct error *error);

/* What is still to come has come; the counts are final. */
int watch_finish(struct watch *watch);

/* What is no loss, but explains what is shown; and as whom a command ran. */
void watch_say(const struct watch *watch);

void watch_clear(struct watch *watch);
