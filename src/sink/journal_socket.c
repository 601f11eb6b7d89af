/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/sink/journal_socket.h"

#include <errno.h>
#include <poll.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/loop.h"
#include "src/sink/journal_send.h"

/* How long until we look again for a journald that has gone, or for the kernel to have memory. */
#define RETRY_USEC    USEC_PER_SEC

#define NSEC_PER_MSEC UINT64_C(1000000)

struct waiting {
    STAILQ_ENTRY(waiting) next;
    uint64_t checks;
    size_t length;
    char bytes[];
};

struct journal_socket {
    sd_event *event; /* borrowed */
    struct journal_socket_listener listener;
    struct sockaddr_un address;
    int fd;                    /* -1: away */
    sd_event_source *writable; /* owned: on while journald is full */
    sd_event_source *retry;    /* owned */
    STAILQ_HEAD(, waiting) queue;
    size_t queue_size; /* bytes of all that wait */
    uint64_t taken, dropped;
};

/* -------- the queue -------- */

static size_t cost_of(size_t length)
{
    return sizeof(struct waiting) + length;
}

static void enqueue(struct journal_socket *socket, const char *bytes, size_t length,
                    uint64_t checks)
{
    struct waiting *waiting = NULL;

    if (socket->queue_size + cost_of(length) <= JOURNAL_QUEUE_MAX)
        waiting = malloc(cost_of(length));
    if (!waiting) {
        socket->dropped += checks;
        return;
    }
    waiting->checks = checks;
    waiting->length = length;
    memcpy(waiting->bytes, bytes, length);
    STAILQ_INSERT_TAIL(&socket->queue, waiting, next);
    socket->queue_size += cost_of(length);
}

static void drop_first(struct journal_socket *socket)
{
    struct waiting *first = STAILQ_FIRST(&socket->queue);

    STAILQ_REMOVE_HEAD(&socket->queue, next);
    socket->queue_size -= cost_of(first->length);
    free(first);
}

/* -------- the connection -------- */

static int on_retry(sd_event_source *source, uint64_t usec, void *userdata);
static int on_writable(sd_event_source *source, int fd, uint32_t events, void *userdata);

/* Without a timer there is no later try than the next entry. */
static void retry_later(struct journal_socket *socket)
{
    socket->retry = sd_event_source_disable_unref(socket->retry);
    (void)loop_timer(socket->event, RETRY_USEC, "journal-retry", on_retry, socket, &socket->retry);
}

static void disconnect(struct journal_socket *socket)
{
    socket->writable = sd_event_source_disable_unref(socket->writable);
    close_fd(&socket->fd);
}

static int connect_socket(struct journal_socket *socket)
{
    int r;

    socket->fd = journal_connect(&socket->address);
    if (socket->fd < 0)
        return socket->fd;
    r = sd_event_add_io(socket->event, &socket->writable, socket->fd, EPOLLOUT, on_writable,
                        socket);
    if (r >= 0)
        r = sd_event_source_set_enabled(socket->writable, SD_EVENT_OFF);
    if (r < 0)
        disconnect(socket);
    return MIN(r, 0);
}

static int cannot_reach(const struct journal_socket *socket, int r, struct error *error)
{
    return error_set(error, r, "no journald listens at %s: %s", socket->address.sun_path,
                     strerror(-r));
}

static void lose_connection(struct journal_socket *socket, int r)
{
    struct error reason = {};

    disconnect(socket);
    (void)cannot_reach(socket, r, &reason);
    socket->listener.state(socket->listener.userdata, &reason);
    retry_later(socket);
}

/* Whether the entry is dealt with: taken, or such as no journald takes. Else it is to wait. */
static bool try_send(struct journal_socket *socket, const char *bytes, size_t length,
                     uint64_t checks)
{
    int r = journal_send(socket->fd, bytes, length);

    if (r >= 0) {
        socket->taken += checks;
        return true;
    }
    switch (r) {
    case -EAGAIN:
        (void)sd_event_source_set_enabled(socket->writable, SD_EVENT_ON);
        return false;
    case -ENOBUFS:
    case -ENOMEM:
    case -EMFILE:
    case -ENFILE:
    case -ETOOMANYREFS: /* as many memory files are on their way as we may have open */
        retry_later(socket);
        return false;
    case -EMSGSIZE:
        socket->dropped += checks;
        return true;
    default:
        lose_connection(socket, r);
        return false;
    }
}

