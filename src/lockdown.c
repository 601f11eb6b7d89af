/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/lockdown.h"

#include <fcntl.h>
#include <unistd.h>

static const char *const levels[] = {
    [LOCKDOWN_NONE] = "[none]",
    [LOCKDOWN_INTEGRITY] = "[integrity]",
    [LOCKDOWN_CONFIDENTIALITY] = "[confidentiality]",
};

enum lockdown lockdown_parse(const char *text, size_t length)
{
    for (size_t i = LOCKDOWN_NONE; i < ARRAY_SIZE(levels); i++) {
        if (memmem(text, length, levels[i], strlen(levels[i])))
            return (enum lockdown)i;
    }
    return LOCKDOWN_UNKNOWN;
}

enum lockdown lockdown_level(void)
{
    _cleanup_(close_fd)
    int fd = open(LOCKDOWN_PATH, O_RDONLY | O_CLOEXEC);
    char text[128];
    ssize_t size = fd < 0 ? -1 : read(fd, text, sizeof(text));

    return size > 0 ? lockdown_parse(text, (size_t)size) : LOCKDOWN_UNKNOWN;
}
