/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel lockdown: what the kernel forbids even to root. From securityfs, which need not be mounted
 * and then tells nothing.
 */
#pragma once

#include "src/base/macros.h"

#define LOCKDOWN_PATH "/sys/kernel/security/lockdown"

enum lockdown {
    LOCKDOWN_UNKNOWN = 0,
    LOCKDOWN_NONE,
    LOCKDOWN_INTEGRITY,
    LOCKDOWN_CONFIDENTIALITY, /* no kprobes, no reading of kernel memory by address */
};

enum lockdown lockdown_level(void);

/* Who is to blame where the kernel permits root no program: what it says itself is not doubted. */
const char *lockdown_blame(enum lockdown level);

/* "none [integrity] confidentiality": pure. */
enum lockdown lockdown_parse(const char *text);
