/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A server on a unix socket of its own and on the test's loop, which answers by a script: real
 * engines do not answer garbage on demand. Connections are closed after the answer unless it says
 * that they stay.
 */
#pragma once

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cmocka.h>
#include <systemd/sd-event.h>

#include "src/base/macros.h"

#define PEER_CONNECTIONS_MAX 64

struct http_reply {
    const char *target; /* what the request's begins with; NULL ends the script */
    const char *text;
    const char *filler; /* repeated after the text, without an end */
    bool bytewise;      /* in as many pieces as there are bytes */
    bool stays;
};

struct http_peer;

struct http_connection {
    struct http_peer *peer;
    const struct http_reply *reply; /* NULL while the request is being read */
    size_t sent;
    sd_event_source *source;
};

struct http_peer {
    sd_event *event;
    char directory[64];
    char path[96];
    int fd;
    sd_event_source *source;
    const struct http_reply *replies;
    struct http_connection connections[PEER_CONNECTIONS_MAX];
    char target[1024]; /* of the last request that was answered */
    size_t asked;
};

static void connection_close(struct http_connection *connection)
{
    connection->source = sd_event_source_disable_unref(connection->source);
    connection->reply = NULL;
    connection->sent = 0;
}

static void connection_request(struct http_connection *connection, int fd)
{
    struct http_peer *peer = connection->peer;
    char request[2048];
    ssize_t length = recv(fd, request, sizeof(request) - 1, 0);

    if (length <= 0) {
        connection_close(connection);
        return;
    }
    request[length] = '\0';
    assert_non_null(strstr(request, "\r\n\r\n"));
    assert_int_equal(sscanf(request, "GET %1023s HTTP/1.1", peer->target), 1);
    peer->asked++;
    for (connection->reply = peer->replies; connection->reply->target; connection->reply++) {
        if (strncmp(peer->target, connection->reply->target, strlen(connection->reply->target)) ==
            0)
            break;
    }
    if (!connection->reply->target)
        fail_msg("nobody should ask for %s", peer->target);
    assert_true(sd_event_source_set_io_events(connection->source, EPOLLOUT) >= 0);
}

/* The next piece; false at the end of what there is, or of what the other side wants. */
static bool connection_send(struct http_connection *connection, int fd)
{
    const struct http_reply *reply = connection->reply;
    size_t length = strlen(reply->text);
    char block[16384];
    const char *piece = reply->text + connection->sent;
    size_t wanted = reply->bytewise ? 1 : length - connection->sent;

    if (connection->sent >= length) {
        if (!reply->filler)
            return false;
        for (size_t i = 0; i < sizeof(block); i++)
            block[i] = reply->filler[i % strlen(reply->filler)];
        piece = block;
        wanted = sizeof(block) / strlen(reply->filler) * strlen(reply->filler);
    }
    ssize_t sent = send(fd, piece, wanted, MSG_NOSIGNAL);
    if (sent < 0)
        return errno == EAGAIN;
    connection->sent = MIN(connection->sent + (size_t)sent, length);
    return true;
}

static int on_connection(UNUSED sd_event_source *source, int fd, uint32_t events, void *userdata)
{
    struct http_connection *connection = userdata;

    if (!connection->reply) {
        connection_request(connection, fd);
        return 0;
    }
    if (events & (EPOLLHUP | EPOLLERR)) {
        connection_close(connection);
        return 0;
    }
    if (connection_send(connection, fd))
        return 0;
    if (connection->reply->stays)
        (void)sd_event_source_set_io_events(connection->source, 0);
    else
        connection_close(connection);
    return 0;
}

static int on_accept(sd_event_source *source, int fd, UNUSED uint32_t events, void *userdata)
{
    struct http_peer *peer = userdata;
    int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    assert_true(client >= 0);
    for (size_t i = 0; i < PEER_CONNECTIONS_MAX; i++) {
        struct http_connection *connection = &peer->connections[i];

        if (connection->source)
            continue;
        connection->peer = peer;
        assert_true(sd_event_add_io(sd_event_source_get_event(source), &connection->source, client,
                                    EPOLLIN, on_connection, connection) >= 0);
        assert_true(sd_event_source_set_io_fd_own(connection->source, 1) >= 0);
        return 0;
    }
    fail_msg("more than %d connections at once", PEER_CONNECTIONS_MAX);
    return 0;
}

static void peer_open(struct http_peer *peer)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    *peer = (struct http_peer){ .directory = "/tmp/local-gadget-test-XXXXXX" };
    assert_int_equal(sd_event_new(&peer->event), 0);
    assert_non_null(mkdtemp(peer->directory));
    (void)snprintf(peer->path, sizeof(peer->path), "%s/sock", peer->directory);
    memcpy(address.sun_path, peer->path, strlen(peer->path));
    peer->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_true(peer->fd >= 0);
    assert_int_equal(bind(peer->fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(peer->fd, PEER_CONNECTIONS_MAX), 0);
    assert_true(sd_event_add_io(peer->event, &peer->source, peer->fd, EPOLLIN, on_accept, peer) >=
                0);
}

/* As when the engine is killed. */
static void peer_hang_up(struct http_peer *peer)
{
    for (size_t i = 0; i < PEER_CONNECTIONS_MAX; i++)
        connection_close(&peer->connections[i]);
}

static void peer_close(struct http_peer *peer)
{
    peer_hang_up(peer);
    (void)sd_event_source_disable_unref(peer->source);
    close_fd(&peer->fd);
    sd_event_unref(peer->event);
    assert_int_equal(unlink(peer->path), 0);
    assert_int_equal(rmdir(peer->directory), 0);
}

/* Lets the loop run until `condition`; the guard is against hanging only. */
#define PEER_RUN_UNTIL(peer, condition)                             \
    do {                                                            \
        for (int turns_ = 0; !(condition); turns_++) {              \
            assert_in_range(turns_, 0, 100000);                     \
            assert_true(sd_event_run((peer)->event, 1000000) >= 0); \
        }                                                           \
    } while (0)
