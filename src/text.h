/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A growing piece of text: one row on its way to the output. */
#pragma once

#include "src/macros.h"

struct text {
    char *data; /* owned, not NUL-terminated */
    size_t length, size;
    bool failed; /* out of memory: what was added since is missing */
};

void text_clear(struct text *text);

/* Room for `size` more bytes behind `length`: add to `length` what was written there. NULL (and
 * `failed`) when there is no memory. */
char *text_reserve(struct text *text, size_t size);

void text_add(struct text *text, const char *bytes, size_t length);
void text_add_string(struct text *text, const char *string);
void text_add_char(struct text *text, char c);
void text_add_spaces(struct text *text, size_t count);
void text_add_unsigned(struct text *text, uint64_t number);
void text_add_hex(struct text *text, uint64_t number);

/* RFC 3339 in the local zone, with nanoseconds; `ns` of CLOCK_REALTIME. */
void text_add_time(struct text *text, uint64_t ns);
