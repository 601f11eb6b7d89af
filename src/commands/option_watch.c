/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/commands/option_watch.h"

#include "src/source/backend.h"

const char *const option_backends[] = { "auto", BACKENDS(BACKEND_WORD) NULL };

void watch_options_defaults(struct watch_options *watch)
{
    watch->backend = option_backends[0];
    watch->buffer_size = WATCH_BUFFER_SIZE_DEFAULT;
    watch->spill_size = WATCH_SPILL_SIZE_DEFAULT;
}
