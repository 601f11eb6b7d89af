/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fields of a finding, for doctor. */
#include "src/doctor/finding.h"
#include "src/model/field.h"

static struct value get_section(const void *object)
{
    return value_text(((const struct finding *)object)->section);
}

static struct value get_name(const void *object)
{
    return value_text(((const struct finding *)object)->name);
}

static struct value get_ok(const void *object)
{
    const struct finding *finding = object;

    return finding->mark == FINDING_FACT ? value_none() : value_bool(finding->mark == FINDING_GOOD);
}

static struct value get_detail(const void *object)
{
    return value_text(((const struct finding *)object)->detail);
}

static struct value get_advice(const void *object)
{
    return value_text(((const struct finding *)object)->advice);
}

static const struct field fields[] = {
    { "section", "SECTION", "section", "what it is about", 10, 20, false, FIELD_SHOWN,
      FIELD_JSON_ALWAYS, VALUE_TEXT, get_section },
    { "name", "NAME", "name", "what was looked at", 10, 30, false, FIELD_SHOWN, FIELD_JSON_ALWAYS,
      VALUE_TEXT, get_name },
    { "ok", "OK", "ok", "whether it is as it should be; null where that is not the question", 5, 5,
      false, FIELD_SHOWN, FIELD_JSON_ALWAYS, VALUE_BOOL, get_ok },
    { "detail", "DETAIL", "detail", "what was found, or the reason why not", 20, 80, false,
      FIELD_SHOWN, FIELD_JSON_ALWAYS, VALUE_TEXT, get_detail },
    { "advice", "ADVICE", "advice", "what to do about it", 20, 80, false, FIELD_SHOWN,
      FIELD_JSON_ALWAYS, VALUE_TEXT, get_advice },
};

const struct field_table finding_fields = { fields, ARRAY_SIZE(fields) };
