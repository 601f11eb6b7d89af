/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was seen of one container, added up: for each capability how often it was asked for, with
 * which outcome, and by whom. Each check is put into one class as it comes; what the classes mean
 * for the container is judge.h's. Pure: it looks at nothing but the event.
 */
#pragma once

#include "bpf/event.h"
#include "src/model/capability.h"
#include "src/model/denial.h"

#define EVIDENCE_EXAMPLES_MAX 8   /* callers kept of a capability; more are counted */
#define EVIDENCE_THREADS      256 /* whose last check is remembered */

/* What a check says. */
enum use {
    USE_GRANTED = 0,  /* allowed */
    USE_FALLBACK,     /* allowed, when a narrower capability had been denied just before */
    USE_MISSED,       /* denied to root, which would have it if the container had */
    USE_COVERED,      /* denied, but another capability did, or would do */
    USE_ADVISORY,     /* allowed or denied: nothing depended on it */
    USE_UNPRIVILEGED, /* denied to a user who is not root */
    USE_GIVEN_UP,     /* denied, as the program itself had laid it down */
    USE_UNREACHABLE,  /* denied in a user namespace outside of the container's */
    USE_INSIDE,       /* allowed or denied in a user namespace that the container made itself */
    USES,
};

/* One word and one line for people. Static. */
const char *use_word(enum use use);
const char *use_meaning(enum use use);

struct evidence_example {
    char comm[EVENT_COMM_SIZE];
    __s32 syscall;
    bool compat;
    __u32 uid; /* effective, as the host numbers users */
    bool denied;
    enum denial denial;
    uint64_t count;
};

/* Of one capability. */
struct evidence {
    uint64_t uses[USES];
    uint64_t allowed, denied; /* all of these, by the kernel's word; not of an earlier run */
    uint64_t narrower;        /* set: denied just before it was allowed */
    const char *advisory;     /* static: why nothing depended on it; NULL: none was such a check */
    struct evidence_example examples[EVIDENCE_EXAMPLES_MAX];
    size_t example_count;
    uint64_t more; /* checks by others than the examples */
};

/* The last check of a thread; a slot is a thread, and two that share one drive each other out,
 * which makes a check look as if it stood alone. */
struct evidence_thread {
    __u32 tid;
    __s32 syscall;
    __u8 capability;
    bool denied;
    enum use use;
    uint64_t count;    /* of checks that were added at once */
    uint64_t answered; /* set: denied before in such a call, which went on with another */
};

struct subject {
    struct evidence *evidence[CAPABILITY_MAX]; /* owned; NULL: never asked for */
    struct evidence_thread threads[EVIDENCE_THREADS];
    uint64_t checks;
    uint64_t bounding; /* all that was in the bounding set of a process */
    uint32_t root;     /* uid of the container's root, as the host numbers users */
    uint32_t level;    /* of the container's user namespace, below the initial one */
    bool root_unknown; /* of a user namespace of its own: who has any capability counts as root */
    bool has_root;     /* root asked for something */
    bool sets_own; /* a program called capset(2): what it asks for there it must be given, or the
                      call fails, and that is not seen */
};

/* So many checks that are alike: 1 as they are made, more where they were counted. 0 or -ENOMEM. */
int subject_add(struct subject *subject, const struct capability_event *event, uint64_t count);
void subject_clear(struct subject *subject);

/* How often a capability was used so; 0 if it was never asked for. */
uint64_t subject_uses(const struct subject *subject, unsigned int capability, enum use use);
