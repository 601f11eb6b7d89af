/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/base/terminal.h"

#include <sys/ioctl.h>

#define WIDTH_UNKNOWN 80

unsigned int terminal_width(int fd)
{
    struct winsize size;

    if (!isatty(fd))
        return 0;
    return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : WIDTH_UNKNOWN;
}

bool terminal_wants_colour(int fd)
{
    const char *term = getenv("TERM"), *no_colour = getenv("NO_COLOR");

    return isatty(fd) && !(no_colour && *no_colour) && term && strcmp(term, "dumb") != 0;
}
