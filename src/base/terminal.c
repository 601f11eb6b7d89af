/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/base/terminal.h"

#include <sys/ioctl.h>

#define WIDTH_UNKNOWN 80
#define WIDTH_MAX     4096

bool terminal_size(int fd, struct terminal_size *ret_size)
{
    struct winsize size;

    if (!isatty(fd) || ioctl(fd, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
        return false;
    *ret_size = (struct terminal_size){ .columns = size.ws_col, .rows = size.ws_row };
    return true;
}

unsigned int terminal_width(int fd)
{
    struct terminal_size size;

    if (terminal_size(fd, &size))
        return size.columns;
    return isatty(fd) ? WIDTH_UNKNOWN : 0;
}

unsigned int terminal_usual_width(void)
{
    const char *text = getenv("COLUMNS");
    unsigned long columns = text ? strtoul(text, NULL, 10) : 0;

    return columns > 0 && columns <= WIDTH_MAX ? (unsigned int)columns : WIDTH_UNKNOWN;
}

bool terminal_wants_colour(int fd, const char *when)
{
    const char *term = getenv("TERM"), *no_colour = getenv("NO_COLOR");

    if (strcmp(when, "auto") != 0)
        return strcmp(when, "always") == 0;
    return isatty(fd) && !(no_colour && *no_colour) && term && *term && strcmp(term, "dumb") != 0;
}
