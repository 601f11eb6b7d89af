/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file of the test program's own, for the set-up and the end of a group of tests. */
#pragma once

#include <unistd.h>

#include "src/base/macros.h"

static char scratch_path[32];

static int scratch_make(UNUSED void **state)
{
    int fd;

    (void)snprintf(scratch_path, sizeof(scratch_path), "/tmp/rows-XXXXXX");
    fd = mkstemp(scratch_path);
    return fd < 0 ? -1 : close(fd);
}

static int scratch_remove(UNUSED void **state)
{
    return unlink(scratch_path);
}
