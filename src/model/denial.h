/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why the kernel denied a capability, told from the sets and namespaces that it looked at. Source:
 * cap_capable() of security/commoncap.c, and capabilities(7). */
#pragma once

#include "bpf/event.h"
#include "src/base/macros.h"

enum denial {
    DENIAL_NONE = 0,  /* it was allowed, or nothing explains it */
    DENIAL_NAMESPACE, /* asked for in a user namespace that the process has no power over */
    DENIAL_BOUNDING,  /* not even in the bounding set */
    DENIAL_PERMITTED, /* in the bounding set, and the process was given it by nothing */
    DENIAL_EFFECTIVE, /* the process has it, and has laid it down */
    DENIALS,
};

enum denial denial_of(const struct capability_event *event);

/* One word for machines, and a sentence for people, without a full stop. Static; NULL for
 * DENIAL_NONE. */
const char *denial_word(enum denial denial);
const char *denial_sentence(enum denial denial);
