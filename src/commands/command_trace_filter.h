/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `trace capabilities`: --filter, and the options that are short for it. */
#pragma once

#include "src/trace/kernel_filter.h"

struct trace_options;

/* Empty before; clear it in any case. What the kernel decides goes into `tracer`. 0, -ENOMEM, or
 * -EINVAL with a sentence. */
int trace_filter_prepare(const struct trace_options *options, struct filter *filter,
                         struct tracer_options *tracer, struct error *error);

/* With --verbose: which terms the kernel decides, and which are decided here. */
void trace_filter_say(const struct filter *filter);
