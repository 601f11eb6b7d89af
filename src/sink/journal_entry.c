/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/sink/journal_entry.h"

#include <endian.h>

#include "src/model/capability.h"
#include "src/sink/labels.h"

#define NSEC_PER_USEC 1000

void journal_add_bytes(struct text *entry, const char *name, const char *bytes, size_t length)
{
    uint64_t size = htole64(length);

    text_add_string(entry, name);
    if (memchr(bytes, '\n', length)) {
        text_add_char(entry, '\n');
        text_add(entry, (const char *)&size, sizeof(size));
    } else {
        text_add_char(entry, '=');
    }
    text_add(entry, bytes, length);
    text_add_char(entry, '\n');
}

void journal_add_string(struct text *entry, const char *name, const char *string)
{
    journal_add_bytes(entry, name, string, strlen(string));
}

/* A value that has to be made first, from `make`. */
static void add_made(struct text *entry, const char *name, const struct value *value,
                     void (*make)(struct text *text, const struct value *value))
{
    struct text made = { 0 };

    make(&made, value);
    if (made.failed)
        entry->failed = true;
    else
        journal_add_bytes(entry, name, made.data ? made.data : "", made.length);
    text_clear(&made);
}

static void make_stack(struct text *text, const struct value *value)
{
    for (size_t i = 0; i < value->frame_count; i++) {
        text_add_string(text, i ? "\n" : "");
        text_add_string(text, value->frames[i]);
    }
}

static void make_hex(struct text *text, const struct value *value)
{
    text_add_hex(text, value->number);
}

static void make_unsigned(struct text *text, const struct value *value)
{
    text_add_unsigned(text, value->number);
}

void journal_add_unsigned(struct text *entry, const char *name, uint64_t number)
{
    const struct value value = value_unsigned(number);

    journal_add_value(entry, name, &value);
}

void journal_add_value(struct text *entry, const char *name, const struct value *value)
{
    const char *names;
    size_t length;

    switch (value->kind) {
    case VALUE_NONE:
        break;
    case VALUE_UNSIGNED:
        add_made(entry, name, value, make_unsigned);
        break;
    case VALUE_TIME:
        journal_add_unsigned(entry, name, value->number / NSEC_PER_USEC);
        break;
    case VALUE_HEX:
        add_made(entry, name, value, make_hex);
        break;
    case VALUE_BOOL:
        journal_add_string(entry, name, value->truth ? "true" : "false");
        break;
    case VALUE_TEXT:
        journal_add_bytes(entry, name, value->text, value->length);
        break;
    case VALUE_SET:
        names = capability_set_names(value->number, &length);
        journal_add_bytes(entry, name, names, length);
        break;
    case VALUE_LABELS:
        add_made(entry, name, value, labels_add_json);
        break;
    case VALUE_STACK:
        add_made(entry, name, value, make_stack);
        break;
    }
}
