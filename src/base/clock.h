/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>
#include <time.h>

/* Nanoseconds of a clock that this kernel has. Only those of the same clock can be compared. */
uint64_t clock_ns(clockid_t clock);
