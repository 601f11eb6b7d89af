/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/advice/evidence.h"

#include <errno.h>

#include "src/advice/alternative.h"
#include "src/model/fallback.h"

static const struct {
    const char *word;
    const char *meaning;
} uses[USES] = {
    [USE_GRANTED] = { "granted", "allowed" },
    [USE_FALLBACK] = { "fallback", "allowed, after a narrower capability was denied" },
    [USE_MISSED] = { "missed", "denied" },
    [USE_COVERED] = { "covered", "denied, but another capability does as well" },
    [USE_ADVISORY] = { "advisory", "asked without need" },
    [USE_UNPRIVILEGED] = { "unprivileged", "denied to a user who is not root" },
    [USE_GIVEN_UP] = { "given-up", "denied, as the program had given it up" },
    [USE_UNREACHABLE] = { "unreachable", "denied in a user namespace outside of the container" },
    [USE_INSIDE] = { "inside", "asked for in a user namespace of its own" },
};

const char *use_word(enum use use)
{
    return uses[use].word;
}

const char *use_meaning(enum use use)
{
    return uses[use].meaning;
}

static bool is_root(const struct subject *subject, const struct capability_event *event)
{
    if (subject->root_unknown && event->current_level)
        return event->effective || event->permitted;
    return event->euid == subject->root;
}

/* A process that has gone into a user namespace of its own still asks outside of it: that is its
 * own choice, too. */
static bool is_inside(const struct subject *subject, const struct capability_event *event)
{
    return event->target_level > subject->level || event->current_level > subject->level;
}

static enum use use_of_denial(const struct subject *subject, const struct capability_event *event)
{
    enum denial denial = denial_of(event);

    if (denial == DENIAL_NAMESPACE)
        return USE_UNREACHABLE;
    if (denial == DENIAL_EFFECTIVE)
        return USE_GIVEN_UP;
    if (!is_root(subject, event))
        return USE_UNPRIVILEGED;
    return denial == DENIAL_PERMITTED ? USE_GIVEN_UP : USE_MISSED;
}

static enum use use_of(const struct subject *subject, const struct capability_event *event,
                       const char *advisory)
{
    if (is_inside(subject, event))
        return USE_INSIDE;
    if (advisory)
        return USE_ADVISORY;
    return event->denied ? use_of_denial(subject, event) : USE_GRANTED;
}

static struct evidence_thread *thread_of(struct subject *subject, uint32_t tid)
{
    return &subject->threads[tid % EVIDENCE_THREADS];
}

static bool is_same_call(const struct evidence_thread *last, const struct capability_event *event)
{
    return last->tid == event->tid && last->syscall == event->syscall;
}

/* Whether the check before it, in the same call of the same thread, was in vain, and this one is
 * made for that reason. */
static enum fallback fallback_after(const struct evidence_thread *last,
                                    const struct capability_event *event)
{
    if (!is_same_call(last, event) || !last->denied)
        return FALLBACK_NONE;
    return fallback_of(last->capability, event->capability);
}

/* Whether it was denied before, in such a call, and that was answered by the next check. Where many
 * checks come as one, that next one may be among those that have come. */
static bool is_answered_before(const struct evidence_thread *last,
                               const struct capability_event *event)
{
    return is_same_call(last, event) && last->answered >> event->capability & 1;
}

static bool is_lack(enum use use)
{
    return use == USE_MISSED || use == USE_UNPRIVILEGED;
}

/* The one before was not lacked: this one does, or would do. */
static void cover_last(struct subject *subject, struct evidence_thread *last)
{
    struct evidence *first = subject->evidence[last->capability];

    if (!is_lack(last->use) || first->uses[last->use] < last->count)
        return;
    first->uses[last->use] -= last->count;
    first->uses[USE_COVERED] += last->count;
}

static enum use second_choice(struct subject *subject, struct evidence *evidence,
                              struct evidence_thread *last, enum fallback which, enum use use)
{
    if (which == FALLBACK_TO_FIRST && is_lack(use) && is_lack(last->use))
        return USE_COVERED;
    if (use != USE_GRANTED && (which == FALLBACK_TO_FIRST || !is_lack(use)))
        return use;
    cover_last(subject, last);
    if (which == FALLBACK_TO_SECOND)
        return use;
    evidence->narrower |= UINT64_C(1) << last->capability;
    return USE_FALLBACK;
}

