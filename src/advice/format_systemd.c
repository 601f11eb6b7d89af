/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/advice/format_private.h"

void format_systemd(struct text *out, const struct advice *advice, UNUSED bool explain)
{
    static const struct set_style style = { "CAP_", "", " ", false };
    bool is_user = !advice->subject->has_root && advice->need;

    text_add_string(out, "[Service]\nCapabilityBoundingSet=");
    format_set(out, advice->need, &style);
    if (is_user) {
        text_add_string(out, "\nAmbientCapabilities=");
        format_set(out, advice->need, &style);
    }
    text_add_char(out, '\n');
}
