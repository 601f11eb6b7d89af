/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much of the tracer's time may files of one owner take? Somebody who makes the helper slow or
 * makes it end has used up his share, and waits; the others do not. Pure: the caller says the time.
 */
#pragma once

#include "src/base/hash.h"

/* Of what an owner has taken, this part of the time that passes is forgiven. */
#define HELPER_SHARE_PART 10
/* More than this is not lent. */
#define HELPER_SHARE_OWNER_NS (UINT64_C(4) * 1000000000)
/* What all of them may take together; then only those are served whose last stack was answered. */
#define HELPER_SHARE_TOTAL_NS (UINT64_C(10) * 1000000000)
/* Answers that come sooner are free: many stacks are not a fault. */
#define HELPER_SHARE_FREE_NS (UINT64_C(20) * 1000000)
#define HELPER_SHARE_OWNERS  4096

struct helper_debt {
    uint64_t owed_ns, since_ns;
    bool answered; /* the last time */
};

struct helper_share {
    struct number_table owners; /* owner -> struct helper_debt; owns them */
    struct helper_debt total;
};

void helper_share_clear(struct helper_share *share);

/* Whether the helper may be asked for this owner. */
bool helper_share_allows(const struct helper_share *share, uint64_t owner, uint64_t now_ns);

/* It was, and took so long; without an answer, `took_ns` is what a failure is to cost. */
void helper_share_took(struct helper_share *share, uint64_t owner, uint64_t now_ns,
                       uint64_t took_ns, bool answered);
