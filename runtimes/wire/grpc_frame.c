/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtimes/wire/grpc_frame.h"

#include <errno.h>

/* Kept between messages; a larger buffer goes back. */
#define KEPT_SIZE ((size_t)64 << 10)

static size_t announced_length(const struct grpc_reader *reader)
{
    const uint8_t *prefix = reader->prefix;
    return (size_t)prefix[1] << 24 | (size_t)prefix[2] << 16 | (size_t)prefix[3] << 8 | prefix[4];
}

/* 1 when the prefix is complete. */
static int feed_prefix(struct grpc_reader *reader, const uint8_t **bytes, size_t *length)
{
    size_t taken = MIN(GRPC_PREFIX_SIZE - reader->prefix_length, *length);
    memcpy(reader->prefix + reader->prefix_length, *bytes, taken);
    reader->prefix_length += taken;
    *bytes += taken;
    *length -= taken;
    if (reader->prefix_length < GRPC_PREFIX_SIZE)
        return 0;
    if (reader->prefix[0] != 0)
        return -EPROTO;
    return announced_length(reader) > GRPC_MESSAGE_MAX ? -EMSGSIZE : 1;
}

static int reserve(struct grpc_reader *reader, size_t size)
{
    if (size <= reader->allocated)
        return 0;
    size_t allocated = MAX(MIN(reader->allocated * 2, GRPC_MESSAGE_MAX), MAX(size, (size_t)256));
    uint8_t *bytes = realloc(reader->bytes, allocated);
    if (!bytes)
        return -ENOMEM;
    reader->bytes = bytes;
    reader->allocated = allocated;
    return 0;
}

int grpc_reader_feed(struct grpc_reader *reader, const uint8_t **bytes, size_t *length)
{
    if (reader->prefix_length < GRPC_PREFIX_SIZE) {
        int r = *length ? feed_prefix(reader, bytes, length) : 0;
        if (r <= 0)
            return r;
    }
    size_t wanted = announced_length(reader);
    size_t taken = MIN(wanted - reader->length, *length);
    if (taken) {
        int r = reserve(reader, reader->length + taken);
        if (r < 0)
            return r;
        memcpy(reader->bytes + reader->length, *bytes, taken);
    }
    reader->length += taken;
    *bytes += taken;
    *length -= taken;
    return reader->length == wanted;
}

void grpc_reader_next(struct grpc_reader *reader)
{
    reader->prefix_length = 0;
    reader->length = 0;
    if (reader->allocated > KEPT_SIZE)
        grpc_reader_clear(reader);
}

bool grpc_reader_is_inside(const struct grpc_reader *reader)
{
    return reader->prefix_length > 0;
}

void grpc_reader_clear(struct grpc_reader *reader)
{
    free(reader->bytes);
    *reader = (struct grpc_reader){ 0 };
}

void grpc_prefix_write(uint8_t prefix[static GRPC_PREFIX_SIZE], size_t length)
{
    prefix[0] = 0;
    for (size_t i = 1; i < GRPC_PREFIX_SIZE; i++)
        prefix[i] = (uint8_t)(length >> (8 * (GRPC_PREFIX_SIZE - 1 - i)));
}

struct status {
    const char *words;
    int code;
};

static const struct status statuses[] = {
    { "OK", 0 },
    { "cancelled", -ECANCELED },
    { "unknown error", -EIO },
    { "invalid argument", -EINVAL },
    { "deadline exceeded", -ETIMEDOUT },
    { "not found", -ENOENT },
    { "already exists", -EEXIST },
    { "permission denied", -EACCES },
    { "resource exhausted", -ENOSPC },
    { "failed precondition", -EIO },
    { "aborted", -EAGAIN },
    { "out of range", -ERANGE },
    { "not implemented there", -EOPNOTSUPP },
    { "internal error", -EIO },
    { "unavailable", -EAGAIN },
    { "data loss", -EIO },
    { "not authenticated", -EACCES },
};

int grpc_status_parse(const char *text, size_t length)
{
    int status = 0;
    if (length == 0 || length > 2)
        return -EPROTO;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -EPROTO;
        status = status * 10 + (text[i] - '0');
    }
    return (size_t)status < ARRAY_SIZE(statuses) ? status : -EPROTO;
}

static int hex_digit(char character)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *found = character ? strchr(digits, character) : NULL;
    return found ? (int)((found - digits) % 16) : -1;
}

void grpc_message_decode(const char *text, size_t length, char *buffer, size_t size)
{
    size_t out = 0;
    for (size_t i = 0; i < length && out + 1 < size; i++) {
        int high = text[i] == '%' && i + 2 < length ? hex_digit(text[i + 1]) : -1;
        int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
        char character = (char)(low >= 0 ? high << 4 | low : text[i]);
        if (low >= 0)
            i += 2;
        buffer[out++] = character ? character : '?';
    }
    buffer[out] = '\0';
}

int grpc_status_error(struct error *error, int status, const char *message)
{
    const struct status *entry = &statuses[status];
    return error_set(error, entry->code, "%s%s%s", entry->words, message[0] ? ": " : "", message);
}
