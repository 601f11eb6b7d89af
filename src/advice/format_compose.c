/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/advice/format_private.h"

void format_compose(struct text *out, const struct advice *advice, UNUSED bool explain)
{
    static const struct set_style style = { "  - ", "\n", "", false };

    text_add_string(out, "cap_drop:\n  - ALL\n");
    if (!advice->need)
        return;
    text_add_string(out, "cap_add:\n");
    format_set(out, advice->need, &style);
}
