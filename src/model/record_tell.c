/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A record as a sentence: "web: nice (pid 812) was denied SYS_NICE in setpriority". */
#include "src/base/escape.h"
#include "src/model/record.h"
#include "src/model/record_values.h"

/* Foreign: without controls, so that it is one line. */
static void add_value(struct text *text, struct value value)
{
    if (value.kind == VALUE_TEXT)
        (void)escape_terminal(text, value.text, value.length, 0, false);
    else if (value.kind == VALUE_UNSIGNED)
        text_add_unsigned(text, value.number);
}

enum journal_kind record_tell(const void *object, struct text *message)
{
    const struct record *record = object;
    struct value container = record_get_container(record), syscall = record_get_syscall(record);
    bool denied = record->event->denied;

    if (container.kind == VALUE_TEXT) {
        add_value(message, container);
        text_add_string(message, ": ");
    }
    add_value(message, record_get_comm(record));
    text_add_string(message, " (pid ");
    add_value(message, record_get_pid(record));
    text_add_string(message, denied ? ") was denied " : ") was allowed ");
    add_value(message, record_get_capability_name(record));
    if (syscall.kind == VALUE_TEXT) {
        text_add_string(message, " in ");
        add_value(message, syscall);
    }
    return denied ? JOURNAL_DENIED : JOURNAL_ALLOWED;
}
