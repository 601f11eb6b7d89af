/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <locale.h>
#include <unistd.h>

#include "src/cli/command.h"

/* A descriptor 0, 1 or 2 that was closed would be taken by the next file opened: a socket or a map,
 * and messages would go there. What is put in its place can be used as little as it: a row that is
 * written to a closed standard output is an error, and said. */
static int fill_standard_streams(void)
{
    static const int useless[] = { O_WRONLY, O_RDONLY, O_RDONLY };

    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", useless[fd]) != fd)
            return -1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (fill_standard_streams() < 0)
        return EXIT_STATUS_FAILURE;
    (void)setlocale(LC_CTYPE, ""); /* which characters the terminal can show */
    return command_main(argc, argv);
}