static bool is_like(const struct evidence_example *example, const struct capability_event *event)
{
    return example->syscall == event->syscall && example->uid == event->euid &&
           example->denied == event->denied && example->denial == denial_of(event) &&
           memcmp(example->comm, event->comm, EVENT_COMM_SIZE) == 0;
}

static void add_example(struct evidence *evidence, const struct capability_event *event,
                        uint64_t count)
{
    struct evidence_example *example = evidence->examples;

    while (example < evidence->examples + evidence->example_count && !is_like(example, event))
        example++;
    if (example == evidence->examples + EVIDENCE_EXAMPLES_MAX) {
        evidence->more += count;
        return;
    }
    if (example == evidence->examples + evidence->example_count) {
        *example = (struct evidence_example){
            .syscall = event->syscall,
            .compat = event->flags & EVENT_COMPAT,
            .uid = event->euid,
            .denied = event->denied,
            .denial = denial_of(event),
        };
        memcpy(example->comm, event->comm, EVENT_COMM_SIZE);
        evidence->example_count++;
    }
    example->count += count;
}

static void note_sets(struct subject *subject, const struct capability_event *event, uint64_t count)
{
    if (!subject->checks || event->current_level < subject->level)
        subject->level = event->current_level;
    if (event->current_level == subject->level)
        subject->bounding |= event->bounding;
    subject->has_root = subject->has_root || is_root(subject, event);
    subject->checks += count;
}

/* Whether the first of a pair was not lacked, by what became of the second. */
static bool settles(enum fallback which, enum use use)
{
    return use == USE_FALLBACK ||
           (which == FALLBACK_TO_SECOND && (use == USE_GRANTED || is_lack(use)));
}

static void remember(struct evidence_thread *last, const struct capability_event *event,
                     enum use use, uint64_t count)
{
    uint64_t answered = is_same_call(last, event) ? last->answered : 0;

    if (settles(fallback_after(last, event), use))
        answered |= UINT64_C(1) << last->capability;
    *last = (struct evidence_thread){
        .tid = event->tid,
        .syscall = event->syscall,
        .capability = event->capability & (CAPABILITY_MAX - 1),
        .denied = event->denied,
        .use = use,
        .count = count,
        .answered = answered,
    };
}

int subject_add(struct subject *subject, const struct capability_event *event, uint64_t count)
{
    unsigned int capability = event->capability & (CAPABILITY_MAX - 1);
    struct evidence_thread *last = thread_of(subject, event->tid);
    const char *advisory = alternative_advisory(event);
    struct evidence *evidence;
    enum fallback which;
    enum use use;

    if (!subject->evidence[capability])
        subject->evidence[capability] = calloc(1, sizeof(struct evidence));
    evidence = subject->evidence[capability];
    if (!evidence)
        return -ENOMEM;
    note_sets(subject, event, count);
    subject->sets_own = subject->sets_own || alternative_is_capset(event);
    use = use_of(subject, event, advisory);
    which = fallback_after(last, event);
    if (which)
        use = second_choice(subject, evidence, last, which, use);
    else if (is_lack(use) && is_answered_before(last, event))
        use = USE_COVERED;
    if (use == USE_ADVISORY)
        evidence->advisory = advisory;
    evidence->uses[use] += count;
    *(event->denied ? &evidence->denied : &evidence->allowed) += count;
    add_example(evidence, event, count);
    remember(last, event, use, count);
    return 0;
}

void subject_clear(struct subject *subject)
{
    for (size_t i = 0; i < CAPABILITY_MAX; i++) {
        free(subject->evidence[i]);
        subject->evidence[i] = NULL;
    }
}

uint64_t subject_uses(const struct subject *subject, unsigned int capability, enum use use)
{
    const struct evidence *evidence = subject->evidence[capability];

    return evidence ? evidence->uses[use] : 0;
}
