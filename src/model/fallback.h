/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pairs of capabilities of which either would do: the kernel asks for the second only where the
 * first was denied, in the same system call. Source: include/linux/capability.h and fs/namei.c of
 * Linux 6.18.
 */
#pragma once

#include "src/base/macros.h"

/* The one of a pair that should be given. */
enum fallback {
    FALLBACK_NONE = 0,  /* they are no such pair */
    FALLBACK_TO_FIRST,  /* which is narrower */
    FALLBACK_TO_SECOND, /* which does less harm */
};

enum fallback fallback_of(unsigned int first, unsigned int second);

/* Whether it means nothing that this one was denied, where the second of its pair was allowed. */
bool fallback_is_spare(unsigned int first);
