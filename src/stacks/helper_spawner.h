/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process that starts the helpers of user_symbols.h and ends them: the tracer has laid down what
 * that takes by the time that one has to be replaced. It has no more powers than a helper, and
 * reads nothing but what the tracer asks of it. It ends with the tracer, and its helpers with it.
 */
#pragma once

#include <sys/types.h>

#include "src/base/macros.h"

struct helper_spawner {
    pid_t pid; /* 0: none */
    int fd;    /* owned: a socket to it */
};

#define HELPER_SPAWNER_NONE ((struct helper_spawner){ .fd = -1 })

/* When it returns 0 the spawner has laid its powers down. 0 or a negative errno. */
int helper_spawner_begin(struct helper_spawner *ret_spawner);
/* A no-op where there is none. */
void helper_spawner_end(struct helper_spawner *spawner);

/* A new helper: its number, and a socket to it, for the caller to close. 0 or a negative errno. */
int helper_spawner_start(const struct helper_spawner *spawner, pid_t *ret_helper, int *ret_socket);
/* Nothing happens where that is none of its helpers. */
void helper_spawner_kill(const struct helper_spawner *spawner, pid_t helper);
/* Once it has, the number may become another's. */
bool helper_spawner_has_ended(const struct helper_spawner *spawner, pid_t helper);
