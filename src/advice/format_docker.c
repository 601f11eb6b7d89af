/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/advice/format_private.h"

void format_flags(struct text *out, uint64_t need)
{
    static const struct set_style style = { " --cap-add ", "", "", false };

    text_add_string(out, "--cap-drop ALL");
    format_set(out, need, &style);
}

void format_docker(struct text *out, const struct advice *advice, UNUSED bool explain)
{
    format_flags(out, advice->need);
    text_add_char(out, '\n');
}
