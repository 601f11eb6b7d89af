/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which unit of systemd a cgroup belongs to, told from its path. Pure. */
#pragma once

#include "src/base/macros.h"

/* What such a word, for a unit of the system or "user/UID/NAME", has at its start that may be in
 * one; the length of all of it when there is nothing wrong with it. */
size_t systemd_unit_good_length(const char *word);

/* Borrowed from the path; length 0: none. */
struct unit_name {
    const char *text;
    size_t length;
};

/*
 * The unit of the system's manager, "docker-ID.scope", and that of a user's manager below it,
 * "web.service" in user@1000.service. Read from the root down, as systemd does: what somebody to
 * whom a cgroup was delegated calls those below it changes nothing. `path` begins with '/'.
 */
struct unit_name systemd_unit(const char *path);
struct unit_name systemd_user_unit(const char *path);
