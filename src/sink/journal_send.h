/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One entry to journald, by whatever way it fits. */
#pragma once

#include "src/base/macros.h"

struct sockaddr_un;

/* A socket that never blocks, connected to that address: a descriptor, or a negative errno. */
int journal_connect(const struct sockaddr_un *address);

/* Sends an entry whole, as a datagram or, where it is too large for one, as a sealed file in
 * memory. 0; -EAGAIN: journald's queue is full; -EMSGSIZE: it takes this entry in no way; or
 * another negative errno. */
int journal_send(int fd, const char *bytes, size_t length);
