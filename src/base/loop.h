/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one event loop (sd-event): how it ends, and timers. Everything else adds its own sources to
 * loop_event() and owns them. Nothing on the loop may block.
 */
#pragma once

#include <systemd/sd-event.h>

#include "src/base/macros.h"

#define USEC_PER_MSEC UINT64_C(1000)
#define USEC_PER_SEC  UINT64_C(1000000)

enum loop_end {
    LOOP_END_NONE = 0,
    LOOP_END_SIGNAL,  /* SIGINT, SIGTERM, SIGHUP: a clean end */
    LOOP_END_TIMEOUT, /* the time asked for with --timeout has passed */
    LOOP_END_DONE,    /* the work is done, or the reader of our output has gone */
    LOOP_END_FAILED,
};

struct loop;

/*
 * Blocks SIGINT, SIGTERM and SIGHUP for the process and takes them as a request to end; ignores
 * SIGPIPE. Once that request has been noticed, SIGINT has its default effect: a second one ends the
 * process at once. SIGHUP stays ignored under nohup(1). Returns 0 or a negative errno.
 */
int loop_new(struct loop **ret_loop);
void loop_free(struct loop **loop);

sd_event *loop_event(struct loop *loop);

/* Runs until loop_end() is called or a signal comes; returns why, or a negative errno. */
int loop_run(struct loop *loop);

/* After an end, to run on: until the next. */
void loop_resume(struct loop *loop);

/*
 * Asks about each ending signal: true, it is not to end the loop. Also of SIGINT: the next one then
 * ends the process at once.
 */
void loop_on_signal(struct loop *loop, bool (*takes)(void *userdata, int number), void *userdata);

/* The first reason stays. Safe to call before loop_run(). */
void loop_end(struct loop *loop, enum loop_end why);

/* LOOP_END_NONE while running. Also polls for a signal that arrived outside loop_run(). */
enum loop_end loop_ended(struct loop *loop);

/* A descriptor that is readable while an ending signal waits to be noticed by loop_run() or
 * loop_ended(), for poll(2) around a write that may block. What is written after the end waits for
 * its reader until one more signal comes. Borrowed. */
int loop_signal_fd(const struct loop *loop);

/*
 * A one-shot timer, `usec` from now (CLOCK_BOOTTIME), as an owned source in *ret_source; free it
 * with sd_event_source_unref (which also cancels it).
 */
int loop_timer(sd_event *event, uint64_t usec, const char *description,
               sd_event_time_handler_t handler, void *userdata, sd_event_source **ret_source);
