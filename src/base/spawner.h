/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process that starts helpers of one kind and ends them: the tracer has laid down what that takes
 * by the time that one has to be replaced. It has no more powers than a helper, and reads nothing
 * but what the tracer asks of it. It ends with the tracer, and its helpers with it.
 */
#pragma once

#include <sys/types.h>

#include "src/base/macros.h"

struct helper_kind {
    int (*lay_down)(void);     /* once, for all of them: 0 or a negative errno */
    void (*serve)(int socket); /* a helper: it does not return. All else is closed but 0, 1 and 2;
                                  signals are blocked. */
};

struct spawner {
    pid_t pid; /* 0: none */
    int fd;    /* owned: a socket to it */
};

#define SPAWNER_NONE ((struct spawner){ .fd = -1 })

/* When it returns 0 powers are laid down. 0 or a negative errno. */
int spawner_begin(const struct helper_kind *kind, struct spawner *ret_spawner);
/* A no-op where there is none. */
void spawner_end(struct spawner *spawner);

/* A new helper: its number, and a socket to it, for the caller to close. 0 or a negative errno. */
int spawner_start(const struct spawner *spawner, pid_t *ret_helper, int *ret_socket);
/* Ends it, and waits for that a moment: it may be stuck in the kernel. False: it has not ended.
 * Nothing happens where that is none of its helpers, and it has ended. */
bool spawner_kill(const struct spawner *spawner, pid_t helper);
/* Once it has, the number may become another's. */
bool spawner_has_ended(const struct spawner *spawner, pid_t helper);
