/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/commands/listing_event.h"

#include <errno.h>

static struct value get_timestamp(const void *object)
{
    const struct listing_event *event = object;

    return (struct value){ .kind = VALUE_TIME, .number = event->time_ns };
}

static struct value get_event(const void *object)
{
    const struct listing_event *event = object;

    return (
        struct value){ .kind = VALUE_TEXT, .text = event->event, .length = strlen(event->event) };
}

static const struct field first_fields[] = {
    { .name = "timestamp",
      .header = "TIMESTAMP",
      .json = "timestamp",
      .help = "when it happened",
      .min_width = 35,
      .max_width = 35,
      .visibility = FIELD_SHOWN,
      .kind = VALUE_TIME,
      .get = get_timestamp },
    { .name = "event",
      .header = "EVENT",
      .json = "event",
      .help = "CREATED or DELETED",
      .min_width = 7,
      .max_width = 10,
      .visibility = FIELD_SHOWN,
      .kind = VALUE_TEXT,
      .get = get_event },
};

int listing_event_fields(struct field_table *ret_table)
{
    size_t count = ARRAY_SIZE(first_fields) + container_fields.count;
    struct field *fields = calloc(count, sizeof(*fields));

    if (!fields)
        return -ENOMEM;
    memcpy(fields, first_fields, sizeof(first_fields));
    memcpy(fields + ARRAY_SIZE(first_fields), container_fields.fields,
           container_fields.count * sizeof(*fields));
    *ret_table = (struct field_table){ .fields = fields, .count = count };
    return 0;
}
