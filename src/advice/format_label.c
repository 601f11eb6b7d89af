/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/advice/format_private.h"

/* podman takes the capabilities of the label for the complete set, where they are among those that
 * it gives by default; an empty one says nothing. */
void format_label(struct text *out, const struct advice *advice, UNUSED bool explain)
{
    static const struct set_style style = { "", "", ",", false };

    if (!advice->need) {
        text_add_string(out, "# no label can say that nothing is needed: --cap-drop ALL does\n");
        return;
    }
    text_add_string(out, "io.containers.capabilities=");
    format_set(out, advice->need, &style);
    text_add_char(out, '\n');
}
