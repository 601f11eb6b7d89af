/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which containers the user has asked for: -c NAME and --selector KEY=VALUE. Pure. */
#pragma once

#include "src/base/error.h"

struct container;

struct match_selector {
    const char *key; /* borrowed */
    size_t key_length;
    const char *value; /* NULL: the label must be there, whatever its value */
    bool negated;      /* KEY!=VALUE, !KEY */
};

struct match {
    const char *const *names; /* borrowed; "!name" excludes */
    size_t name_count;
    struct match_selector *selectors; /* owned */
    size_t selector_count;
};

/* `names` and `selectors` are borrowed until match_clear. -EINVAL with a sentence. */
int match_init(struct match *match, const char *const *names, size_t name_count,
               const char *const *selectors, size_t selector_count, struct error *error);
void match_clear(struct match *match);

/*
 * A container matches if it has one of the names, none of the excluded ones, and satisfies every
 * selector.
 */
bool match_container(const struct match *match, const struct container *container);

/* Whether it is called so: by its name, its id, or at least the first 12 digits of a long id; of an
 * unprivileged user's container each with "user/UID/" in front. */
bool match_name(const struct container *container, const char *name);
