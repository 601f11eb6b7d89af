/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/advice/format_private.h"

#include "src/base/escape.h"

#define FORMAT_ROW(name, text, single) \
    { .word = #name, .help = text, .one = single, .write = format_##name },
#define FORMAT_WORD(name, text, single) #name,

static const struct advice_format formats[] = { ADVICE_FORMATS(FORMAT_ROW) };
const char *const advice_format_words[] = { ADVICE_FORMATS(FORMAT_WORD) NULL };

const struct advice_format *advice_format_find(const char *word)
{
    for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
        if (strcmp(formats[i].word, word) == 0)
            return &formats[i];
    }
    return NULL;
}

bool advice_format_is_pasted(const struct advice_format *format)
{
    return format->write != format_text && format->write != format_json;
}

size_t advice_format_write(const struct advice_format *format, struct text *out,
                           const struct advice *advices, size_t count, bool explain)
{
    bool pasted = advice_format_is_pasted(format);
    size_t written = 0;

    for (size_t i = 0; i < count; i++) {
        if (pasted && advices[i].confidence == CONFIDENCE_NONE)
            continue;
        if (pasted && count > 1) {
            text_add_string(out, "# ");
            format_foreign(out, advices[i].circumstances->name);
            text_add_char(out, '\n');
        }
        format->write(out, &advices[i], explain);
        written++;
    }
    return written;
}

void format_foreign(struct text *out, const char *foreign)
{
    (void)escape_terminal(out, foreign, strlen(foreign), 0, false);
}

void format_name(struct text *out, unsigned int capability, bool lower)
{
    const char *name = capability_name(capability);

    if (!name) {
        text_add_unsigned(out, capability);
        return;
    }
    for (; *name; name++)
        text_add_char(out,
                      lower && *name >= 'A' && *name <= 'Z' ? (char)(*name - 'A' + 'a') : *name);
}

void format_set(struct text *out, uint64_t set, const struct set_style *style)
{
    bool first = true;

    for (unsigned int i = 0; i < CAPABILITY_MAX; i++) {
        if (!(set >> i & 1))
            continue;
        if (!first)
            text_add_string(out, style->between);
        first = false;
        text_add_string(out, style->before);
        format_name(out, i, style->lower);
        text_add_string(out, style->after);
    }
}
