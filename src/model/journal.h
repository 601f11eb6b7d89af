/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What becomes an entry of the journal: the kinds of entries, and the fields that each entry has
 * besides those of its table. Names of fields are those that journald, Docker and systemd's own
 * services use, where they have one. Never CONTAINER_ID_FULL and CONTAINER_TAG: by these `docker
 * logs` and `podman logs` find what a container itself has written.
 */
#pragma once

#include "src/base/text.h"

enum journal_kind {
    JOURNAL_DENIED = 0,
    JOURNAL_ALLOWED,
    JOURNAL_LOST,
    JOURNAL_ENGINE_AWAY,
    JOURNAL_ENGINE_BACK,
    JOURNAL_SUMMARY,
    JOURNAL_KINDS,
};

struct journal_kind_row {
    const char *name;       /* for the catalog's template: "denied" */
    const char *message_id; /* 32 hexadecimal digits, never changed */
    const char *help;       /* one line, no full stop */
    unsigned int priority;  /* of syslog(3) */
};

extern const struct journal_kind_row journal_kinds[JOURNAL_KINDS];

#define JOURNAL_IDENTIFIER    "local-gadget"
#define JOURNAL_DOCUMENTATION "man:local-gadget-journal-fields(7)"

/* The field that says when it happened; SYSLOG_TIMESTAMP is made of it. */
#define JOURNAL_TIME "EVENT_TIME_USEC"

/* A field that every entry has, or that entries of several tables have. */
struct journal_own_field {
    const char *name;
    const char *help; /* one line, no full stop */
};

extern const struct journal_own_field journal_own_fields[];
extern const size_t journal_own_field_count;

/* Whether a field of a table is one of them, so that it is not written twice; or begins with an
 * underscore, so that journald adds it itself. */
bool journal_has_field(const char *name);

/* Names that no entry may have: see above. Ends with NULL. */
extern const char *const journal_forbidden_fields[];
