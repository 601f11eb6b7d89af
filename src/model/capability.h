/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Capabilities by number and by name. Names are without "CAP_", upper case: "SYS_NICE".
 * Source: include/uapi/linux/capability.h of Linux 6.18, capabilities(7).
 */
#pragma once

#include "src/base/macros.h"

#define CAPABILITY_COUNT 41 /* CAP_CHECKPOINT_RESTORE is 40, the last one since Linux 5.9 */
#define CAPABILITY_MAX   64 /* the sets have room for these */

/* Static text; NULL for a number that has no name here. */
const char *capability_name(unsigned int number);

/* "SYS_NICE lets a process ...": what it allows, in one sentence. Static; NULL as above. */
const char *capability_meaning(unsigned int number);

/* Accepts "SYS_NICE", "cap_sys_nice", any case, or a number below 64. 0 or -EINVAL; the number in
 * *ret_number. */
int capability_parse(const char *text, size_t length, unsigned int *ret_number);

/* "CHOWN,KILL" of a set, names in order of number, "63" for one without a name; borrowed from a
 * small cache, valid until the next call. */
const char *capability_set_names(uint64_t set, size_t *ret_length);