static void send_waiting(struct journal_socket *socket)
{
    struct waiting *first;

    while (socket->fd >= 0 && (first = STAILQ_FIRST(&socket->queue))) {
        if (!try_send(socket, first->bytes, first->length, first->checks))
            return;
        drop_first(socket);
    }
    if (socket->fd < 0)
        return;
    (void)sd_event_source_set_enabled(socket->writable, SD_EVENT_OFF);
    socket->listener.clear(socket->listener.userdata);
}

static int on_writable(UNUSED sd_event_source *source, UNUSED int fd, UNUSED uint32_t events,
                       void *userdata)
{
    send_waiting(userdata);
    return 0;
}

/* journald may be away or not; whether it is, the next entry tells. */
static int on_retry(UNUSED sd_event_source *source, UNUSED uint64_t usec, void *userdata)
{
    struct journal_socket *socket = userdata;

    if (socket->fd < 0) {
        if (connect_socket(socket) < 0) {
            retry_later(socket);
            return 0;
        }
        socket->listener.state(socket->listener.userdata, NULL);
    }
    send_waiting(socket);
    return 0;
}

/* -------- for the sink -------- */

static int open_connection(struct journal_socket *socket, bool wait, struct error *error)
{
    int r = connect_socket(socket);

    if (r < 0 && wait) {
        lose_connection(socket, r);
        return 0;
    }
    return r < 0 ? cannot_reach(socket, r, error) : 0;
}

int journal_socket_open(sd_event *event, const char *path, bool wait,
                        const struct journal_socket_listener *listener,
                        struct journal_socket **ret_socket, struct error *error)
{
    _cleanup_(journal_socket_free)
    struct journal_socket *socket = calloc(1, sizeof(*socket));
    int r;

    if (!socket)
        return error_set(error, -ENOMEM, "out of memory");
    STAILQ_INIT(&socket->queue);
    socket->event = event;
    socket->fd = -1;
    socket->listener = *listener;
    socket->address.sun_family = AF_UNIX;
    (void)snprintf(socket->address.sun_path, sizeof(socket->address.sun_path), "%s", path);
    r = open_connection(socket, wait, error);
    if (r < 0)
        return r;
    *ret_socket = TAKE_PTR(socket);
    return 0;
}

void journal_socket_free(struct journal_socket **socket)
{
    if (!*socket)
        return;
    while (!STAILQ_EMPTY(&(*socket)->queue))
        drop_first(*socket);
    disconnect(*socket);
    sd_event_source_disable_unref((*socket)->retry);
    free(*socket);
    *socket = NULL;
}

void journal_socket_send(struct journal_socket *socket, const char *bytes, size_t length,
                         uint64_t checks)
{
    if (!journal_socket_is_clear(socket) || !try_send(socket, bytes, length, checks))
        enqueue(socket, bytes, length, checks);
}

bool journal_socket_is_clear(const struct journal_socket *socket)
{
    return socket->fd >= 0 && STAILQ_EMPTY(&socket->queue);
}

uint64_t journal_socket_taken(const struct journal_socket *socket)
{
    return socket->taken;
}

uint64_t journal_socket_dropped(const struct journal_socket *socket)
{
    return socket->dropped;
}

/* Until journald takes something: false when that is not worth more waiting. */
static bool wait_for_journald(const struct journal_socket *socket, int signal_fd, uint64_t end_ns)
{
    struct pollfd fds[] = {
        { .fd = socket->fd, .events = POLLOUT },
        { .fd = signal_fd, .events = POLLIN },
    };
    uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);

    if (now_ns >= end_ns)
        return false;
    (void)poll(fds, ARRAY_SIZE(fds), (int)((end_ns - now_ns) / NSEC_PER_MSEC) + 1);
    return !fds[1].revents;
}

void journal_socket_finish(struct journal_socket *socket, int signal_fd)
{
    uint64_t end_ns = clock_ns(CLOCK_MONOTONIC) + JOURNAL_LAST_WAIT_NS;

    if (socket->fd < 0 && connect_socket(socket) >= 0)
        socket->listener.state(socket->listener.userdata, NULL);
    do {
        send_waiting(socket);
    } while (socket->fd >= 0 && !STAILQ_EMPTY(&socket->queue) &&
             wait_for_journald(socket, signal_fd, end_ns));
    while (!STAILQ_EMPTY(&socket->queue)) {
        socket->dropped += STAILQ_FIRST(&socket->queue)->checks;
        drop_first(socket);
    }
}
