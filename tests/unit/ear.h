/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is written to standard output or error is kept, and can be read back while more comes.
 *
 *     struct ear ear;
 *
 *     ear_open(&ear, STDERR_FILENO);
 *     log_info("hello");
 *     ear_close(&ear);                                the descriptor is what it was
 *     assert_string_equal(ear_words(&ear), "...");    until the next call
 *     ear_clear(&ear);
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/base/macros.h"

struct ear {
    int fd;   /* that it listens to */
    int real; /* what that was before */
    int file; /* what it has heard */
};

static void ear_open(struct ear *ear, int fd)
{
    (void)fflush(NULL);
    *ear = (struct ear){ .fd = fd, .real = dup(fd), .file = memfd_create("ear", MFD_CLOEXEC) };
    assert_true(ear->real >= 0 && ear->file >= 0);
    assert_true(dup2(ear->file, fd) >= 0);
}

static void ear_close(struct ear *ear)
{
    (void)fflush(NULL);
    assert_true(dup2(ear->real, ear->fd) >= 0);
    close_fd(&ear->real);
}

/* All of it has to fit. */
static void ear_read(const struct ear *ear, char *text, size_t size)
{
    ssize_t length = pread(ear->file, text, size, 0);

    assert_in_range(length, 0, size - 1);
    text[length] = '\0';
}

UNUSED static const char *ear_words(const struct ear *ear)
{
    static char words[1 << 18];

    ear_read(ear, words, sizeof(words));
    return words;
}

static void ear_clear(struct ear *ear)
{
    close_fd(&ear->file);
}
