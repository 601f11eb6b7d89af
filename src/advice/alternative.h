/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checks that say less than they seem to: of two capabilities either of which would do, and of
 * answers by which the kernel only chooses how to go on. Source: include/linux/capability.h,
 * fs/namei.c and security/commoncap.c of Linux 6.18.
 */
#pragma once

#include "bpf/event.h"
#include "src/base/macros.h"

/* Whether the kernel asks for `wide` only where `narrow` was denied, in the same system call. */
bool alternative_is_fallback(unsigned int narrow, unsigned int wide);

/* Why nothing depends on the answer: a sentence, or NULL where something may. */
const char *alternative_advisory(const struct capability_event *event);
