/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/model/capability.h"

#include <errno.h>

static const char *const names[] = {
    "CHOWN",
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "FOWNER",
    "FSETID",
    "KILL",
    "SETGID",
    "SETUID",
    "SETPCAP",
    "LINUX_IMMUTABLE",
    "NET_BIND_SERVICE",
    "NET_BROADCAST",
    "NET_ADMIN",
    "NET_RAW",
    "IPC_LOCK",
    "IPC_OWNER",
    "SYS_MODULE",
    "SYS_RAWIO",
    "SYS_CHROOT",
    "SYS_PTRACE",
    "SYS_PACCT",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_NICE",
    "SYS_RESOURCE",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "MKNOD",
    "LEASE",
    "AUDIT_WRITE",
    "AUDIT_CONTROL",
    "SETFCAP",
    "MAC_OVERRIDE",
    "MAC_ADMIN",
    "SYSLOG",
    "WAKE_ALARM",
    "BLOCK_SUSPEND",
    "AUDIT_READ",
    "PERFMON",
    "BPF",
    "CHECKPOINT_RESTORE",
};
_Static_assert(ARRAY_SIZE(names) == CAPABILITY_COUNT, "capability.h: CAPABILITY_COUNT");

const char *capability_name(unsigned int number)
{
    return number < ARRAY_SIZE(names) ? names[number] : NULL;
}

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static bool equals(const char *text, size_t length, const char *word)
{
    if (strlen(word) != length)
        return false;
    for (size_t i = 0; i < length; i++) {
        if (upper(text[i]) != word[i])
            return false;
    }
    return true;
}

static int parse_number(const char *text, size_t length, unsigned int *ret_number)
{
    unsigned int number = 0;

    if (!length || length > 2)
        return -EINVAL;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -EINVAL;
        number = number * 10 + (unsigned int)(text[i] - '0');
    }
    if (number >= CAPABILITY_MAX)
        return -EINVAL;
    *ret_number = number;
    return 0;
}

int capability_parse(const char *text, size_t length, unsigned int *ret_number)
{
    if (length > 4 && equals(text, 4, "CAP_")) {
        text += 4;
        length -= 4;
    }
    for (unsigned int i = 0; i < ARRAY_SIZE(names); i++) {
        if (equals(text, length, names[i])) {
            *ret_number = i;
            return 0;
        }
    }
    return parse_number(text, length, ret_number);
}

const char *capability_set_names(uint64_t set, size_t *ret_length)
{
    /* 41 names of at most 18 letters, 23 numbers, commas. */
    static char text[1024];
    static uint64_t last_set;
    static size_t last_length;

    if (set != last_set) {
        size_t length = 0;

        for (unsigned int i = 0; i < CAPABILITY_MAX; i++) {
            int added;

            if (!(set >> i & 1))
                continue;
            added = capability_name(i) ? snprintf(text + length, sizeof(text) - length, "%s%s",
                                                  length ? "," : "", capability_name(i))
                                       : snprintf(text + length, sizeof(text) - length, "%s%u",
                                                  length ? "," : "", i);
            length += (size_t)MAX(added, 0);
        }
        last_set = set;
        last_length = length;
    }
    *ret_length = last_length;
    return text;
}
