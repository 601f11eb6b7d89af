/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/advice/judge.h"

static uint64_t with(const struct subject *subject, enum use use)
{
    uint64_t set = 0;

    for (unsigned int i = 0; i < CAPABILITY_MAX; i++) {
        if (subject_uses(subject, i, use))
            set |= UINT64_C(1) << i;
    }
    return set;
}

/* What was asked for before each of these was used instead. */
static uint64_t narrower_than(const struct subject *subject, uint64_t wide)
{
    uint64_t set = 0;

    for (unsigned int i = 0; i < CAPABILITY_MAX; i++) {
        if (wide >> i & 1)
            set |= subject->evidence[i]->narrower;
    }
    return set;
}

/* That of a user counts where the engine can help him, and nobody is root besides, whom it could
 * help sooner. */
static bool reaches_users(const struct advice *advice)
{
    return advice->circumstances->manner == MANNER_AMBIENT && !advice->subject->has_root;
}

static void judge_checks(struct advice *advice)
{
    const struct subject *subject = advice->subject;
    uint64_t fallback = with(subject, USE_FALLBACK);
    uint64_t unprivileged = with(subject, USE_UNPRIVILEGED);

    advice->used = with(subject, USE_GRANTED);
    advice->narrowed = fallback & ~advice->used;
    advice->missing = with(subject, USE_MISSED);
    if (reaches_users(advice))
        advice->missing |= unprivileged;
    advice->unreached = unprivileged & ~advice->missing;
    advice->outside = with(subject, USE_UNREACHABLE);
    advice->unneeded = with(subject, USE_COVERED) | with(subject, USE_ADVISORY);
}

static enum confidence confidence_of(const struct subject *subject,
                                     const struct circumstances *circumstances)
{
    if (circumstances->only_denials)
        return CONFIDENCE_NONE;
    if (circumstances->start_seen)
        return circumstances->is_torn || circumstances->is_blind || subject->sets_own
                   ? CONFIDENCE_PART
                   : CONFIDENCE_WHOLE;
    return subject->checks || circumstances->file_count ? CONFIDENCE_PART : CONFIDENCE_NONE;
}

struct advice judge(const struct subject *subject, const struct circumstances *circumstances)
{
    struct advice advice = {
        .circumstances = circumstances,
        .subject = subject,
        .confidence = confidence_of(subject, circumstances),
        .held = subject->checks ? subject->bounding : circumstances->bounding,
    };

    if (circumstances->held_unknown)
        advice.held = 0;
    judge_checks(&advice);
    for (size_t i = 0; i < circumstances->file_count; i++)
        advice.files |= circumstances->files[i].permitted;
    advice.need =
        advice.used | advice.missing | advice.files | narrower_than(subject, advice.narrowed);
    advice.narrowed &= ~advice.need;
    advice.unneeded &= ~advice.need;
    advice.unused = advice.held & ~advice.need;
    return advice;
}
