/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/stacks/helper_share.h"

void helper_share_clear(struct helper_share *share)
{
    struct helper_debt *debt;
    size_t at = 0;

    while ((debt = number_table_next(&share->owners, &at, NULL)))
        free(debt);
    number_table_clear(&share->owners);
    share->total = (struct helper_debt){ 0 };
}

static uint64_t owed(const struct helper_debt *debt, uint64_t now_ns)
{
    uint64_t forgiven = (now_ns - debt->since_ns) / HELPER_SHARE_PART;

    return debt->owed_ns > forgiven ? debt->owed_ns - forgiven : 0;
}

bool helper_share_allows(const struct helper_share *share, uint64_t owner, uint64_t now_ns)
{
    const struct helper_debt *debt = number_table_get(&share->owners, owner);

    if (debt && owed(debt, now_ns) >= HELPER_SHARE_OWNER_NS)
        return false;
    return (debt && debt->answered) || owed(&share->total, now_ns) < HELPER_SHARE_TOTAL_NS;
}

/* The one that owes least makes room. */
static void forget_one(struct helper_share *share, uint64_t now_ns)
{
    struct helper_debt *debt, *least = NULL;
    uint64_t owner, least_owner = 0;
    size_t at = 0;

    while ((debt = number_table_next(&share->owners, &at, &owner))) {
        if (least && owed(debt, now_ns) >= owed(least, now_ns))
            continue;
        least = debt;
        least_owner = owner;
    }
    (void)number_table_remove(&share->owners, least_owner);
    free(least);
}

static struct helper_debt *debt_of(struct helper_share *share, uint64_t owner, uint64_t now_ns)
{
    struct helper_debt *debt = number_table_get(&share->owners, owner);

    if (debt)
        return debt;
    if (share->owners.count >= HELPER_SHARE_OWNERS)
        forget_one(share, now_ns);
    debt = calloc(1, sizeof(*debt));
    if (debt && number_table_put(&share->owners, owner, debt) < 0) {
        free(debt);
        debt = NULL;
    }
    return debt;
}

static void add(struct helper_debt *debt, uint64_t now_ns, uint64_t took_ns)
{
    debt->owed_ns = owed(debt, now_ns) + took_ns;
    debt->since_ns = now_ns;
}

void helper_share_took(struct helper_share *share, uint64_t owner, uint64_t now_ns,
                       uint64_t took_ns, bool answered)
{
    struct helper_debt *debt = debt_of(share, owner, now_ns);

    if (debt)
        debt->answered = answered;
    if (answered && took_ns <= HELPER_SHARE_FREE_NS)
        return;
    if (debt)
        add(debt, now_ns, took_ns);
    add(&share->total, now_ns, took_ns);
}
