/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/base/pass_file.h"

#include <errno.h>
#include <sys/socket.h>

/* Room for one file, where a header may lie. */
union control {
    struct cmsghdr header;
    char space[CMSG_SPACE(sizeof(int))];
};

int pass_file(int socket, const void *bytes, size_t length, int file, int flags)
{
    struct iovec part = { .iov_base = (void *)(uintptr_t)bytes, .iov_len = length };
    union control control = { .space = { 0 } };
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

    if (file >= 0) {
        message.msg_control = &control;
        message.msg_controllen = sizeof(control);
        control.header = (struct cmsghdr){
            .cmsg_level = SOL_SOCKET,
            .cmsg_type = SCM_RIGHTS,
            .cmsg_len = CMSG_LEN(sizeof(file)),
        };
        memcpy(CMSG_DATA(&control.header), &file, sizeof(file));
    }
    return sendmsg(socket, &message, MSG_NOSIGNAL | flags) < 0 ? -errno : 0;
}

ssize_t take_file(int socket, void *bytes, size_t size, int *ret_file)
{
    struct iovec part = { .iov_base = bytes, .iov_len = size };
    union control control;
    struct msghdr message = {
        .msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = &control,
        .msg_controllen = sizeof(control),
    };
    ssize_t length;

    *ret_file = -1;
    do {
        length = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    } while (length < 0 && errno == EINTR);
    if (length < 0)
        return -errno;
    if (message.msg_controllen >= sizeof(control))
        memcpy(ret_file, CMSG_DATA(&control.header), sizeof(*ret_file));
    return length;
}
