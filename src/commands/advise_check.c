/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "src/base/log.h"
#include "src/commands/advise_profile.h"
#include "src/model/capability.h"

static const struct advise_subject *find(const struct advise_subjects *profile, const char *name)
{
    return string_table_get(&profile->table, name, strlen(name));
}

/* Whether there is anything in the set. */
static bool say_beyond(const struct advice *advice, const char *what, uint64_t set)
{
    size_t length;
    const char *names = capability_set_names(set, &length);

    if (set)
        log_warning("%s %s %.*s, which is not in the profile", advice->circumstances->name, what,
                    (int)length, names);
    return set != 0;
}

static bool check_one(const struct advise_subject *one, const struct advice *advice)
{
    uint64_t denied = advice->missing | advice->unreached;
    bool beyond = say_beyond(advice, "used", advice->need & ~advice->missing & ~one->budget);

    return say_beyond(advice, "was denied", denied & ~one->budget) || beyond;
}

static bool is_seen(const struct advise_subject *one, const struct advice *advices, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(advices[i].circumstances->name, one->circumstances.name) == 0)
            return advices[i].confidence != CONFIDENCE_NONE;
    }
    return false;
}

static int check_presence(const struct advise_subjects *profile, const struct advice *advices,
                          size_t count, struct error *error)
{
    const struct advise_subject *one;
    size_t at = 0;

    while ((one = string_table_next(&profile->table, &at, NULL))) {
        if (!is_seen(one, advices, count))
            return error_set(error, -ENOENT,
                             "%s of the profile was not seen at work, so that nothing can be said "
                             "of it; -c says which are meant",
                             one->circumstances.name);
    }
    return 0;
}

static int check_worth(const struct advise_subject *one, const struct advice *advice,
                       struct error *error)
{
    if (advice->circumstances->is_torn)
        return error_set(error, -ENODATA,
                         "checks were lost, so that it cannot be said whether the profile was kept "
                         "to; take a larger --buffer-size");
    if (one && !one->has_budget)
        return error_set(error, -ENODATA, "the profile has no advice for %s",
                         one->circumstances.name);
    if (advice->confidence == CONFIDENCE_NONE)
        return error_set(error, -ENODATA,
                         "%s was not seen at work, so that nothing can be said of it",
                         advice->circumstances->name);
    return 0;
}

int advise_profile_check(const struct advise_subjects *profile, const struct advice *advices,
                         size_t count, bool all, bool *ret_beyond, struct error *error)
{
    bool beyond = false;
    int r = all ? check_presence(profile, advices, count, error) : 0;

    for (size_t i = 0; r >= 0 && i < count; i++) {
        const struct advise_subject *one = find(profile, advices[i].circumstances->name);

        r = check_worth(one, &advices[i], error);
        if (r < 0)
            return r;
        if (one) {
            beyond = check_one(one, &advices[i]) || beyond;
        } else {
            log_warning("%s is not in the profile", advices[i].circumstances->name);
            beyond = true;
        }
    }
    *ret_beyond = beyond;
    return r;
}
