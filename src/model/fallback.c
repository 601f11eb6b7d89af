/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/model/fallback.h"

#include <linux/capability.h>

static const struct {
    unsigned int first, second;
    enum fallback which;
} pairs[] = {
    /* With DAC_READ_SEARCH open_by_handle_at(2) reads any file of the host from inside a container:
     * it is no engine's default, for that reason. */
    { CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE, FALLBACK_TO_SECOND },
    { CAP_PERFMON, CAP_SYS_ADMIN, FALLBACK_TO_FIRST },
    { CAP_BPF, CAP_SYS_ADMIN, FALLBACK_TO_FIRST },
    { CAP_CHECKPOINT_RESTORE, CAP_SYS_ADMIN, FALLBACK_TO_FIRST },
    { CAP_CHECKPOINT_RESTORE, CAP_SYS_RESOURCE, FALLBACK_TO_FIRST },
};

enum fallback fallback_of(unsigned int first, unsigned int second)
{
    for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
        if (pairs[i].first == first && pairs[i].second == second)
            return pairs[i].which;
    }
    return FALLBACK_NONE;
}

bool fallback_is_spare(unsigned int first)
{
    for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
        if (pairs[i].first == first && pairs[i].which == FALLBACK_TO_SECOND)
            return true;
    }
    return false;
}
