/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `trace capabilities -- COMMAND...`: what joins the command's life to that of the trace. */
#pragma once

#include "src/base/loop.h"
#include "src/run/run.h"
#include "src/trace/pipeline.h"

struct watch_options;

struct traced_run {
    struct run *run;                /* owned; NULL: there is no command */
    struct pipeline_command traced; /* for struct pipeline_options */
    struct loop *loop;              /* borrowed, from traced_run_follow() */
    int status;                     /* exit status, if we fail */
};

/* `argv`, borrowed, ends with NULL. The command's process is there when this returns 0, and waits.
 * -EINVAL: a mistake on the command line; each failure has a sentence. */
int traced_run_prepare(struct traced_run *traced, char *const *argv,
                       const struct watch_options *options, struct pipeline_options *pipeline,
                       struct error *error);
void traced_run_clear(struct traced_run *traced);

/* In its cgroup it waits; the loop ends when it has ended. */
int traced_run_follow(struct traced_run *traced, struct loop *loop, struct error *error);
/* Lets it go, now that it is traced. */
int traced_run_start(struct traced_run *traced, struct error *error);

/* The trace is over, for whatever reason: the command goes on to its end. `why`: the loop's end. */
void traced_run_await(struct traced_run *traced, int why);

/* As whom it ran. */
void traced_run_say(const struct traced_run *traced);

/* The command's own exit status, and the signal that ended it, or 0. */
int traced_run_status(const struct traced_run *traced, int *ret_signal);
