/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * THE TABLE of fields. Columns, JSON, the journal, --fields, --filter, --help, completions and the
 * man pages all read it.
 * There is one table for each kind of row, declared beside what it is a row of; the code below
 * takes any of them. A row leaves out what is usual: FIELD_SHOWN, FIELD_JSON_ALWAYS, cut at the
 * end.
 *
 * A getter borrows the object and returns borrowed values; it allocates nothing.
 */
#pragma once

#include "src/base/error.h"
#include "src/model/journal.h"
#include "src/model/value.h"

enum field_json {
    FIELD_JSON_ALWAYS = 0, /* always there, null when unknown */
    FIELD_JSON_IF_SEEN,    /* left out when there is no value: large, and rarely asked for */
    FIELD_JSON_NAMED,      /* only when named with --fields */
};

enum field_visibility {
    FIELD_SHOWN = 0, /* a default column */
    FIELD_IF_SEEN,   /* a default column from the first row on that has a value for it */
    FIELD_HIDDEN,    /* only when named with --fields */
};

/* Which rows are one entry of the journal, with a count. */
enum field_key {
    FIELD_NO_KEY = 0, /* may differ: the entry has that of the first row */
    FIELD_KEY,        /* those that agree in it */
    FIELD_FINE_KEY,   /* likewise, unless there are too many of them within a second */
};

/* What a value depends on: some of a filter is decided once for a container, or in the kernel. */
enum field_basis {
    FIELD_OF_EVENT = 0,  /* on anything else */
    FIELD_OF_CONTAINER,  /* on nothing but which container it is */
    FIELD_OF_CAPABILITY, /* likewise, and so on */
    FIELD_OF_VERDICT,
    FIELD_OF_AUDIT,
    FIELD_OF_PID,
    FIELD_OF_UID,
    FIELD_OF_STACKS,
};

/* Of a field whose text is one of a few words. */
struct field_words {
    const char *what;  /* is a word: "capability" */
    const char *usual; /* which there are, after ": " in a message */
    /* By number; NULL behind the last one. Static. */
    const char *(*word)(size_t index);
    /* The word as the field has it, of any spelling; NULL: there is no such word. Static, until
     * the next call. */
    const char *(*spell)(const char *text, size_t length);
};

struct field {
    const char *name;       /* as written in --fields: lower case, ASCII */
    const char *header;     /* of the column */
    const char *json;       /* key in JSON */
    const char *journal;    /* field of the journal; see journal_has_field() */
    const char *help;       /* one line, no full stop */
    unsigned int min_width; /* columns of the terminal; a column grows up to max_width */
    unsigned int max_width;
    bool cut_in_middle; /* where an ellipsis goes when text does not fit: middle, else end */
    bool whole;         /* text that no narrow terminal cuts, as it cuts no number */
    unsigned int spare; /* the largest goes first where a terminal is narrow; 0: it stays */
    enum field_visibility visibility;
    enum field_json in_json;
    enum field_key key;
    enum field_basis basis;
    const struct field_words *words; /* NULL: any text */
    enum value_kind kind;            /* of its values; VALUE_NONE may come instead */
    struct value (*get)(const void *object);
};

struct field_table {
    const struct field *fields;
    size_t count;
    /* Adds to `message` what a row says in one sentence, and says of which kind it is in the
     * journal. NULL: these rows are not for the journal. */
    enum journal_kind (*tell)(const void *object, struct text *message);
    /* A number for all that its fields say that are FIELD_OF_CONTAINER: rows with the same one say
     * the same. 0: there is none. NULL: never. */
    uint64_t (*edition)(const void *object);
};

/* By name, or by the key in JSON, in any letter case; NULL when there is none. */
const struct field *field_find(const struct field_table *table, const char *name, size_t length);

/* -EINVAL, with a sentence about a name that is none of these. */
int field_unknown(const struct field_table *table, const char *name, size_t length,
                  struct error *error);
