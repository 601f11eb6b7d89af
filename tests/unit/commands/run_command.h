/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The whole program in this process, on a host that is a fake: what it prints is kept, and read
 * back while it still runs. One test program includes it once.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "src/cli/command.h"
#include "src/host/sandbox.h"
#include "tests/unit/ear.h"
#include "tests/unit/fake_engines.h"
#include "tests/unit/fake_host.h"
#include "tests/unit/fake_source.h"

#define WORDS_MAX 32

static struct ear ran_output = { .file = -1 }, ran_messages = { .file = -1 };

/* This process is not done when the program is: what it would lay down is noted. */
static struct {
    size_t count;
    struct sandbox_options options;
} laid_down;

int sandbox_enter(const struct sandbox_options *options, UNUSED struct error *error)
{
    laid_down.count++;
    laid_down.options = *options;
    return 0;
}

/* "list-containers -o json": the words are separated by single blanks. The exit status. */
UNUSED static int run_command(const char *line)
{
    char words[512], *argv[WORDS_MAX] = { (char[]){ "local-gadget" } };
    int argc = 1, status;

    (void)snprintf(words, sizeof(words), "%s", line);
    for (char *word = words; word && argc < WORDS_MAX - 1; argc++) {
        argv[argc] = word;
        word = strchr(word, ' ');
        if (word)
            *word++ = '\0';
    }
    ear_clear(&ran_output);
    ear_clear(&ran_messages);
    ear_open(&ran_output, STDOUT_FILENO);
    ear_open(&ran_messages, STDERR_FILENO);
    status = command_main(argc, argv);
    ear_close(&ran_output);
    ear_close(&ran_messages);
    return status;
}

/* What was printed so far, until the next call. */
UNUSED static const char *printed(void)
{
    return ear_words(&ran_output);
}

UNUSED static const char *said(void)
{
    return ear_words(&ran_messages);
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
    memset(&laid_down, 0, sizeof(laid_down));
    fake_tree_init(&host_tree);
    return 0;
}

#define TEST(function) cmocka_unit_test_setup(function, set_up_host)
