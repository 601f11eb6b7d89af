/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/advice/format_private.h"

/* Of a user who is not root the ambient set is what reaches the program; it needs the inheritable
 * one. */
void format_oci(struct text *out, const struct advice *advice, UNUSED bool explain)
{
    static const struct set_style style = { "\"CAP_", "\"", ",", false };
    static const char *const sets[] = { "bounding", "effective", "permitted", "inheritable",
                                        "ambient" };
    size_t count = advice->subject->has_root ? 3 : ARRAY_SIZE(sets);

    text_add_string(out, "{\"process\":{\"capabilities\":{");
    for (size_t i = 0; i < count; i++) {
        text_add_string(out, i ? ",\"" : "\"");
        text_add_string(out, sets[i]);
        text_add_string(out, "\":[");
        format_set(out, advice->need, &style);
        text_add_char(out, ']');
    }
    text_add_string(out, "}}}\n");
}
