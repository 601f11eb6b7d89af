/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A socket to journald that never blocks and never loses silently. sd_journal_sendv(3) waits where
 * journald is stuck, and succeeds where there is none.
 *
 * What journald does not take now waits, in order, within a bound; what finds no room there is
 * counted. Source of the protocol: https://systemd.io/JOURNAL_NATIVE_PROTOCOL/
 */
#pragma once

#include <systemd/sd-event.h>

#include "src/base/macros.h"

struct error;
struct journal_socket;

/* Bytes that may wait, with what it takes to keep them: some 20,000 entries. */
#define JOURNAL_QUEUE_MAX ((size_t)16 << 20)

struct journal_socket_listener {
    /* journald has gone, with the reason, or takes entries again: NULL. Borrowed. */
    void (*state)(void *userdata, const struct error *reason);
    /* Nothing waits any more. */
    void (*clear)(void *userdata);
    void *userdata;
};

/*
 * Connects to what listens at `path`. Where nobody does that is an error that names the socket,
 * unless `wait`: then entries wait, and so does every one after this. `event` is borrowed until
 * journal_socket_free. 0 or a negative errno with a sentence.
 */
int journal_socket_open(sd_event *event, const char *path, bool wait,
                        const struct journal_socket_listener *listener,
                        struct journal_socket **ret_socket, struct error *error);
void journal_socket_free(struct journal_socket **socket);

/* Hands over one entry, which stands for so many checks, or keeps a copy until it is taken. */
void journal_socket_send(struct journal_socket *socket, const char *bytes, size_t length,
                         uint64_t checks);

/* Nothing waits: the next entry goes out at once. */
bool journal_socket_is_clear(const struct journal_socket *socket);

/* Checks of the entries that journald has got, and of those that found no room or, after
 * journal_socket_finish, no taker. */
uint64_t journal_socket_taken(const struct journal_socket *socket);
uint64_t journal_socket_dropped(const struct journal_socket *socket);

/* Waits for journald, JOURNAL_LAST_WAIT_NS at most and until `signal_fd` (-1: none) is readable;
 * what it has not taken then is dropped. */
#define JOURNAL_LAST_WAIT_NS (UINT64_C(3) * 1000 * 1000 * 1000)
void journal_socket_finish(struct journal_socket *socket, int signal_fd);
