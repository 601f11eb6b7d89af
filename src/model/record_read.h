/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A row back to what it was made of, from any format: the table of fields says what is called how,
 * and one reader what each value means. Pure; what comes is hostile.
 */
#pragma once

#include "src/model/record.h"

struct record_source {
    /* The value of a field, as the format has it: text, or a number, truth or set where the format
     * knows such; VALUE_NONE for null. false: the row has no such field. */
    bool (*get)(void *userdata, const struct field *field, struct value *ret_value);
    void *userdata;
};

struct record_copy {
    struct capability_event event; /* as far as judgement looks at it */
    struct container *container;   /* owned reference; NULL: a process of the host */
    bool knows_bounding;           /* the row has the bounding set */
};

/* The static word for an engine's name; "unknown" for what is none. */
const char *record_runtime(const char *text, size_t length);

void record_copy_clear(struct record_copy *copy);

/*
 * -ENOENT: there is no such field as *ret_field; -EINVAL: its value is none that it can have;
 * -ENOMEM. *ret_field is written only then.
 */
int record_read(const struct record_source *source, struct record_copy *ret_copy,
                const struct field **ret_field);
