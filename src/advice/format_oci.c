/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/advice/format_private.h"

/* Of a user who is not root the ambient set is what reaches the program; it needs the inheritable
 * one. Each of the five is written, so that none of what was in the file before is left: more than
 * is in the bounding set is refused. */
void format_oci(struct text *out, const struct advice *advice, UNUSED bool explain)
{
    static const struct set_style style = { "\"CAP_", "\"", ",", false };
    static const char *const sets[] = { "bounding", "effective", "permitted", "inheritable",
                                        "ambient" };
    size_t filled = advice->subject->has_root ? 3 : ARRAY_SIZE(sets);

    text_add_string(out, "{\"process\":{\"capabilities\":{");
    for (size_t i = 0; i < ARRAY_SIZE(sets); i++) {
        text_add_string(out, i ? ",\"" : "\"");
        text_add_string(out, sets[i]);
        text_add_string(out, "\":[");
        format_set(out, i < filled ? advice->need : 0, &style);
        text_add_char(out, ']');
    }
    text_add_string(out, "}}}\n");
}
