/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the options that commands share to what they set up. */
#pragma once

#include "src/base/output.h"
#include "src/commands/option_common.h"
#include "src/containers/discovery.h"
#include "src/sink/sink.h"

/* Borrows from `common`. */
void command_prepare_discovery(const struct common_options *common,
                               struct discovery_options *ret_options);

/* Standard output with its format. */
struct command_output {
    struct output output;
    struct sink *sink;           /* owned */
    const struct field **fields; /* owned; NULL: the default ones */
};

/*
 * Opens it as -o and --fields ask. `signal_fd` is borrowed, see struct output; `array`: the rows
 * are a finite list. -EINVAL is the user's mistake; every failure has a sentence. Call
 * command_output_clear in any case; the struct must be all zero before.
 */
int command_output_open(const struct common_options *common, const struct field_table *table,
                        bool array, int signal_fd, struct command_output *output,
                        struct error *error);
void command_output_clear(struct command_output *output);

/* discovery_listener.engine, to the user. */
void command_tell_engine(void *userdata, const char *runtime, enum runtime_state state,
                         const struct error *reason);

/* What a failed write to standard output means: 0 where the reader has seen enough, as head(1), or
 * a signal ended the wait for it; else `r` and a sentence. */
int command_output_failure(int r, struct error *error);
