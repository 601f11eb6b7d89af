/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/model/loss.h"

static struct value get_type(UNUSED const void *object)
{
    return value_text("lost");
}

static struct value get_time(const void *object)
{
    const struct record_loss *loss = object;

    return (struct value){ .kind = VALUE_TIME, .number = loss->time_ns };
}

static struct value get_since(const void *object)
{
    const struct record_loss *loss = object;

    return (struct value){ .kind = VALUE_TIME, .number = loss->since_ns };
}

static struct value get_count(const void *object)
{
    return value_unsigned(((const struct record_loss *)object)->count);
}

static struct value get_total(const void *object)
{
    return value_unsigned(((const struct record_loss *)object)->total);
}

static struct value get_message(const void *object)
{
    return value_text(((const struct record_loss *)object)->reason);
}

static const struct field fields[] = {
    { .name = "type", .json = "type", .kind = VALUE_TEXT, .get = get_type },
    { .name = "timestamp", .json = "timestamp", .kind = VALUE_TIME, .get = get_time },
    { .name = "since", .json = "sinceTimestamp", .kind = VALUE_TIME, .get = get_since },
    { .name = "count", .json = "count", .kind = VALUE_UNSIGNED, .get = get_count },
    { .name = "total", .json = "total", .kind = VALUE_UNSIGNED, .get = get_total },
    { .name = "message", .json = "message", .kind = VALUE_TEXT, .get = get_message },
};

const struct field_table loss_fields = { fields, ARRAY_SIZE(fields) };
