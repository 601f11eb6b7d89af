/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/model/field.h"

#include <errno.h>

#include "src/base/near_word.h"

static bool is_word(const char *word, const char *text, size_t length)
{
    return word && strlen(word) == length && strncasecmp(word, text, length) == 0;
}

const struct field *field_find(const struct field_table *table, const char *name, size_t length)
{
    for (size_t i = 0; i < table->count; i++) {
        if (is_word(table->fields[i].name, name, length))
            return &table->fields[i];
    }
    for (size_t i = 0; i < table->count; i++) {
        if (is_word(table->fields[i].json, name, length))
            return &table->fields[i];
    }
    return NULL;
}

int field_unknown(const struct field_table *table, const char *name, size_t length,
                  struct error *error)
{
    struct near_word near_word = { .word = name, .length = length };

    for (size_t i = 0; i < table->count; i++)
        near_word_offer(&near_word, table->fields[i].name);
    if (near_word.best)
        return error_set(error, -EINVAL, "unknown field '%.*s'; did you mean %s?",
                         (int)MIN(length, 100), name, near_word.best);
    return error_set(error, -EINVAL, "unknown field '%.*s'; --help lists all of them",
                     (int)MIN(length, 100), name);
}
