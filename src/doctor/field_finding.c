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
    { .name = "section",
      .header = "SECTION",
      .json = "section",
      .help = "what it is about",
      .min_width = 10,
      .max_width = 20,
      .kind = VALUE_TEXT,
      .get = get_section },
    { .name = "name",
      .header = "NAME",
      .json = "name",
      .help = "what was looked at",
      .min_width = 10,
      .max_width = 30,
      .kind = VALUE_TEXT,
      .get = get_name },
    { .name = "ok",
      .header = "OK",
      .json = "ok",
      .help = "whether it is as it should be; null where that is not the question",
      .min_width = 5,
      .max_width = 5,
      .kind = VALUE_BOOL,
      .get = get_ok },
    { .name = "detail",
      .header = "DETAIL",
      .json = "detail",
      .help = "what was found, or the reason why not",
      .min_width = 20,
      .max_width = 80,
      .kind = VALUE_TEXT,
      .get = get_detail },
    { .name = "advice",
      .header = "ADVICE",
      .json = "advice",
      .help = "what to do about it",
      .min_width = 20,
      .max_width = 80,
      .kind = VALUE_TEXT,
      .get = get_advice },
};

const struct field_table finding_fields = { fields, ARRAY_SIZE(fields), NULL, NULL };
