/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checks that say less than they seem to: of two capabilities either of which would do, and of
 * answers by which the kernel only chooses how to go on. Source: include/linux/capability.h,
 * fs/namei.c and security/commoncap.c of Linux 6.18.
 */
#pragma once

#include "bpf/event.h"
#include "src/base/macros.h"

/* Of two, the second of which the kernel asks for only where the first was denied, in the same
 * system call: the one that should be given. */
enum fallback {
    FALLBACK_NONE = 0,  /* they are no such two */
    FALLBACK_TO_FIRST,  /* which is narrower */
    FALLBACK_TO_SECOND, /* which does less harm */
};

enum fallback alternative_fallback(unsigned int first, unsigned int second);

/* Whether it is made for a program that sets its own capabilities. */
bool alternative_is_capset(const struct capability_event *event);

/* Why nothing depends on the answer: a sentence, or NULL where something may. */
const char *alternative_advisory(const struct capability_event *event);
