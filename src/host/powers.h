/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which capabilities this program itself needs, and whether it has them. */
#pragma once

#include <sys/capability.h>

#include "src/base/error.h"

struct power {
    cap_value_t capability;
    const char *name;    /* "BPF" */
    const char *purpose; /* what it is for */
    bool needed;         /* without it nothing is traced; without the others something is missing */
};

extern const struct power powers[];
extern const size_t power_count;

/* One bit each of the effective set of this thread; CAP_SYS_ADMIN brings what was cut out of it in
 * Linux 5.8. 0 when it cannot be read. */
uint64_t powers_effective(void);
bool power_is_there(const struct power *power, uint64_t effective);

/* -EPERM and a sentence when one that is needed is missing, or is of a user namespace: of no worth
 * outside. Root of the host has them all. */
int powers_check(struct error *error);

#define POWER(capability) (UINT64_C(1) << (capability))

/* The permitted and the effective set from here on, as far as that is there; the inheritable and
 * the ambient one are empty. 0 or a negative errno. */
int powers_set(uint64_t permitted, uint64_t effective);
/* Both of them. */
int powers_keep(uint64_t kept);

/* No program that has more gives it to us. Without the capability to change the set it stays, as
 * where there is no_new_privs it says nothing. */
void powers_empty_bounding_set(void);
