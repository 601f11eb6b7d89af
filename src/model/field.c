/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/model/field.h"

#include <strings.h>

const struct field *field_find(const struct field_table *table, const char *name, size_t length)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];

        if (strlen(field->name) == length && strncasecmp(field->name, name, length) == 0)
            return field;
    }
    return NULL;
}
