/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The whole program in this process, on a host that is a fake: what it prints is kept, and read
 * back while it still runs. One test program includes it once.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "src/cli/command.h"
#include "tests/unit/fake_engines.h"
#include "tests/unit/fake_host.h"
#include "tests/unit/fake_source.h"

#define WORDS_MAX 32

static struct {
    int output, messages; /* memory files */
    char text[1 << 18];
} ran = { .output = -1, .messages = -1 };

/* Takes standard output and error away; gives them back. */
static int redirect(int fd, int *ret_file)
{
    int saved = dup(fd);

    close_fd(ret_file);
    *ret_file = memfd_create("output", MFD_CLOEXEC);
    assert_true(saved >= 0 && *ret_file >= 0);
    assert_true(dup2(*ret_file, fd) >= 0);
    return saved;
}

static void restore(int fd, int saved)
{
    assert_true(dup2(saved, fd) >= 0);
    (void)close(saved);
}

/* "list-containers -o json": the words are separated by single blanks. The exit status. */
UNUSED static int run_command(const char *line)
{
    char words[512], *argv[WORDS_MAX] = { (char[]){ "local-gadget" } };
    int argc = 1, output, messages, status;

    (void)snprintf(words, sizeof(words), "%s", line);
    for (char *word = words; word && argc < WORDS_MAX - 1; argc++) {
        argv[argc] = word;
        word = strchr(word, ' ');
        if (word)
            *word++ = '\0';
    }
    (void)fflush(NULL);
    output = redirect(STDOUT_FILENO, &ran.output);
    messages = redirect(STDERR_FILENO, &ran.messages);
    status = command_main(argc, argv);
    (void)fflush(NULL);
    restore(STDOUT_FILENO, output);
    restore(STDERR_FILENO, messages);
    return status;
}

static const char *contents(int fd)
{
    ssize_t length = pread(fd, ran.text, sizeof(ran.text) - 1, 0);

    assert_in_range(length, 0, sizeof(ran.text) - 2);
    ran.text[length] = '\0';
    return ran.text;
}

/* What was printed so far, until the next call. */
UNUSED static const char *printed(void)
{
    return contents(ran.output);
}

UNUSED static const char *said(void)
{
    return contents(ran.messages);
}

UNUSED static size_t count_of(const char *text, const char *what)
{
    size_t count = 0;

    for (; (text = strstr(text, what)); text++)
        count++;
    return count;
}

static int set_up_host(UNUSED void **state)
{
    fake_engines_reset();
    fake_source_reset();
    fake_tree_init(&host_tree);
    return 0;
}

#define TEST(function) cmocka_unit_test_setup(function, set_up_host)
