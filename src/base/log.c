/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/base/log.h"

#include <stdarg.h>

#define LINE_SIZE 1024

static bool is_verbose;

/* Controls of ASCII, and those that ISO 6429 has above it (U+0080 to U+009F in UTF-8). */
static void replace_controls(char *text)
{
    for (unsigned char *at = (unsigned char *)text; *at; at++) {
        bool high = at[0] == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0;

        if (*at < 0x20 || *at == 0x7f || high)
            *at = '?';
        if (high)
            *++at = '?';
    }
}

/* One write(2) a line, so that lines of several programs on one terminal do not mix. */
static void print_line(const char *kind, const char *format, va_list arguments)
{
    char message[LINE_SIZE], line[LINE_SIZE + 64];
    int length;

    (void)vsnprintf(message, sizeof(message), format, arguments);
    replace_controls(message);
    length = snprintf(line, sizeof(line), "local-gadget: %s%s\n", kind, message);
    (void)fwrite(line, 1, MIN((size_t)length, sizeof(line) - 1), stderr);
    (void)fflush(stderr);
}

void log_set_verbose(bool verbose)
{
    is_verbose = verbose;
}

void log_error(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    print_line("", format, arguments);
    va_end(arguments);
}

void log_warning(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    print_line("warning: ", format, arguments);
    va_end(arguments);
}

void log_info(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    print_line("", format, arguments);
    va_end(arguments);
}

void log_verbose(const char *format, ...)
{
    va_list arguments;

    if (!is_verbose)
        return;
    va_start(arguments, format);
    print_line("", format, arguments);
    va_end(arguments);
}
