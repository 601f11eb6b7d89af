/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values of options, from text: pure. Each returns 0, -EINVAL for text that is no such value, or
 * -ERANGE for one that is too large. */
#pragma once

#include "src/base/macros.h"

/* true yes on 1, false no off 0, in any case. */
int option_value_bool(const char *text, bool *ret_value);

/* Decimal digits only. */
int option_value_unsigned(const char *text, uint64_t *ret_value);

/* "10" and "1.5" are seconds; units us, ms, s, m, h, d; parts add up: "1m30s". In microseconds. */
int option_value_duration(const char *text, uint64_t *ret_usec);

/* "7d" and "-7d" ago, "2026-11-01", "2026-11-01 08:30", "2026-11-01 08:30:00" in local time,
 * "@1790000000" since 1970. In microseconds since 1970. */
int option_value_moment(const char *text, uint64_t now_usec, uint64_t *ret_usec);

/* "65536", and K, M, G for the powers of 1024, with or without "iB". In bytes. */
int option_value_size(const char *text, uint64_t *ret_bytes);
