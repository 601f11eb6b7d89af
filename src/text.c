/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/text.h"

#include <inttypes.h>
#include <time.h>

#define NUMBER_SIZE 24 /* digits of 2^64, and some */
#define TIME_SIZE   64

void text_clear(struct text *text)
{
    free(text->data);
    *text = (struct text){ 0 };
}

char *text_reserve(struct text *text, size_t size)
{
    if (text->length + size > text->size) {
        size_t wanted = MAX(text->size * 2, text->length + size + 256);
        char *grown = realloc(text->data, wanted);

        if (!grown) {
            text->failed = true;
            return NULL;
        }
        text->data = grown;
        text->size = wanted;
    }
    return text->data + text->length;
}

void text_add(struct text *text, const char *bytes, size_t length)
{
    char *place = text_reserve(text, length);

    if (!place)
        return;
    memcpy(place, bytes, length);
    text->length += length;
}

void text_add_string(struct text *text, const char *string)
{
    text_add(text, string, strlen(string));
}

void text_add_char(struct text *text, char c)
{
    text_add(text, &c, 1);
}

void text_add_spaces(struct text *text, size_t count)
{
    char *place = text_reserve(text, count);

    if (!place)
        return;
    memset(place, ' ', count);
    text->length += count;
}

void text_add_unsigned(struct text *text, uint64_t number)
{
    char digits[NUMBER_SIZE];
    size_t at = sizeof(digits);

    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    text_add(text, digits + at, sizeof(digits) - at);
}

void text_add_hex(struct text *text, uint64_t number)
{
    static const char hex[] = "0123456789abcdef";
    char digits[NUMBER_SIZE];
    size_t at = sizeof(digits);

    do {
        digits[--at] = hex[number & 15];
        number >>= 4;
    } while (number);
    text_add(text, digits + at, sizeof(digits) - at);
}

void text_add_time(struct text *text, uint64_t ns)
{
    time_t seconds = (time_t)(ns / 1000000000);
    char *place = text_reserve(text, TIME_SIZE);
    struct tm local;
    size_t length;
    long zone;

    if (!place || !localtime_r(&seconds, &local))
        return;
    length = strftime(place, TIME_SIZE, "%Y-%m-%dT%H:%M:%S", &local);
    zone = local.tm_gmtoff / 60;
    length +=
        (size_t)snprintf(place + length, TIME_SIZE - length, ".%09" PRIu64 "%c%02ld:%02ld",
                         ns % 1000000000, zone < 0 ? '-' : '+', labs(zone) / 60, labs(zone) % 60);
    text->length += length;
}
