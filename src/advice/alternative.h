/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checks that say less than they seem to: those by whose answers the kernel only chooses how to go
 * on. Source: security/commoncap.c and fs of Linux 6.18.
 */
#pragma once

#include "bpf/event.h"
#include "src/base/macros.h"

/* Whether it is made for a program that sets its own capabilities. */
bool alternative_is_capset(const struct capability_event *event);

/* Why nothing depends on this capability's answer where nothing does; NULL: there is no such case.
 */
const char *alternative_why(unsigned int capability);

/* Why nothing depends on the answer: a sentence, or NULL where something may. */
const char *alternative_advisory(const struct capability_event *event);
