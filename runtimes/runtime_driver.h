/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a driver may call of runtime.c. Drivers hold no list of listeners, no back-off, no table of
 * lookups: they connect, ask, and report.
 */
#pragma once

#include "runtimes/runtime.h"

sd_event *runtime_event(const struct runtime *runtime);

/* A container as the engine sees it. Borrowed: a reference is taken if it is kept. */
void runtime_report_found(struct runtime *runtime, struct container *container);
void runtime_report_removed(struct runtime *runtime, const struct container_origin *origin);
/* An answer to lookup() has come to its end, whatever it was. Unknown ids are ignored. */
void runtime_report_looked_up(struct runtime *runtime, const char *id);
/*
 * What answers is `other`, not this engine. One variable may serve several engines: a socket that
 * only the environment has named is left to that one, and the usual places are tried. Else it is
 * like runtime_report_down().
 */
void runtime_report_foreign(struct runtime *runtime, const char *other);
/* Some of its files are not read: before runtime_report_up(), which passes it on. */
void runtime_report_left_out(struct runtime *runtime, const struct error *what);
/* The first list is complete and the watch is running. */
void runtime_report_up(struct runtime *runtime);
/*
 * The connection is of no use any more. Marks it; runtime.c closes it from the loop (never from
 * inside this call, so that a driver may report from deep inside), ends its lookups, and opens a
 * new one after a back-off.
 */
void runtime_report_down(struct runtime *runtime, const struct error *reason);
