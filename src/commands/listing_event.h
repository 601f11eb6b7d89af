/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One row of list-containers --watch: a container, when, and what happened to it. */
#pragma once

#include "src/model/container.h"
#include "src/model/field.h"

struct listing_event {
    struct container container; /* first: fields of containers read it; a borrowed, flat copy */
    uint64_t time_ns;           /* CLOCK_REALTIME */
    const char *event;          /* static: "CREATED", "DELETED" */
};

/* TIMESTAMP and EVENT, then all fields of containers. An owned array in ret_table->fields (free
 * it). 0 or -ENOMEM. */
int listing_event_fields(struct field_table *ret_table);
