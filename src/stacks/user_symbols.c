/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/stacks/user_symbols.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "src/base/hash.h"
#include "src/stacks/symbolizer.h"

/* Debug information of a large program takes some 100 ms to read the first time. */
#define ANSWER_MSEC 1000
/* A file that makes the helper fail is met again and again: after so many it stays away. */
#define HELPERS_MAX 5
/* Different frames that are remembered; later ones are shown as addresses. */
#define TEXTS_MAX     100000

#define UNKNOWN_FRAME 0

struct user_symbols {
    int socket;           /* owned, -1: no helper */
    pid_t helper;         /* 0: none */
    unsigned int helpers; /* started so far */
    uint64_t failures;
    struct string_table numbers; /* text -> number + 1, as a pointer */
    char **texts;                /* owned, by number */
    uint32_t count, size;
    struct symbolizer_request request;
    struct symbolizer_answer answer;
};

/* -------- the helper -------- */

static void end_helper(struct user_symbols *symbols)
{
    close_fd(&symbols->socket);
    if (symbols->helper) {
        (void)kill(symbols->helper, SIGKILL);
        /* It may be stuck in the kernel, in a file system that does not answer. */
        (void)waitpid(symbols->helper, NULL, WNOHANG);
    }
    symbols->helper = 0;
}

_Noreturn static void be_helper(int socket)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    sigset_t all;

    (void)sigfillset(&all); /* Ctrl-C is the tracer's; it closes the socket when it is done */
    (void)sigprocmask(SIG_BLOCK, &all, NULL);
    if (dup3(null, STDIN_FILENO, O_CLOEXEC) < 0 || dup3(null, STDOUT_FILENO, O_CLOEXEC) < 0)
        _exit(EXIT_FAILURE);
    if (dup3(socket, STDERR_FILENO + 1, O_CLOEXEC) < 0 && socket != STDERR_FILENO + 1)
        _exit(EXIT_FAILURE);
    (void)close_range(STDERR_FILENO + 2, ~0U, 0);
    symbolizer_main(STDERR_FILENO + 1);
}

static int start_helper(struct user_symbols *symbols)
{
    int sockets[2];
    pid_t pid;

    if (symbols->helpers >= HELPERS_MAX)
        return -ECANCELED;
    symbols->helpers++;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) < 0)
        return -errno;
    pid = fork();
    if (pid == 0) {
        (void)close(sockets[0]);
        be_helper(sockets[1]);
    }
    (void)close(sockets[1]);
    if (pid < 0) {
        (void)close(sockets[0]);
        return -errno;
    }
    symbols->socket = sockets[0];
    symbols->helper = pid;
    return 0;
}

int user_symbols_new(struct user_symbols **ret_symbols, struct error *error)
{
    _cleanup_(user_symbols_free)
    struct user_symbols *symbols = calloc(1, sizeof(*symbols));
    int r;

    if (!symbols)
        return error_set(error, -ENOMEM, "out of memory");
    symbols->socket = -1;
    symbols->numbers.limit = TEXTS_MAX;
    r = start_helper(symbols);
    if (r < 0)
        return error_set(error, r, "cannot start the process that reads user stacks: %s",
                         strerror(-r));
    *ret_symbols = TAKE_PTR(symbols);
    return 0;
}

void user_symbols_free(struct user_symbols **symbols)
{
    if (!*symbols)
        return;
    end_helper(*symbols);
    string_table_clear(&(*symbols)->numbers);
    for (uint32_t i = 0; i < (*symbols)->count; i++)
        free((*symbols)->texts[i]);
    free((*symbols)->texts);
    free(*symbols);
    *symbols = NULL;
}

pid_t user_symbols_helper(const struct user_symbols *symbols)
{
    return symbols->helper;
}

uint64_t user_symbols_failures(const struct user_symbols *symbols)
{
    return symbols->failures;
}

/* -------- texts and their numbers -------- */

static int grow(struct user_symbols *symbols)
{
    uint32_t size = symbols->size ? symbols->size * 2 : 1024;
    char **texts;

    if (symbols->count < symbols->size)
        return 0;
    texts = reallocarray(symbols->texts, size, sizeof(*texts));
    if (!texts)
        return -ENOMEM;
    symbols->texts = texts;
    symbols->size = size;
    return 0;
}

/* The number of a text, new or not; UNKNOWN_FRAME when there is no room. */
static uint32_t number_of(struct user_symbols *symbols, const char *text)
{
    size_t length = strlen(text);
    uintptr_t number = (uintptr_t)string_table_get(&symbols->numbers, text, length);
    char *copy;

    if (number)
        return (uint32_t)number;
    if (grow(symbols) < 0)
        return UNKNOWN_FRAME;
    copy = strdup(text);
    if (!copy)
        return UNKNOWN_FRAME;
    number = symbols->count + 1;
    if (string_table_put(&symbols->numbers, text, length, (void *)number) < 0) {
        free(copy);
        return UNKNOWN_FRAME;
    }
    symbols->texts[symbols->count++] = copy;
    return (uint32_t)number;
}

const char *user_symbols_text(const struct user_symbols *symbols, uint32_t frame)
{
    return frame > 0 && frame <= symbols->count ? symbols->texts[frame - 1] : "?";
}

/* -------- asking -------- */

static bool ask(struct user_symbols *symbols)
{
    struct pollfd wait = { .fd = symbols->socket, .events = POLLIN };

    if (symbols->socket < 0 || send(symbols->socket, &symbols->request, sizeof(symbols->request),
                                    MSG_NOSIGNAL) != (ssize_t)sizeof(symbols->request))
        return false;
    if (poll(&wait, 1, ANSWER_MSEC) <= 0 ||
        recv(symbols->socket, &symbols->answer, sizeof(symbols->answer), MSG_DONTWAIT) !=
            (ssize_t)sizeof(symbols->answer))
        return false;
    return symbols->answer.count == symbols->request.count;
}

/* What is known without anybody's help. */
static void answer_by_addresses(struct user_symbols *symbols)
{
    for (uint32_t i = 0; i < symbols->request.count; i++) {
        const struct user_frame *frame = &symbols->request.frames[i];

        (void)snprintf(symbols->answer.frames[i], SYMBOLIZER_FRAME_SIZE, "%s0x%" PRIx64,
                       frame->kind == USER_FRAME_IN_FILE ? "?+" : "", (uint64_t)frame->where);
    }
}

uint32_t user_symbols_resolve(struct user_symbols *symbols, const struct capability_event *event,
                              const struct capability_stacks *stacks, pid_t neighbour,
                              uint32_t ret_frames[EVENT_STACK_DEPTH])
{
    uint32_t count = MIN(stacks->user_count, (uint32_t)EVENT_STACK_DEPTH);

    if (count == 0)
        return 0;
    symbols->request.pid = event->pid;
    symbols->request.neighbour_pid = (uint32_t)neighbour;
    symbols->request.count = count;
    memcpy(symbols->request.comm, event->comm, sizeof(symbols->request.comm));
    memcpy(symbols->request.frames, stacks->user, count * sizeof(stacks->user[0]));
    if (!ask(symbols)) {
        symbols->failures++;
        end_helper(symbols);
        (void)start_helper(symbols);
        answer_by_addresses(symbols);
    }
    for (uint32_t i = 0; i < count; i++) {
        symbols->answer.frames[i][SYMBOLIZER_FRAME_SIZE - 1] = '\0';
        ret_frames[i] = number_of(symbols, symbols->answer.frames[i]);
    }
    return count;
}
