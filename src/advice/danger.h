/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How much a capability is worth to whoever has broken into a container. Source: capabilities(7),
 * and the published ways out of containers. */
#pragma once

#include "src/base/macros.h"

enum danger {
    DANGER_SMALL = 0, /* reaches little beyond the container */
    DANGER_MEDIUM,    /* disturbs other containers, the network or the host's services */
    DANGER_HIGH,      /* a way to become root of the host */
};

/* Of any number; one that is not known is the highest. */
enum danger danger_of(unsigned int capability);

/* The most dangerous first; numbers rise among equals. Writes at most 64 numbers of the set, and
 * returns how many. */
size_t danger_order(uint64_t set, unsigned int ret_order[static 64]);
