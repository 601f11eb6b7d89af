/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the options that commands share to what they set up. */
#pragma once

#include "src/base/loop.h"
#include "src/base/output.h"
#include "src/commands/option_common.h"
#include "src/containers/discovery.h"
#include "src/sink/sink.h"

/* Borrows from `common`. */
void command_prepare_discovery(const struct common_options *common,
                               struct discovery_options *ret_options);

/* Where rows go, and in which format. Set `fd`, leave the rest zero, and call command_output_clear
 * in any case. */
struct command_output {
    const char *colour;          /* borrowed: when, see terminal.h */
    int fd;                      /* a standard stream, borrowed; or of the file, owned */
    const char *file;            /* borrowed; NULL: a standard stream */
    const struct field **fields; /* owned; NULL: the default ones */
    struct sink_options options;
    struct output output;
    struct sink *sink;        /* owned */
    sd_event_source *watcher; /* owned; NULL: nobody is watched */
};

/* What -o and --fields ask for; nothing is touched. `array`: the rows are a finite list. -EINVAL is
 * the user's mistake; every failure has a sentence. */
int command_output_choose(struct command_output *output, const struct common_options *common,
                          const struct field_table *table, bool array, struct error *error);

/* Opens a file, in place of the standard stream. Waits for the reader of a named pipe, so call it
 * before signals are blocked. */
int command_output_place(struct command_output *output, const char *file, struct error *error);

/* Last of the three. `signal_fd` is borrowed, see struct output. */
int command_output_open(struct command_output *output, int signal_fd, struct error *error);
void command_output_clear(struct command_output *output);

/* Ends the loop when the reader of a pipe, socket or terminal has gone, also while there is nothing
 * to write. 0 or a negative errno; that a file has no reader is no failure. */
int command_output_watch(struct command_output *output, struct loop *loop);

/* After the last flush, with what it returned: 0, also where the reader has seen enough, as
 * head(1), or a signal ended the wait for it; else a sentence. A file is closed: only then some
 * file systems say that they had no room. */
int command_output_close(struct command_output *output, int r, struct error *error);

/* discovery_listener.engine, to the user. */
void command_tell_engine(void *userdata, const char *runtime, enum runtime_state state,
                         const struct error *reason);
