/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options of `trace capabilities`. */
#pragma once

#include "src/commands/option_watch.h"

struct trace_options {
    struct common_options common;
    struct watch_options watch;
    struct option_list filters;      /* for filter_add() */
    struct option_list capabilities; /* these and the next are for filter_add_words() */
    struct option_list verdicts;
    struct option_list pids;
    struct option_list uids;
    struct option_list comms;
    struct option_list images;
    struct option_list pod_namespaces;
    struct option_list pods;
    bool host; /* processes in no container, too */
    bool audit_only;
    bool unique;
    bool all; /* what is hidden as noise, too */
    bool print_stack;
    bool print_user_stack;
    const char *journal_namespace; /* NULL: the system's journal */
    bool journal_wait;
    uint64_t max_events;     /* 0: no limit */
    const char *fail_on;     /* "deny"; NULL: nothing seen is a failure */
    const char *output_file; /* NULL: standard output */
    bool no_summary;
    bool summary;           /* a table in place of rows */
    uint64_t interval_usec; /* and again each time; 0: at the end alone */
};

extern const struct option_table trace_option_table;

/* For struct command: `values` is a struct trace_options, all zero before. */
void trace_options_defaults(void *values);

/* Prose of --help and of the man page. */
extern const char trace_description[];
extern const char trace_examples[];
