/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Entries of journald's native protocol. Pure. What is foreign stands in values only, and one with
 * a newline goes by its length: no value can begin another field. */
#pragma once

#include "src/base/text.h"
#include "src/model/value.h"

/* `name` is of the program's own tables: never foreign. */
void journal_add_bytes(struct text *entry, const char *name, const char *bytes, size_t length);
void journal_add_string(struct text *entry, const char *name, const char *string);
void journal_add_unsigned(struct text *entry, const char *name, uint64_t number);

/* Nothing for VALUE_NONE. A time is in microseconds since 1970, as journald's own are; labels are
 * one object of JSON, a stack one frame a line. */
void journal_add_value(struct text *entry, const char *name, const struct value *value);
