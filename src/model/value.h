/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a field of a record yields. Sinks switch on the kind of value, never on the field. Text is
 * borrowed and hostile: every sink escapes it.
 */
#pragma once

#include "src/base/macros.h"

struct label;

enum value_kind {
    VALUE_NONE = 0, /* unknown: "" in columns, null in JSON */
    VALUE_UNSIGNED,
    VALUE_HEX, /* a number, shown in hexadecimal in columns */
    VALUE_BOOL,
    VALUE_TEXT,
    VALUE_TIME, /* ns of CLOCK_REALTIME */
    VALUE_SET,  /* of capabilities: shown by their names */
    VALUE_LABELS,
    VALUE_STACK, /* frames, innermost first */
};

/* How a terminal may stress it. */
enum value_tone {
    TONE_NONE = 0,
    TONE_GOOD,
    TONE_BAD,
};

struct value {
    enum value_kind kind;
    enum value_tone tone;
    bool uncertain; /* inferred, not read: columns put a question mark behind it */
    union {
        uint64_t number; /* UNSIGNED, HEX, TIME, SET */
        bool truth;      /* BOOL */
        struct {
            const char *text; /* TEXT: need not end in NUL */
            size_t length;
        };
        struct {
            const struct label *labels; /* LABELS */
            size_t label_count;
        };
        struct {
            const char *const *frames; /* STACK */
            size_t frame_count;
        };
    };
};

static inline struct value value_none(void)
{
    return (struct value){ .kind = VALUE_NONE };
}

static inline struct value value_unsigned(uint64_t number)
{
    return (struct value){ .kind = VALUE_UNSIGNED, .number = number };
}

static inline struct value value_bool(bool truth)
{
    return (struct value){ .kind = VALUE_BOOL, .truth = truth };
}

/* NULL is VALUE_NONE. */
static inline struct value value_text(const char *text)
{
    if (!text)
        return value_none();
    return (struct value){ .kind = VALUE_TEXT, .text = text, .length = strlen(text) };
}

/* Of a length of its own: it need not end in NUL. */
static inline struct value value_characters(const char *text, size_t length)
{
    return (struct value){ .kind = VALUE_TEXT, .text = text, .length = length };
}

static inline struct value value_labels(const struct label *labels, size_t count)
{
    return (struct value){ .kind = VALUE_LABELS, .labels = labels, .label_count = count };
}

static inline struct value value_stack(const char *const *frames, size_t count)
{
    return (struct value){ .kind = VALUE_STACK, .frames = frames, .frame_count = count };
}
