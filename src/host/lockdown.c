/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/host/lockdown.h"

#include "src/base/kernel_file.h"

static const char *const levels[] = {
    [LOCKDOWN_NONE] = "[none]",
    [LOCKDOWN_INTEGRITY] = "[integrity]",
    [LOCKDOWN_CONFIDENTIALITY] = "[confidentiality]",
};

enum lockdown lockdown_parse(const char *text)
{
    for (size_t i = LOCKDOWN_NONE; i < ARRAY_SIZE(levels); i++) {
        if (strstr(text, levels[i]))
            return (enum lockdown)i;
    }
    return LOCKDOWN_UNKNOWN;
}

const char *lockdown_blame(enum lockdown level)
{
    switch (level) {
    case LOCKDOWN_CONFIDENTIALITY:
        return "that is kernel lockdown (confidentiality)";
    case LOCKDOWN_UNKNOWN:
        return "that is kernel lockdown (confidentiality), or a security module";
    case LOCKDOWN_NONE:
    case LOCKDOWN_INTEGRITY:
        break;
    }
    return "that is not kernel lockdown, but a security module, or this kernel itself";
}

enum lockdown lockdown_level(void)
{
    char text[128];

    (void)kernel_file_read(LOCKDOWN_PATH, text, sizeof(text));
    return lockdown_parse(text);
}
