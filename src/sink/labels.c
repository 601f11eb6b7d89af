/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/sink/labels.h"

#include "src/base/escape.h"
#include "src/model/container.h"

void labels_add_json(struct text *text, const struct value *value)
{
    text_add_char(text, '{');
    for (size_t i = 0; i < value->label_count; i++) {
        const struct label *label = &value->labels[i];

        if (i)
            text_add_char(text, ',');
        escape_json_quoted(text, label->key, strlen(label->key));
        text_add_char(text, ':');
        escape_json_quoted(text, label->value, strlen(label->value));
    }
    text_add_char(text, '}');
}
