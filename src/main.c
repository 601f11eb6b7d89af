/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <locale.h>
#include <unistd.h>

#include "src/cli/command.h"

/* A descriptor 0, 1 or 2 that was closed would be taken by the next file opened: a socket or a map,
 * and messages would go there. */
static int open_standard_streams(void)
{
    int fd;

    do {
        fd = open("/dev/null", O_RDWR);
        if (fd < 0)
            return -1;
    } while (fd <= STDERR_FILENO);
    return close(fd);
}

int main(int argc, char **argv)
{
    if (open_standard_streams() < 0)
        return EXIT_STATUS_FAILURE;
    (void)setlocale(LC_CTYPE, ""); /* which characters the terminal can show */
    return command_main(argc, argv);
}
