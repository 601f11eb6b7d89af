/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What went wrong, in one sentence, and the exit status that follows.
 *
 * Functions return a negative errno and, where the caller could not know what to say, fill a
 * `struct error` that the caller owns (on the stack: nothing to free). It is written only on
 * failure and printed once, by main.c.
 */
#pragma once

#include "src/base/macros.h"

#define ERROR_MESSAGE_SIZE 512

struct error {
    int code; /* negative errno, 0 while nothing has failed */
    char message[ERROR_MESSAGE_SIZE];
};

/* Exit status of the program; the man pages list the same. */
enum exit_status {
    EXIT_STATUS_DONE = 0,
    EXIT_STATUS_FAILURE = 1,
    EXIT_STATUS_USAGE = 2,
    EXIT_STATUS_DENIED = 3, /* all went well, and what --fail-on names was seen */
    /* Where the status is that of a command that we run; as coreutils have it, in env(1), nice(1)
     * and timeout(1). */
    EXIT_STATUS_OURS = 125, /* we have failed, whatever became of the command */
    EXIT_STATUS_NOT_EXECUTABLE = 126,
    EXIT_STATUS_NOT_FOUND = 127,
};

/*
 * Fills `error` and returns `code` (a negative errno), so that a failure is one statement:
 *     return error_set(error, -ENOENT, "no socket at %s", path);
 * Control characters of the result are replaced by '?': messages carry foreign text. A NULL
 * `error` is fine.
 */
int error_set(struct error *error, int code, const char *format, ...) PRINTF_LIKE(3, 4);

/* Puts "context: " in front of the message; returns the code that was there. */
int error_prefix(struct error *error, const char *format, ...) PRINTF_LIKE(2, 3);

/* An errno of the kernel's own, of include/linux/errno.h: it should not come out, but does. */
#define KERNEL_ENOTSUPP 524

/* strerror() of a negative errno, which also knows KERNEL_ENOTSUPP. The text is not to be kept. */
const char *error_text(int code);
