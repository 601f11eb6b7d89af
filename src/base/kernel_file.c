/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/base/kernel_file.h"

#include <fcntl.h>

bool kernel_file_read(const char *path, char *text, size_t size)
{
    _cleanup_(close_fd)
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? -1 : read(fd, text, size - 1);

    text[MAX(length, 0)] = '\0';
    return length > 0;
}
