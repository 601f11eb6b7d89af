/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/sink/journal_send.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "src/base/pass_file.h"

/* As much as libsystemd asks for; the kernel gives what it allows. */
#define SEND_BUFFER (8 << 20)

int journal_connect(const struct sockaddr_un *address)
{
    static const int size = SEND_BUFFER;
    _cleanup_(close_fd)
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        return -errno;
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
    if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0)
        return -errno;
    return TAKE_FD(fd);
}

static int write_all(int fd, const char *bytes, size_t length)
{
    while (length) {
        ssize_t written = write(fd, bytes, length);

        if (written < 0)
            return -errno;
        bytes += written;
        length -= (size_t)written;
    }
    return 0;
}

/* journald reads only files that nobody can change any more. */
static int make_sealed(const char *bytes, size_t length)
{
    _cleanup_(close_fd)
    int fd = memfd_create("local-gadget-entry", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    int r;

    if (fd < 0)
        return -errno;
    r = write_all(fd, bytes, length);
    if (r < 0)
        return r;
    if (fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0)
        return -errno;
    return TAKE_FD(fd);
}

static int send_sealed(int fd, const char *bytes, size_t length)
{
    _cleanup_(close_fd)
    int sealed = make_sealed(bytes, length);

    return sealed < 0 ? sealed : pass_file(fd, NULL, 0, sealed, 0);
}

int journal_send(int fd, const char *bytes, size_t length)
{
    if (send(fd, bytes, length, MSG_NOSIGNAL) >= 0)
        return 0;
    if (errno != EMSGSIZE && (errno != ENOBUFS || length < (size_t)1 << 16))
        return -errno;
    return send_sealed(fd, bytes, length);
}
