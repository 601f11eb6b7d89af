/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A growing piece of text: one row on its way to the output. */
#pragma once

#include "src/base/macros.h"

struct text {
    char *data; /* owned, not NUL-terminated */
    size_t length, size;
    bool failed; /* out of memory: what was added since is missing */
};

void text_clear(struct text *text);

/* The slow half of text_reserve(). */
char *text_grow(struct text *text, size_t size);

/* Room for `size` more bytes behind `length`: add to `length` what was written there. NULL (and
 * `failed`) when there is no memory. */
static inline char *text_reserve(struct text *text, size_t size)
{
    if (text->size - text->length < size)
        return text_grow(text, size);
    return text->data + text->length;
}

static inline void text_add(struct text *text, const char *bytes, size_t length)
{
    char *place = text_reserve(text, length);

    if (!place)
        return;
    memcpy(place, bytes, length);
    text->length += length;
}

static inline void text_add_string(struct text *text, const char *string)
{
    text_add(text, string, strlen(string));
}

static inline void text_add_char(struct text *text, char c)
{
    char *place = text_reserve(text, 1);

    if (!place)
        return;
    *place = c;
    text->length++;
}

void text_add_spaces(struct text *text, size_t count);
void text_add_unsigned(struct text *text, uint64_t number);
void text_add_hex(struct text *text, uint64_t number);

/* RFC 3339 in the local zone, with nanoseconds; `ns` of CLOCK_REALTIME. */
void text_add_time(struct text *text, uint64_t ns);
