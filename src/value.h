/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a field of a record yields. Sinks switch on the kind of value, never on the field. Text is
 * borrowed and hostile: every sink escapes it.
 */
#pragma once

#include "src/macros.h"

struct container;
struct record_stacks;

enum value_kind {
    VALUE_NONE = 0, /* unknown: "" or "-" in columns, null in JSON */
    VALUE_UNSIGNED,
    VALUE_SIGNED,
    VALUE_HEX,    /* unsigned, shown in hexadecimal in columns and as text in JSON */
    VALUE_BOOL,
    VALUE_TEXT,
    VALUE_TIME,   /* ns of CLOCK_REALTIME */
    VALUE_LABELS, /* of `labels` */
    VALUE_STACK,  /* frames, innermost first */
};

struct value {
    enum value_kind kind;
    union {
        uint64_t number; /* UNSIGNED, HEX, TIME */
        int64_t integer; /* SIGNED */
        bool truth;      /* BOOL */
        struct {
            const char *text; /* TEXT: need not end in NUL */
            size_t length;
        };
        const struct container *labels; /* LABELS */
        struct {
            const char *const *frames; /* STACK */
            size_t frame_count;
        };
    };
};
