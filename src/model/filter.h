/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which rows are wanted, in terms of their fields: --filter and all options that are short for it.
 *
 *     FIELD:VALUE    FIELD:!VALUE    FIELD:~REGEX    FIELD:!~REGEX
 *     FIELD:>N       FIELD:>=N       FIELD:<N        FIELD:<=N
 *
 * joined by commas, of which all have to hold; "\," is a comma in a value. FIELD==VALUE, != =~ !~ >
 * >= < <= are other spellings. An empty VALUE stands for none. Regular expressions are those of
 * regex(7), extended, and match anywhere. Pure.
 *
 * Sources: `--filter column:RULE` of ig 0.15, `--filter field==value` of later ones.
 */
#pragma once

#include <regex.h>

#include "src/model/field.h"

enum filter_operator {
    FILTER_IS = 0,
    FILTER_IS_NOT,
    FILTER_MATCHES,
    FILTER_MATCHES_NOT,
    FILTER_MORE,
    FILTER_AT_LEAST,
    FILTER_LESS,
    FILTER_AT_MOST,
    FILTER_OPERATORS,
};

struct filter_operand {
    char *text;      /* owned; as the field has it, "" for no value */
    uint64_t number; /* of a number, a truth, or the capability of a set */
};

struct filter_term {
    const struct field *field;
    enum filter_operator relation;
    struct filter_operand *operands; /* owned; any of them will do */
    size_t operand_count;
    regex_t regex; /* owned: of FILTER_MATCHES and FILTER_MATCHES_NOT */
};

/* All zero but for the table: everything is wanted. */
struct filter {
    const struct field_table *table;
    struct filter_term *terms; /* owned */
    size_t count;
};

void filter_clear(struct filter *filter);

/*
 * Adds what `expression` says. 0, or -EINVAL with a sentence that begins with `option`, has the
 * position, and says what would be right. -ENOMEM is the other failure.
 */
int filter_add(struct filter *filter, const char *option, const char *expression,
               struct error *error);

/*
 * Adds that the field has one of these values, and none of those with '!' in front; nothing where
 * there are no words. As above, with the word instead of the position.
 */
int filter_add_words(struct filter *filter, const char *option, const char *field,
                     const char *const *words, size_t count, struct error *error);

/* For `bases`: terms on such fields. */
#define FILTER_BASIS(basis)  (1U << (basis))
#define FILTER_ON_CONTAINERS FILTER_BASIS(FIELD_OF_CONTAINER)
#define FILTER_ON_STACKS     FILTER_BASIS(FIELD_OF_STACKS)
#define FILTER_ON_EVENTS     (~(FILTER_ON_CONTAINERS | FILTER_ON_STACKS))

/* Whether it has such terms. */
bool filter_has(const struct filter *filter, unsigned int bases);

/* Whether all terms on such fields hold for an object of the table; of others nothing is read. */
bool filter_holds(const struct filter *filter, const void *object, unsigned int bases);

/* How an operator is written behind a field's name: ":!~". */
const char *filter_operator_text(enum filter_operator relation);

/* Whether fields with values of this kind have that operator. */
bool filter_has_operator(enum value_kind kind, enum filter_operator relation);
