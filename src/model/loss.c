/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/model/loss.h"

const char *loss_name(enum loss_kind kind)
{
    static const char *const names[] = {
        [LOSS_RING_FULL] = "ring buffer full",
        [LOSS_PREEMPTED] = "preempted inside the probe",
        [LOSS_UNPAIRED] = "return probe without its entry",
        [LOSS_UNREADABLE] = "record not understood",
        [LOSS_UNWRITTEN] = "not written",
    };

    return names[kind];
}

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

/* Left out where none was lost so. */
#define TOTAL_GETTER(name, kind)                                             \
    static struct value get_##name(const void *object)                       \
    {                                                                        \
        uint64_t total = ((const struct record_loss *)object)->totals[kind]; \
                                                                             \
        return total ? value_unsigned(total) : value_none();                 \
    }

TOTAL_GETTER(ring_full, LOSS_RING_FULL)
TOTAL_GETTER(preempted, LOSS_PREEMPTED)
TOTAL_GETTER(unpaired, LOSS_UNPAIRED)
TOTAL_GETTER(unreadable, LOSS_UNREADABLE)
TOTAL_GETTER(unwritten, LOSS_UNWRITTEN)

/* Of initialisers in macros each version of clang-format thinks otherwise. */
/* clang-format off */
#define TOTAL_ROW(word, key, journal_field, getter)                                    \
    {                                                                                  \
        .name = word, .json = key, .journal = journal_field,                           \
        .help = "checks of LOST that were lost in the way of the name",                        \
        .in_json = FIELD_JSON_IF_SEEN, .kind = VALUE_UNSIGNED, .get = getter           \
    }
/* clang-format on */

static const struct field fields[] = {
    { .name = "type",
      .json = "type",
      .journal = "MESSAGE_ID",
      .help = "kind of row",
      .kind = VALUE_TEXT,
      .get = get_type },
    { .name = "timestamp",
      .json = "timestamp",
      .journal = JOURNAL_TIME,
      .help = "when it was noticed, in microseconds since 1970",
      .kind = VALUE_TIME,
      .get = get_time },
    { .name = "since",
      .json = "sinceTimestamp",
      .journal = "SINCE_TIME_USEC",
      .help = "since when they were lost, in microseconds since 1970",
      .kind = VALUE_TIME,
      .get = get_since },
    { .name = "count",
      .json = "count",
      .journal = "COUNT",
      .help = "checks that were lost since then",
      .kind = VALUE_UNSIGNED,
      .get = get_count },
    { .name = "total",
      .json = "total",
      .journal = "LOST",
      .help = "checks that were lost since the start of the trace",
      .kind = VALUE_UNSIGNED,
      .get = get_total },
    { .name = "message",
      .json = "message",
      .journal = "REASON",
      .help = "how they were lost",
      .kind = VALUE_TEXT,
      .get = get_message },
    TOTAL_ROW("ringfull", "ringFull", "LOST_RING_FULL", get_ring_full),
    TOTAL_ROW("preempted", "preempted", "LOST_PREEMPTED", get_preempted),
    TOTAL_ROW("unpaired", "unpaired", "LOST_UNPAIRED", get_unpaired),
    TOTAL_ROW("unreadable", "unreadable", "LOST_UNREADABLE", get_unreadable),
    TOTAL_ROW("unwritten", "unwritten", "LOST_UNWRITTEN", get_unwritten),
};

static enum journal_kind tell(const void *object, struct text *message)
{
    const struct record_loss *loss = object;

    text_add_unsigned(message, loss->count);
    text_add_string(message, loss->count == 1 ? " check was lost: " : " checks were lost: ");
    text_add_string(message, loss->reason);
    return JOURNAL_LOST;
}

const struct field_table loss_fields = { fields, ARRAY_SIZE(fields), tell, NULL };
