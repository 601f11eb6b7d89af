/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtimes/json_parse.h"

#define ESCAPE_LENGTH 6 /* of "\\uXXXX" */

/* Which half of a pair is at `at`: 'd' for the first (d800 to dbff), 'c' for the second (dc00 to
 * dfff), 0 for neither. */
static char half_at(const char *text, size_t length, size_t at)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    if (length - at < ESCAPE_LENGTH || text[at] != '\\' || text[at + 1] != 'u' ||
        (text[at + 2] != 'd' && text[at + 2] != 'D'))
        return 0;
    for (size_t i = 3; i < ESCAPE_LENGTH; i++)
        if (!memchr(digits, text[at + i], sizeof(digits) - 1))
            return 0;
    if (memchr("89abAB", text[at + 3], 6))
        return 'd';
    return memchr("cdefCDEF", text[at + 3], 8) ? 'c' : 0;
}

/* The place of the next lone half from `at` on; `length` if there is none. */
static size_t next_lone_half(const char *text, size_t length, size_t at)
{
    while (at < length) {
        const char *escape = memchr(text + at, '\\', length - at);
        if (!escape)
            return length;
        at = (size_t)(escape - text);
        char half = half_at(text, length, at);
        bool pair = half == 'd' && half_at(text, length, at + ESCAPE_LENGTH) == 'c';
        if (half && !pair)
            return at;
        at += pair ? (size_t)2 * ESCAPE_LENGTH : 2;
    }
    return length;
}

cJSON *json_parse(const char *text, size_t length)
{
    size_t at = next_lone_half(text, length, 0);
    if (at >= length)
        return cJSON_ParseWithLength(text, length);
    char *copy = malloc(length);
    if (!copy)
        return NULL;
    memcpy(copy, text, length);
    for (; at < length; at = next_lone_half(copy, length, at))
        memcpy(copy + at, "\\ufffd", ESCAPE_LENGTH);
    cJSON *document = cJSON_ParseWithLength(copy, length);
    free(copy);
    return document;
}
