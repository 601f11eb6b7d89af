/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/cli/option_value.h"

#include <ctype.h>
#include <errno.h>
#include <time.h>

struct unit {
    const char *name;
    uint64_t factor;
};

static const struct unit durations[] = {
    { "us", UINT64_C(1) },       { "ms", UINT64_C(1000) },      { "s", UINT64_C(1000000) },
    { "m", UINT64_C(60000000) }, { "h", UINT64_C(3600000000) }, { "d", UINT64_C(86400000000) },
};

static const struct unit sizes[] = {
    { "", UINT64_C(1) },          { "K", UINT64_C(1) << 10 },   { "M", UINT64_C(1) << 20 },
    { "G", UINT64_C(1) << 30 },   { "KiB", UINT64_C(1) << 10 }, { "MiB", UINT64_C(1) << 20 },
    { "GiB", UINT64_C(1) << 30 },
};

static const struct unit *find_unit(const struct unit *units, size_t count, const char *name,
                                    size_t length)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(units[i].name) == length && strncasecmp(units[i].name, name, length) == 0)
            return &units[i];
    return NULL;
}

int option_value_bool(const char *text, bool *ret_value)
{
    static const char *const words[][4] = {
        { "false", "no", "off", "0" },
        { "true", "yes", "on", "1" },
    };

    for (size_t truth = 0; truth < ARRAY_SIZE(words); truth++) {
        for (size_t i = 0; i < ARRAY_SIZE(words[truth]); i++) {
            if (strcasecmp(text, words[truth][i]) != 0)
                continue;
            *ret_value = truth == 1;
            return 0;
        }
    }
    return -EINVAL;
}

/* Digits from *text on, which is moved behind them. */
static int take_digits(const char **text, uint64_t *ret_value)
{
    const char *at = *text;
    uint64_t value = 0;

    for (; isdigit((unsigned char)*at); at++) {
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, (uint64_t)(*at - '0'), &value))
            return -ERANGE;
    }
    if (at == *text)
        return -EINVAL;
    *text = at;
    *ret_value = value;
    return 0;
}

/* What follows a decimal point, in millionths; further digits are dropped. */
static int take_millionths(const char **text, uint64_t *ret_value)
{
    const char *at = *text;
    uint64_t value = 0, weight = 100000;

    for (; isdigit((unsigned char)*at); at++, weight /= 10)
        value += (uint64_t)(*at - '0') * weight;
    if (at == *text)
        return -EINVAL;
    *text = at;
    *ret_value = value;
    return 0;
}

int option_value_unsigned(const char *text, uint64_t *ret_value)
{
    uint64_t value;
    int r;

    r = take_digits(&text, &value);
    if (r < 0)
        return r;
    if (*text)
        return -EINVAL;
    *ret_value = value;
    return 0;
}

/* One part, "1.5s", added to *usec. */
static int take_duration(const char **text, bool first, uint64_t *usec)
{
    const struct unit *unit;
    uint64_t whole = 0, millionths = 0, product;
    size_t length;
    int r;

    r = **text == '.' ? 0 : take_digits(text, &whole);
    if (r < 0)
        return r;
    if (**text == '.') {
        (*text)++;
        r = take_millionths(text, &millionths);
        if (r < 0)
            return r;
    }
    length = strcspn(*text, "0123456789.");
    if (length == 0 && first && **text == '\0')
        unit = find_unit(durations, ARRAY_SIZE(durations), "s", 1);
    else
        unit = find_unit(durations, ARRAY_SIZE(durations), *text, length);
    if (!unit)
        return -EINVAL;
    *text += length;
    if (__builtin_mul_overflow(whole, unit->factor, &product) ||
        __builtin_add_overflow(*usec, product, usec) ||
        __builtin_add_overflow(*usec, millionths * unit->factor / 1000000, usec))
        return -ERANGE;
    return 0;
}

int option_value_duration(const char *text, uint64_t *ret_usec)
{
    uint64_t usec = 0;
    bool first = true;
    int r;

    do {
        r = take_duration(&text, first, &usec);
        if (r < 0)
            return r;
        first = false;
    } while (*text);
    *ret_usec = usec;
    return 0;
}

/* All of a form of strptime(3): seconds since 1970, in local time. */
static int take_date(const char *text, const char *form, uint64_t *ret_usec)
{
    struct tm date = { .tm_isdst = -1 };
    const char *end = strptime(text, form, &date);
    time_t seconds = end && !*end ? mktime(&date) : -1;

    if (seconds < 0)
        return -EINVAL;
    *ret_usec = (uint64_t)seconds * 1000000;
    return 0;
}

int option_value_moment(const char *text, uint64_t now_usec, uint64_t *ret_usec)
{
    static const char *const forms[] = { "%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S",
                                         "%Y-%m-%dT%H:%M:%S" };
    uint64_t value;
    int r = -EINVAL;

    if (text[0] == '@') {
        r = option_value_unsigned(text + 1, &value);
        if (r < 0 || __builtin_mul_overflow(value, UINT64_C(1000000), ret_usec))
            return r < 0 ? r : -ERANGE;
        return 0;
    }
    for (size_t i = 0; r < 0 && i < ARRAY_SIZE(forms); i++)
        r = take_date(text, forms[i], ret_usec);
    if (r >= 0)
        return 0;
    r = option_value_duration(text[0] == '-' ? text + 1 : text, &value);
    if (r < 0)
        return r;
    *ret_usec = now_usec - MIN(value, now_usec);
    return 0;
}

int option_value_size(const char *text, uint64_t *ret_bytes)
{
    const struct unit *unit;
    uint64_t value;
    int r;

    r = take_digits(&text, &value);
    if (r < 0)
        return r;
    unit = find_unit(sizes, ARRAY_SIZE(sizes), text, strlen(text));
    if (!unit)
        return -EINVAL;
    if (__builtin_mul_overflow(value, unit->factor, &value))
        return -ERANGE;
    *ret_bytes = value;
    return 0;
}
