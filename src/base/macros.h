/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small words used everywhere: ownership, arrays, and the calls that this house does not make. */
#pragma once

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ARRAY_SIZE(array)        (sizeof(array) / sizeof((array)[0]))
#define MIN(a, b)                ((a) < (b) ? (a) : (b))
#define MAX(a, b)                ((a) > (b) ? (a) : (b))

#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))
#define UNUSED                   __attribute__((unused))

/* Hands ownership on: yields the value and leaves "nothing" behind. */
#define TAKE_PTR(pointer)                       \
    ({                                          \
        __typeof__(pointer) taken_ = (pointer); \
        (pointer) = NULL;                       \
        taken_;                                 \
    })
#define TAKE_FD(fd)        \
    ({                     \
        int taken_ = (fd); \
        (fd) = -1;         \
        taken_;            \
    })

/* Owning locals: `_cleanup_(free_string) char *name = NULL;` */
#define _cleanup_(function) __attribute__((cleanup(function)))

static inline void free_string(char **string)
{
    free(*string);
    *string = NULL;
}

static inline void close_fd(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

static inline void close_file(FILE **file)
{
    if (*file)
        (void)fclose(*file);
    *file = NULL;
}

static inline void close_directory(DIR **directory)
{
    if (*directory)
        (void)closedir(*directory);
    *directory = NULL;
}

/* Unbounded writes and parsers that cannot tell an error: use text.h and option_value.h. */
#pragma GCC poison sprintf vsprintf strcpy strcat strtok atoi atol gets
