/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * As whom a COMMAND runs: as root hardly anything is denied, as a user hardly anything is allowed.
 * They are two questions, and under sudo(8) the second one is meant.
 */
#pragma once

#include <sys/types.h>

#include "src/base/error.h"

struct run_user {
    uid_t uid;
    gid_t gid;
    char *name;    /* owned; the number where it has no name */
    char *home;    /* owned */
    gid_t *groups; /* owned */
    size_t group_count;
    bool other;   /* than we are: run_user_become() has something to do */
    bool by_sudo; /* the one who has called sudo(8) */
};

/*
 * `user` is "NAME[:GROUP]", each a name or a number; NULL: whoever has called sudo(8), which says
 * so in SUDO_UID and SUDO_GID, or else ourselves. `as_root`: ourselves in any case. Groups are
 * those of the user database. -EINVAL: there is no such user, or it is not for us to choose.
 */
int run_user_choose(const char *user, bool as_root, struct run_user *ret_user, struct error *error);
void run_user_clear(struct run_user *user);

/* Takes on its identity, for good, and HOME, USER and LOGNAME with it. 0 or a negative errno. */
int run_user_become(const struct run_user *user);
