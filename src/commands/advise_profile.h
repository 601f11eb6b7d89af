/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Advice of an earlier run, as `advise capabilities -o json` has written it: carried on, or kept
 * to.
 */
#pragma once

#include "src/commands/advise_subjects.h"

/* Adds its evidence to that of the containers of the same names. 0, or a negative errno with a
 * sentence, but not -EINVAL. */
int advise_profile_read(const char *path, struct advise_subjects *subjects, struct error *error);

/*
 * Says of each advice what was used or denied beyond that. *ret_beyond: anything was. What was not
 * seen cannot be kept to: a failure, with a sentence; `all`: each container of the profile is
 * meant, and not only those that were there.
 */
int advise_profile_check(const struct advise_subjects *profile, const struct advice *advices,
                         size_t count, bool all, bool *ret_beyond, struct error *error);
