/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/doctor/finding.h"

#include <stdarg.h>

static struct finding *grow(struct findings *findings)
{
    size_t size = findings->size ? findings->size * 2 : 32;
    struct finding *items = findings->items;

    if (findings->count == findings->size) {
        items = reallocarray(items, size, sizeof(*items));
        if (!items)
            return NULL;
        findings->items = items;
        findings->size = size;
    }
    return items + findings->count;
}

void findings_add(struct findings *findings, const char *section, const char *name,
                  enum finding_mark mark, const char *advice, const char *format, ...)
{
    struct finding *finding = grow(findings);
    char *detail = NULL;
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vasprintf(&detail, format, arguments);
    va_end(arguments);
    if (!finding || length < 0) {
        if (length >= 0)
            free(detail);
        findings->failed = true;
        return;
    }
    *finding = (struct finding){
        .section = section, .name = name, .mark = mark, .detail = detail, .advice = advice
    };
    findings->count++;
}

void findings_clear(struct findings *findings)
{
    for (size_t i = 0; i < findings->count; i++)
        free(findings->items[i].detail);
    free(findings->items);
    *findings = (struct findings){ 0 };
}
