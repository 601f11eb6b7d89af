/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/containers/program_reader.h"

#include <errno.h>
#include <linux/capability.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "src/base/loop.h"
#include "src/base/pass_file.h"
#include "src/base/spawner.h"
#include "src/containers/process_facts.h"
#include "src/host/powers.h"

#define QUESTIONS_MAX 64                /* that wait for an answer; each holds a file open */
#define PATIENCE_USEC UINT64_C(1000000) /* for one answer */
#define PATIENCE_MSEC ((int)(PATIENCE_USEC / 1000))

struct question {
    char *key, *path; /* owned */
};

struct program_reader {
    sd_event *event;        /* borrowed */
    struct spawner spawner; /* owned */
    struct program_listener listener;
    pid_t pid;
    int socket;
    sd_event_source *readable, *timer;        /* owned */
    struct question questions[QUESTIONS_MAX]; /* a ring, in order */
    size_t first, count;
};

/* -------- the process -------- */

/* Links of /proc lead to a file that is open without a name being looked up. */
static uint64_t needs_of(int file)
{
    struct vfs_ns_cap_data value;
    char path[64];
    ssize_t length;

    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
    length = getxattr(path, "security.capability", &value, sizeof(value));
    return length > 0 ? process_file_needs(&value, (size_t)length) : 0;
}

static int lay_down(void)
{
    int r = powers_keep(0);

    if (r >= 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        r = -errno;
    return r;
}

static void serve(int socket)
{
    char byte;
    int file;

    (void)prctl(PR_SET_NAME, "local-gadget-fi");
    while (take_file(socket, &byte, sizeof(byte), &file) > 0 && file >= 0) {
        uint64_t needs = needs_of(file);

        (void)close(file);
        if (send(socket, &needs, sizeof(needs), MSG_NOSIGNAL) < 0)
            break;
    }
}

static int start(struct program_reader *reader);

static void stop(struct program_reader *reader)
{
    reader->readable = sd_event_source_disable_unref(reader->readable);
    reader->timer = sd_event_source_disable_unref(reader->timer);
    close_fd(&reader->socket);
    if (reader->pid > 0)
        (void)spawner_kill(&reader->spawner, reader->pid);
    reader->pid = 0;
}

/* -------- answers -------- */

static void answer(struct program_reader *reader, bool known, uint64_t needs)
{
    struct question question = reader->questions[reader->first];

    reader->first = (reader->first + 1) % QUESTIONS_MAX;
    reader->count--;
    reader->listener.answer(reader->listener.userdata, question.key, question.path, known, needs);
    free(question.key);
    free(question.path);
}

static void give_up(struct program_reader *reader)
{
    stop(reader);
    while (reader->count)
        answer(reader, false, 0);
}

static int on_timeout(UNUSED sd_event_source *source, UNUSED uint64_t usec, void *userdata)
{
    give_up(userdata);
    (void)start(userdata);
    return 0;
}

static void arm(struct program_reader *reader)
{
    reader->timer = sd_event_source_disable_unref(reader->timer);
    if (reader->count)
        (void)loop_timer(reader->event, PATIENCE_USEC, "program-reader", on_timeout, reader,
                         &reader->timer);
}

/* false: none is there, or will be. */
static bool take_answer(struct program_reader *reader)
{
    uint64_t needs;
    ssize_t length = recv(reader->socket, &needs, sizeof(needs), MSG_DONTWAIT);

    if (length == (ssize_t)sizeof(needs) && reader->count)
        answer(reader, true, needs);
    else if (length >= 0 || errno != EAGAIN)
        give_up(reader);
    return length == (ssize_t)sizeof(needs);
}

static int on_answer(UNUSED sd_event_source *source, UNUSED int fd, UNUSED uint32_t events,
                     void *userdata)
{
    struct program_reader *reader = userdata;

    while (reader->pid && take_answer(reader))
        ;
    if (reader->pid)
        arm(reader);
    else
        (void)start(reader);
    return 0;
}

static int start(struct program_reader *reader)
{
    int r = spawner_start(&reader->spawner, &reader->pid, &reader->socket);

    if (r >= 0)
        r = sd_event_add_io(reader->event, &reader->readable, reader->socket, EPOLLIN, on_answer,
                            reader);
    if (r < 0)
        stop(reader);
    return r < 0 ? r : 0;
}

/* -------- questions -------- */

static bool keep(struct program_reader *reader, const char *key, const char *path)
{
    struct question question = { strdup(key), strdup(path) };

    if (!question.key || !question.path) {
        free(question.key);
        free(question.path);
        return false;
    }
    reader->questions[(reader->first + reader->count) % QUESTIONS_MAX] = question;
    reader->count++;
    return true;
}

/* Until an answer comes, or is given up. */
static void await_answer(struct program_reader *reader)
{
    struct pollfd ready = { .fd = reader->socket, .events = POLLIN };

    if (poll(&ready, 1, PATIENCE_MSEC) <= 0)
        give_up(reader);
    else
        (void)take_answer(reader);
}

void program_reader_ask(struct program_reader *reader, const char *key, const char *path, int file)
{
    bool first = !reader->count;

    if (reader->count == QUESTIONS_MAX)
        await_answer(reader);
    if (!reader->pid)
        (void)start(reader);
    if (!reader->pid || pass_file(reader->socket, "", 1, file, MSG_DONTWAIT) < 0 ||
        !keep(reader, key, path))
        reader->listener.answer(reader->listener.userdata, key, path, false, 0);
    else if (first)
        arm(reader);
    (void)close(file);
}

void program_reader_finish(struct program_reader *reader)
{
    while (reader->pid && reader->count)
        await_answer(reader);
}

int program_reader_new(sd_event *event, const struct program_listener *listener,
                       struct program_reader **ret_reader)
{
    static const struct helper_kind kind = { lay_down, serve };
    struct program_reader *reader = calloc(1, sizeof(*reader));
    int r;

    if (!reader)
        return -ENOMEM;
    *reader = (struct program_reader){ .event = event, .listener = *listener, .socket = -1 };
    reader->spawner = SPAWNER_NONE;
    r = spawner_begin(&kind, &reader->spawner);
    if (r >= 0)
        r = start(reader);
    if (r < 0)
        program_reader_free(&reader);
    else
        *ret_reader = reader;
    return r;
}

void program_reader_free(struct program_reader **reader)
{
    if (!*reader)
        return;
    stop(*reader);
    spawner_end(&(*reader)->spawner);
    for (size_t i = 0; i < (*reader)->count; i++) {
        struct question *question = &(*reader)->questions[((*reader)->first + i) % QUESTIONS_MAX];

        free(question->key);
        free(question->path);
    }
    free(TAKE_PTR(*reader));
}
