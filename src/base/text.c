/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/base/text.h"

#include <inttypes.h>
#include <time.h>

#define NUMBER_SIZE 24 /* digits of 2^64, and some */
#define TIME_SIZE   64

void text_clear(struct text *text)
{
    free(text->data);
    *text = (struct text){ 0 };
}

char *text_grow(struct text *text, size_t size)
{
    size_t wanted = MAX(text->size * 2, text->length + size + 256);
    char *grown = realloc(text->data, wanted);

    if (!grown) {
        text->failed = true;
        return NULL;
    }
    text->data = grown;
    text->size = wanted;
    return text->data + text->length;
}

void text_add_spaces(struct text *text, size_t count)
{
    char *place = text_reserve(text, count);

    if (!place)
        return;
    memset(place, ' ', count);
    text->length += count;
}

/* Two digits at a time: a JSON row has a dozen numbers. */
void text_add_unsigned(struct text *text, uint64_t number)
{
    static const char pairs[] = "00010203040506070809101112131415161718192021222324"
                                "25262728293031323334353637383940414243444546474849"
                                "50515253545556575859606162636465666768697071727374"
                                "75767778798081828384858687888990919293949596979899";
    char digits[NUMBER_SIZE];
    size_t at = sizeof(digits);

    while (number >= 100) {
        at -= 2;
        memcpy(digits + at, pairs + 2 * (number % 100), 2);
        number /= 100;
    }
    if (number >= 10) {
        at -= 2;
        memcpy(digits + at, pairs + 2 * number, 2);
    } else {
        digits[--at] = (char)('0' + number);
    }
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
