/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/advice/format_private.h"

void format_podman(struct text *out, const struct advice *advice, UNUSED bool explain)
{
    format_flags(out, advice->need);
    text_add_char(out, '\n');
}
