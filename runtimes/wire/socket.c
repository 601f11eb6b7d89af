/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtimes/wire/socket.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>

int socket_connect(const char *path, int *ret_fd, uid_t *ret_uid, struct error *error)
{
    _cleanup_(close_fd)
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    struct ucred peer;
    socklen_t peer_size = sizeof(peer);

    if (fd < 0)
        return error_set(error, -errno, "cannot make a socket: %s", strerror(errno));
    if (strlen(path) >= sizeof(address.sun_path))
        return error_set(error, -ENAMETOOLONG, "the path %s is too long for a socket", path);
    memcpy(address.sun_path, path, strlen(path));
    /* A unix socket connects at once, or its queue is full (EAGAIN) and it is tried again later. */
    if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
        return error_set(error, -errno, "cannot connect to %s: %s", path, strerror(errno));
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &peer_size) < 0)
        return error_set(error, -errno, "cannot tell who serves %s: %s", path, strerror(errno));
    *ret_fd = TAKE_FD(fd);
    *ret_uid = peer.uid;
    return 0;
}
