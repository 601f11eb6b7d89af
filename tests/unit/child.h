/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Processes of a test's own, which end with it.
 *
 *     pid_t pid = child_start(NULL, NULL);
 *     ... look at it ...
 *     child_end(pid);
 */
#pragma once

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/base/macros.h"

/* A process that does this first (NULL: nothing), which has to succeed, and then waits until it is
 * killed. It waits already when this returns. */
UNUSED static pid_t child_start(bool (*begin)(const void *how), const void *how)
{
    int ready[2];
    char byte;
    pid_t pid;

    assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
        if ((begin && !begin(how)) || write(ready[1], "", 1) != 1)
            _exit(1);
        for (;;)
            (void)pause();
    }
    (void)close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    (void)close(ready[0]);
    return pid;
}

UNUSED static void child_end(pid_t pid)
{
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* The number of one that has ended. */
UNUSED static pid_t child_gone(void)
{
    pid_t pid = child_start(NULL, NULL);

    child_end(pid);
    return pid;
}
