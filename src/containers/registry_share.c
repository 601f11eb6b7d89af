/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How much of the index a user may fill: root's containers always find room. */
#include "src/containers/registry_private.h"

struct share {
    size_t members;
};

static struct share *find_or_add(struct registry *registry, uid_t maker)
{
    struct share *share = number_table_get(&registry->shares, maker);

    if (share)
        return share;
    share = calloc(1, sizeof(*share));
    if (share && number_table_put(&registry->shares, maker, share) < 0) {
        free(share);
        share = NULL;
    }
    return share;
}

bool registry_take_share(struct registry *registry, uid_t maker)
{
    struct share *share = maker ? find_or_add(registry, maker) : NULL;

    if (maker == 0)
        return true;
    if (!share || share->members >= REGISTRY_USER_MAX ||
        registry->users_members >= REGISTRY_USERS_MAX) {
        registry->crowded++;
        return false;
    }
    share->members++;
    registry->users_members++;
    return true;
}

void registry_return_share(struct registry *registry, uid_t maker)
{
    struct share *share = maker ? number_table_get(&registry->shares, maker) : NULL;

    if (!share)
        return;
    registry->users_members--;
    if (--share->members > 0)
        return;
    free(number_table_remove(&registry->shares, maker));
}

void registry_clear_shares(struct registry *registry)
{
    struct share *share;
    size_t at = 0;

    while ((share = number_table_next(&registry->shares, &at, NULL)))
        free(share);
    number_table_clear(&registry->shares);
}
