/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of /proc/PID/maps, proc_pid_maps(5). Pure. */
#pragma once

#include "src/base/macros.h"

struct user_map {
    uint64_t start, end;
    uint64_t offset;  /* of the file, that `start` shows */
    uint64_t device;  /* major << 32 | minor */
    uint64_t inode;   /* 0: no file */
    const char *path; /* borrowed from the line; hostile, newlines written as \012 */
    size_t path_length;
    bool executable;
};

/* One line without its newline. False when it is not one. */
bool user_map_parse(const char *line, size_t length, struct user_map *ret_map);
