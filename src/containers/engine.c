/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/containers/engine.h"

#include "src/base/macros.h"

/* Several engines may know one container: docker's are containerd's too, and runc's. The one that
 * the user speaks to has the last word. */
static const struct {
    const char *runtime;
    unsigned int rank;
} ranks[] = {
    { "docker", 4 }, { "podman", 4 }, { "cri-o", 4 }, { "containerd", 3 },
    { "cri", 2 },    { "runc", 1 },   { "crun", 1 },
};

unsigned int engine_rank(const char *runtime)
{
    for (size_t i = 0; i < ARRAY_SIZE(ranks); i++) {
        if (strcmp(ranks[i].runtime, runtime) == 0)
            return ranks[i].rank;
    }
    return 0;
}
