/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `doctor` has found: rows for a person or for a script. Text may be foreign, and long. */
#pragma once

#include "src/model/field.h"

enum finding_mark {
    FINDING_FACT = 0, /* neither good nor bad */
    FINDING_GOOD,
    FINDING_BAD,
};

struct finding {
    const char *section; /* static: "Kernel" */
    const char *name;    /* static: "BTF" */
    enum finding_mark mark;
    char *detail;       /* owned: what there is, or why it is not */
    const char *advice; /* static: what to do about it; NULL: nothing */
};

struct findings {
    struct finding *items; /* owned */
    size_t count, size;
    bool failed; /* out of memory: what was added since is missing */
};

void findings_add(struct findings *findings, const char *section, const char *name,
                  enum finding_mark mark, const char *advice, const char *format, ...)
    PRINTF_LIKE(6, 7);
void findings_clear(struct findings *findings);

extern const struct field_table finding_fields; /* object: const struct finding */
