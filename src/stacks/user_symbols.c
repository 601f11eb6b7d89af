/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/stacks/user_symbols.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <sys/socket.h>

#include "src/base/clock.h"
#include "src/base/spawner.h"
#include "src/stacks/helper_progress.h"
#include "src/stacks/helper_share.h"
#include "src/stacks/symbolizer.h"

/* Debug information of a large program takes some 100 ms to read the first time, and much longer
 * where the machine is busy. So long a helper is waited for that sleeps, and one that runs. */
#define SLEEPING_MSEC 1000
#define RUNNING_MSEC  5000
#define LOOK_MSEC     100 /* between two looks at which of them it is */
/* A file that makes the helper fail is met again and again: it costs its owner as much as this. */
#define FAILURE_NS (UINT64_C(1000000) * SLEEPING_MSEC)
/* Between attempts to start a helper that does not get as far as the first request: from, to. */
#define PAUSE_MIN_NS UINT64_C(1000000000)
#define PAUSE_MAX_NS (60 * PAUSE_MIN_NS)
/* Helpers that were killed and do not end, being stuck in the kernel. */
#define STUCK_MAX 16
/* Helpers that have ended, whose checks may still be on their way. */
#define FORMER_MAX 16

/* Places in files are below, and addresses of programs: 56 bits at most, on any machine. */
#define OFFSET_END  (UINT64_C(1) << 63)
#define ADDRESS_END (UINT64_C(1) << 56)

/* "?+0x", 16 digits and a NUL: any frame, when all that is known of it is its address. */
#define ADDRESS_SIZE 24

struct stuck_helper {
    pid_t pid; /* 0: none */
    uint64_t owner;
};

struct former_helper {
    pid_t pid;
    uint64_t until_ns; /* CLOCK_BOOTTIME: from then on the number may be another's */
};

struct user_symbols {
    struct spawner spawner;
    int socket;   /* owned, -1: no helper */
    pid_t helper; /* 0: none */
    bool ready;   /* it has said so */
    struct helper_progress progress;
    uint64_t pause_ns, start_after_ns;
    struct stuck_helper stuck[STUCK_MAX];
    struct former_helper former[FORMER_MAX];
    size_t former_count; /* so far; the latest are kept */
    struct helper_share share;
    uint64_t failures;
    struct symbolizer_request request;
    struct symbolizer_answer answer;
};

/* -------- the helper -------- */

static void note_end(struct user_symbols *symbols, pid_t pid)
{
    symbols->former[symbols->former_count++ % FORMER_MAX] =
        (struct former_helper){ .pid = pid, .until_ns = (uint64_t)clock_ns(CLOCK_BOOTTIME) };
}

/* A free place among the stuck, NULL: none. Those that have ended meanwhile are no longer there. */
static struct stuck_helper *find_place(struct user_symbols *symbols)
{
    struct stuck_helper *place = NULL;

    for (size_t i = 0; i < STUCK_MAX; i++) {
        struct stuck_helper *stuck = &symbols->stuck[i];

        if (stuck->pid && spawner_has_ended(&symbols->spawner, stuck->pid)) {
            note_end(symbols, stuck->pid);
            stuck->pid = 0;
        }
        if (!stuck->pid)
            place = stuck;
    }
    return place;
}

static bool has_stuck(const struct user_symbols *symbols, uint64_t owner)
{
    for (size_t i = 0; i < STUCK_MAX; i++) {
        if (symbols->stuck[i].pid && symbols->stuck[i].owner == owner)
            return true;
    }
    return false;
}

/* It may be stuck in the kernel, in a file system of the owner's that does not answer: then it ends
 * when it can. */
static void end_helper(struct user_symbols *symbols, uint64_t owner)
{
    struct stuck_helper *place = find_place(symbols);
    bool ended;

    close_fd(&symbols->socket);
    helper_progress_close(&symbols->progress);
    symbols->ready = false;
    if (!symbols->helper)
        return;
    ended = spawner_kill(&symbols->spawner, symbols->helper);
    if (ended)
        note_end(symbols, symbols->helper);
    else if (place)
        *place = (struct stuck_helper){ .pid = symbols->helper, .owner = owner };
    symbols->helper = 0;
}

