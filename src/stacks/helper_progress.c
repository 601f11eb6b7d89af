/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/stacks/helper_progress.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "src/base/macros.h"

static int open_of(pid_t helper, const char *name)
{
    char path[64];

    (void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)helper, name);
    return open(path, O_RDONLY | O_CLOEXEC);
}

void helper_progress_open(struct helper_progress *progress, pid_t helper)
{
    progress->stat = open_of(helper, "stat");
    progress->schedstat = open_of(helper, "schedstat");
}

void helper_progress_close(struct helper_progress *progress)
{
    close_fd(&progress->stat);
    close_fd(&progress->schedstat);
}

static bool read_text(int fd, char *text, size_t size)
{
    ssize_t got = fd < 0 ? -1 : pread(fd, text, size - 1, 0);

    text[MAX(got, 0)] = '\0';
    return got > 0;
}

bool helper_progress_runs(const struct helper_progress *progress)
{
    char text[512], *state;

    if (!read_text(progress->stat, text, sizeof(text)))
        return false;
    state = strrchr(text, ')'); /* the end of its name, which may hold anything */
    return state && strncmp(state, ") R ", 4) == 0;
}

uint64_t helper_progress_waited_ns(const struct helper_progress *progress)
{
    uint64_t waited_ns = 0;
    char text[128];

    if (read_text(progress->schedstat, text, sizeof(text)))
        (void)sscanf(text, "%*u %" SCNu64, &waited_ns);
    return waited_ns;
}
