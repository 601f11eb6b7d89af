/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The process that asks files of containers' programs for their capabilities. A container's file
 * system may be one that hangs whoever asks it, so that it is not the tracer that does. Who does
 * not answer in time is ended, and another one takes his place.
 */
#pragma once

#include <systemd/sd-event.h>

#include "src/base/macros.h"

struct program_reader;

struct program_listener {
    /* What the file needs in the bounding set to be executed: of the question that `key` and `path`
     * were given with. `known`: it was answered. Borrowed. */
    void (*answer)(void *userdata, const char *key, const char *path, bool known, uint64_t needs);
    void *userdata;
};

/* Starts it. `event` is borrowed until program_reader_free. 0 or a negative errno. */
int program_reader_new(sd_event *event, const struct program_listener *listener,
                       struct program_reader **ret_reader);
void program_reader_free(struct program_reader **reader);

/* Takes `file`, which may have been opened with O_PATH. What finds no room is answered at once, as
 * not known. */
void program_reader_ask(struct program_reader *reader, const char *key, const char *path, int file);

/* Waits for all answers, as long as they come in time. */
void program_reader_finish(struct program_reader *reader);
