/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Entries of the journal that wait a second for their repeats, so that a storm is one entry with a
 * count. No clock and no I/O of its own.
 *
 * A key is of two parts. What agrees in both is one entry. Where a container makes up more than
 * REPEATS_FINE_MAX second parts for one first part within a second, as by renaming its threads, the
 * rest of them is one entry, too: it cannot flood the journal.
 */
#pragma once

#include <sys/queue.h>

#include "src/base/hash.h"
#include "src/base/text.h"

#define REPEATS_FINE_MAX 16

/* Entries that may wait, and bytes of them; then the oldest goes out early. */
#define REPEATS_MAX      4096
#define REPEATS_SIZE_MAX ((size_t)16 << 20)

struct repeat_key {
    const char *bytes;
    size_t length;
    size_t first_length; /* of the part that is looked at alone */
};

struct repeat_group {
    unsigned int fine;     /* entries by their whole key */
    struct repeat *others; /* the one for the rest; NULL: none */
    size_t key_length;
    char key[];
};

struct repeat {
    TAILQ_ENTRY(repeat) next;
    struct repeat_group *group;
    uint64_t checks;      /* that it stands for */
    uint64_t deadline_ns; /* when it is to go out, by the caller's clock */
    bool others;          /* of several second parts */
    struct text entry;    /* owned: the fields of the first check */
    struct text message;  /* owned: and its sentence */
    size_t key_length;
    char key[];
};

struct repeats {
    TAILQ_HEAD(, repeat) waiting; /* the oldest first */
    struct string_table entries;  /* whole key to struct repeat */
    struct string_table groups;   /* first part to struct repeat_group */
    size_t count, size;
};

void repeats_init(struct repeats *repeats);
void repeats_clear(struct repeats *repeats);

/* The entry that a check with this key is one more of; NULL: it is the first. */
struct repeat *repeats_find(const struct repeats *repeats, const struct repeat_key *key);

/* One more entry, for one check. Takes over what the texts own and leaves them empty. -ENOMEM
 * leaves all as it was. Call only after repeats_find found nothing. */
int repeats_add(struct repeats *repeats, const struct repeat_key *key, uint64_t deadline_ns,
                struct text *entry, struct text *message);

/* No room for one more: the oldest is to go. */
bool repeats_are_full(const struct repeats *repeats);

/* The oldest, NULL if there is none. */
struct repeat *repeats_first(const struct repeats *repeats);
void repeats_drop(struct repeats *repeats, struct repeat *repeat);
