/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/base/clock.h"

#include "src/base/macros.h"

uint64_t clock_ns(clockid_t clock)
{
    struct timespec now = { 0 };

    (void)clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}
