/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/base/error.h"

#include <stdarg.h>

/* C1 controls too, as UTF-8 writes them: some terminals take U+009B for ESC [. */
static bool is_control(const char *text)
{
    unsigned char byte = (unsigned char)text[0], next = (unsigned char)text[1];

    return byte < 0x20 || byte == 0x7f || (byte == 0xc2 && next >= 0x80 && next < 0xa0);
}

static void replace_controls(char *text)
{
    for (; *text; text++) {
        if (!is_control(text))
            continue;
        if ((unsigned char)*text == 0xc2)
            *text++ = '?';
        *text = '?';
    }
}

int error_set(struct error *error, int code, const char *format, ...)
{
    va_list arguments;

    if (!error)
        return code;
    error->code = code;
    va_start(arguments, format);
    (void)vsnprintf(error->message, sizeof(error->message), format, arguments);
    va_end(arguments);
    replace_controls(error->message);
    return code;
}

int error_prefix(struct error *error, const char *format, ...)
{
    char context[ERROR_MESSAGE_SIZE], joined[2 * ERROR_MESSAGE_SIZE + 2];
    va_list arguments;

    if (!error)
        return 0;
    va_start(arguments, format);
    (void)vsnprintf(context, sizeof(context), format, arguments);
    va_end(arguments);
    (void)snprintf(joined, sizeof(joined), "%s: %s", context, error->message);
    (void)snprintf(error->message, sizeof(error->message), "%.*s", (int)sizeof(error->message) - 1,
                   joined);
    replace_controls(error->message);
    return error->code;
}

const char *error_text(int code)
{
    return code == -KERNEL_ENOTSUPP ? "it is not supported here (ENOTSUPP)" : strerror(-code);
}
