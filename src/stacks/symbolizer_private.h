/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The two halves of the process of symbolizer.h: frames to text, and its powers. */
#pragma once

#include "src/stacks/module_cache.h"
#include "src/stacks/symbolizer.h"

struct symbolizer {
    struct module_cache modules;
    struct module_owner owner; /* of the request */
    char *maps;                /* owned: /proc/PID/maps as last read */
    size_t maps_length, maps_size;
    uint32_t maps_pid; /* whose, 0: none */
};

/* Each frame as much as is known of it, up to one that can be none. What other owners' requests
 * have taught is not used. */
void symbolizer_answer(struct symbolizer *symbolizer, const struct symbolizer_request *request,
                       struct symbolizer_answer *ret_answer);

/*
 * After symbolizer_lay_down(): a bound on memory, and a list of system calls that only read, but
 * for answers into `socket`, which is connected. 0 or a negative errno.
 *
 * Landlock would forbid writing too, and then more than that: whoever is under it may not look at
 * a process that is not, and /proc/PID/root is refused. So it is the list that has no hole: files
 * are opened by openat alone, whose flags it sees.
 */
int symbolizer_confine(int socket);
