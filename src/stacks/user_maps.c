/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/stacks/user_maps.h"

/* A number, and the character that must follow it. */
static bool take_number(const char **cursor, const char *end, unsigned int base, char after,
                        uint64_t *ret_number)
{
    const char *at = *cursor;
    uint64_t number = 0;

    for (; at < end && *at != after; at++) {
        unsigned int digit;

        if (*at >= '0' && *at <= '9')
            digit = (unsigned int)(*at - '0');
        else if (*at >= 'a' && *at <= 'f')
            digit = (unsigned int)(*at - 'a') + 10;
        else
            return false;
        if (digit >= base || number > (UINT64_MAX - digit) / base)
            return false;
        number = number * base + digit;
    }
    if (at == *cursor || at == end)
        return false;
    *ret_number = number;
    *cursor = at + 1;
    return true;
}

/* "7f0000001000-7f0000002000 r-xp 00001000 08:01 1234   /usr/lib/libc.so.6" */
bool user_map_parse(const char *line, size_t length, struct user_map *ret_map)
{
    const char *cursor = line, *end = line + length;
    uint64_t major, minor;

    if (!take_number(&cursor, end, 16, '-', &ret_map->start) ||
        !take_number(&cursor, end, 16, ' ', &ret_map->end) || end - cursor < 5 || cursor[4] != ' ')
        return false;
    ret_map->executable = cursor[2] == 'x';
    cursor += 5;
    if (!take_number(&cursor, end, 16, ' ', &ret_map->offset) ||
        !take_number(&cursor, end, 16, ':', &major) ||
        !take_number(&cursor, end, 16, ' ', &minor) || major > UINT32_MAX || minor > UINT32_MAX)
        return false;
    /* Without a path some kernels write no blank behind the number. */
    if (!take_number(&cursor, end, 10, ' ', &ret_map->inode)) {
        ret_map->inode = 0;
        cursor = end;
    }
    ret_map->device = major << 32 | minor;
    while (cursor < end && *cursor == ' ')
        cursor++;
    ret_map->path = cursor;
    ret_map->path_length = (size_t)(end - cursor);
    return ret_map->start < ret_map->end;
}