static int start_helper(struct user_symbols *symbols)
{
    int r;

    if (!find_place(symbols))
        return -EBUSY;
    r = spawner_start(&symbols->spawner, &symbols->helper, &symbols->socket);
    if (r >= 0)
        helper_progress_open(&symbols->progress, symbols->helper);
    return r;
}

int user_symbols_new(struct user_symbols **ret_symbols, struct error *error)
{
    static const struct helper_kind kind = { symbolizer_lay_down, symbolizer_main };
    _cleanup_(user_symbols_free)
    struct user_symbols *symbols = calloc(1, sizeof(*symbols));
    int r;

    if (!symbols)
        return error_set(error, -ENOMEM, "out of memory");
    symbols->socket = -1;
    symbols->progress = HELPER_PROGRESS_NONE;
    symbols->spawner = SPAWNER_NONE;
    r = spawner_begin(&kind, &symbols->spawner);
    if (r >= 0)
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
    end_helper(*symbols, 0);
    spawner_end(&(*symbols)->spawner);
    helper_share_clear(&(*symbols)->share);
    free(*symbols);
    *symbols = NULL;
}

pid_t user_symbols_helper(const struct user_symbols *symbols)
{
    return symbols->helper;
}

bool user_symbols_is_helper(const struct user_symbols *symbols, uint32_t pid, uint64_t time_ns)
{
    if (!pid) /* the kernel's own, which free places bear too */
        return false;
    if ((pid_t)pid == symbols->helper || (pid_t)pid == symbols->spawner.pid)
        return true;
    for (size_t i = 0; i < STUCK_MAX; i++) {
        if ((pid_t)pid == symbols->stuck[i].pid)
            return true;
    }
    for (size_t i = 0; i < FORMER_MAX; i++) {
        if ((pid_t)pid == symbols->former[i].pid && time_ns < symbols->former[i].until_ns)
            return true;
    }
    return false;
}

uint64_t user_symbols_failures(const struct user_symbols *symbols)
{
    return symbols->failures;
}

/* -------- asking -------- */

/* Time is counted in looks, not by the clock: while we have no turn nobody waits. */
static bool wait_for_answer(const struct user_symbols *symbols)
{
    struct pollfd wait = { .fd = symbols->socket, .events = POLLIN };
    int sleeping = 0, running = 0;

    while (sleeping < SLEEPING_MSEC && running < RUNNING_MSEC) {
        int r = poll(&wait, 1, LOOK_MSEC);

        if (r != 0)
            return r > 0;
        if (helper_progress_runs(&symbols->progress))
            running += LOOK_MSEC;
        else
            sleeping += LOOK_MSEC;
    }
    return false;
}

static bool receive(struct user_symbols *symbols, uint32_t count)
{
    return wait_for_answer(symbols) &&
           recv(symbols->socket, &symbols->answer, sizeof(symbols->answer), MSG_DONTWAIT) ==
               (ssize_t)sizeof(symbols->answer) &&
           symbols->answer.count <= count;
}

/* A helper that does not even begin is nobody's fault, and costs nobody his share. */
static bool make_ready(struct user_symbols *symbols)
{
    if (symbols->ready)
        return true;
    if (symbols->socket < 0 &&
        (clock_ns(CLOCK_MONOTONIC) < symbols->start_after_ns || start_helper(symbols) == -EBUSY))
        return false;
    if (symbols->socket >= 0 && receive(symbols, 0)) {
        symbols->ready = true;
        symbols->pause_ns = 0;
        return true;
    }
    end_helper(symbols, 0);
    symbols->pause_ns = MIN(MAX(symbols->pause_ns * 2, PAUSE_MIN_NS), PAUSE_MAX_NS);
    symbols->start_after_ns = clock_ns(CLOCK_MONOTONIC) + symbols->pause_ns;
    return false;
}

