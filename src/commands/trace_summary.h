/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The last words of `trace capabilities`: what its rows say of each container, by the judgement of
 * `advise capabilities`. */
#pragma once

#include "src/advice/table.h"
#include "src/commands/advise_subjects.h"

#define TRACE_SUMMARY_MAX 20 /* containers that are told of */

struct trace_summary {
    struct advise_subjects subjects;
};

void trace_summary_init(struct trace_summary *summary);
void trace_summary_clear(struct trace_summary *summary);

/* For struct pipeline_listener. */
void trace_summary_note(struct trace_summary *summary, const struct pipeline_subject *seen);
void trace_summary_add(struct trace_summary *summary, const struct record *record);

/* --summary: containers by capabilities, as it is now. */
void trace_summary_table(struct trace_summary *summary, struct text *out,
                         const struct table_style *style);

/* Nothing where nothing was asked for. `lost`: not all checks came; `is_filtered`: not all that
 * came were rows. */
void trace_summary_say(struct trace_summary *summary, bool lost, bool is_filtered);
