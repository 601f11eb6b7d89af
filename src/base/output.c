/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/base/output.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/stat.h>

/* More, and they are written before the buffer is full. */
#define ENDS_MAX 4096

int output_init(struct output *output, int fd, int signal_fd, size_t size)
{
    struct stat status;

    *output = (struct output){ .fd = fd, .signal_fd = signal_fd, .size = size };
    output->data = malloc(size);
    output->ends = calloc(ENDS_MAX, sizeof(*output->ends));
    if (!output->data || !output->ends) {
        output_clear(output);
        return -ENOMEM;
    }
    output->blocking = fstat(fd, &status) < 0 || !S_ISREG(status.st_mode);
    return 0;
}

void output_clear(struct output *output)
{
    free(output->data);
    free(output->ends);
    *output = (struct output){ .fd = -1, .signal_fd = -1 };
}

/* Until the reader takes something, or a signal asks us to end. */
static int wait_for_reader(const struct output *output)
{
    struct pollfd fds[] = {
        { .fd = output->fd, .events = POLLOUT },
        { .fd = output->signal_fd, .events = POLLIN },
    };

    for (;;) {
        if (poll(fds, ARRAY_SIZE(fds), -1) < 0) {
            if (errno == EINTR)
                continue;
            return -errno;
        }
        if (fds[0].revents)
            return 0; /* writable, or an error that write(2) will name */
        if (fds[1].revents)
            return -EINTR;
    }
}

/* A pipe that is writable takes PIPE_BUF bytes without blocking: pipe(7). */
static ssize_t write_some(const struct output *output, const char *bytes, size_t length)
{
    int r;

    if (!output->blocking)
        return write(output->fd, bytes, length);
    r = wait_for_reader(output);
    if (r < 0) {
        errno = -r;
        return -1;
    }
    return write(output->fd, bytes, MIN(length, (size_t)PIPE_BUF));
}

/* Of the buffer `done` bytes were written, and the rest never will be. */
static void count_records(struct output *output, size_t done)
{
    for (size_t i = 0; i < output->end_count && output->ends[i] <= done; i++)
        output->records++;
    output->end_count = 0;
}

int output_flush(struct output *output)
{
    size_t done = 0;

    while (done < output->length && !output->failure) {
        ssize_t written = write_some(output, output->data + done, output->length - done);

        if (written >= 0)
            done += (size_t)written;
        else if (errno != EAGAIN && (errno != EINTR || output->blocking))
            output->failure = -errno;
    }
    count_records(output, done);
    output->length = 0;
    return output->failure;
}

int output_append(struct output *output, const char *bytes, size_t length)
{
    while (length) {
        size_t part = MIN(length, output->size - output->length);

        memcpy(output->data + output->length, bytes, part);
        output->length += part;
        bytes += part;
        length -= part;
        if (output->length == output->size && output_flush(output) < 0)
            return output->failure;
    }
    return output->failure;
}

int output_append_record(struct output *output, const char *bytes, size_t length)
{
    int r = output_append(output, bytes, length);

    if (r < 0)
        return r;
    if (!output->length) { /* just written, with the buffer that it filled */
        output->records++;
        return 0;
    }
    output->ends[output->end_count++] = output->length;
    return output->end_count == ENDS_MAX ? output_flush(output) : 0;
}