static bool ask(struct user_symbols *symbols)
{
    uint64_t owner = symbols->request.owner, asked_ns = clock_ns(CLOCK_MONOTONIC), now;
    uint64_t waited_ns, took_ns;
    bool answered;

    if (!helper_share_allows(&symbols->share, owner, asked_ns) ||
        (find_place(symbols) && has_stuck(symbols, owner)) || !make_ready(symbols))
        return false;
    waited_ns = helper_progress_waited_ns(&symbols->progress);
    asked_ns = clock_ns(CLOCK_MONOTONIC);
    answered = send(symbols->socket, &symbols->request, sizeof(symbols->request), MSG_NOSIGNAL) ==
                   (ssize_t)sizeof(symbols->request) &&
               receive(symbols, symbols->request.count);
    now = clock_ns(CLOCK_MONOTONIC);
    took_ns = now - asked_ns;
    /* That others had the processors is not the owner's doing. */
    waited_ns = helper_progress_waited_ns(&symbols->progress) - waited_ns;
    took_ns -= MIN(took_ns, waited_ns);
    helper_share_took(&symbols->share, owner, now, answered ? took_ns : MAX(took_ns, FAILURE_NS),
                      answered);
    if (!answered)
        end_helper(symbols, owner);
    return answered;
}

/* -------- texts -------- */

/* What is known without anybody's help. */
static size_t format_address(const struct user_frame *frame, char *text)
{
    return (size_t)snprintf(text, ADDRESS_SIZE, "%s0x%" PRIx64,
                            frame->kind == USER_FRAME_IN_FILE ? "?+" : "", (uint64_t)frame->where);
}

/* One after the other; each leaves room for the addresses of those behind it. */
static void add_texts(const struct user_symbols *symbols, bool answered, struct user_frames *frames)
{
    frames->length = 0;
    frames->count = answered ? symbols->answer.count : symbols->request.count;
    for (uint32_t i = 0; i < frames->count; i++) {
        const char *text = symbols->answer.frames[i];
        char *place = frames->text + frames->length;
        size_t left = sizeof(frames->text) - frames->length;
        size_t length = answered ? strnlen(text, SYMBOLIZER_FRAME_SIZE - 1) : 0;

        if (answered && length + 1 + (frames->count - i - 1) * ADDRESS_SIZE <= left)
            memcpy(place, text, length);
        else
            length = format_address(&symbols->request.frames[i], place);
        place[length] = '\0';
        frames->length += (uint32_t)length + 1;
    }
}

/* Frames up to one that lies nowhere: before the start of its file, or where no program does. The
 * kernel makes those up where there are no frame pointers; nothing is true behind one. */
static uint32_t count_frames(const struct capability_stacks *stacks)
{
    uint32_t count = 0;

    for (; count < MIN(stacks->user_count, (uint32_t)EVENT_STACK_DEPTH); count++) {
        const struct user_frame *frame = &stacks->user[count];

        if (frame->where >= (frame->kind == USER_FRAME_IN_FILE ? OFFSET_END : ADDRESS_END))
            break;
    }
    return count;
}

void user_symbols_resolve(struct user_symbols *symbols, const struct capability_event *event,
                          const struct capability_stacks *stacks, uint64_t owner, pid_t neighbour,
                          struct user_frames *ret_frames)
{
    struct symbolizer_request *request = &symbols->request;
    bool answered = false;

    request->owner = owner;
    request->pid = event->pid;
    request->uid = event->uid;
    request->neighbour_pid = (uint32_t)neighbour;
    request->count = count_frames(stacks);
    memcpy(request->comm, event->comm, sizeof(request->comm));
    memcpy(request->frames, stacks->user, request->count * sizeof(stacks->user[0]));
    if (request->count > 0) {
        answered = ask(symbols);
        symbols->failures += !answered;
    }
    add_texts(symbols, answered, ret_frames);
}
