/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which of the containers that are traced run under a seccomp filter: a system call that the filter
 * refuses never comes to a capability check, so that a need may not show. Docker's default profile,
 * as others, refuses mount(2), chroot(2), sethostname(2) and more to a container without the
 * capability for it. Said once, on standard error, of those that are there when all engines have
 * answered; of later ones with --verbose.
 */
#pragma once

#include "src/containers/inventory.h"

struct confined;

/* 0 or a negative errno. `inventory` is borrowed until confined_free. */
int confined_new(const struct inventory *inventory, sd_event *event,
                 struct confined **ret_confined);
void confined_free(struct confined **confined);

/* Looks at its first process, unless it was found to be under a filter before. */
void confined_look(struct confined *confined, struct member *member);

/* An engine or a container has news. NULL is fine. */
void confined_news(struct confined *confined);

/* The trace ends: what was found and not said yet is said. */
void confined_finish(struct confined *confined);
