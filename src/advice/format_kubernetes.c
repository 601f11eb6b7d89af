/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/advice/format_private.h"

void format_kubernetes(struct text *out, const struct advice *advice, UNUSED bool explain)
{
    static const struct set_style style = { "\"", "\"", ", ", false };

    text_add_string(out, "securityContext:\n  capabilities:\n    drop: [\"ALL\"]\n");
    if (!advice->need)
        return;
    text_add_string(out, "    add: [");
    format_set(out, advice->need, &style);
    text_add_string(out, "]\n");
}
