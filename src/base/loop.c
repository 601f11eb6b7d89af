/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/base/loop.h"

#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>

/* How much later than asked a timer may fire, to share a wake-up with a neighbour. */
#define TIMER_SLACK_USEC 100

struct loop {
    sd_event *event;
    sd_event_source *signals;
    int signal_fd;
    enum loop_end why;
    bool (*takes)(void *userdata, int number); /* NULL: every signal ends the loop */
    void *userdata;
};

static int block_signals(sigset_t *ret_set)
{
    struct sigaction hangup;
    sigset_t set;

    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGTERM);
    /* nohup(1) ignores it for us; a blocked signal would arrive all the same. */
    if (sigaction(SIGHUP, NULL, &hangup) < 0)
        return -errno;
    if (hangup.sa_handler != SIG_IGN)
        (void)sigaddset(&set, SIGHUP);

    if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
        return -errno;
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
        return -errno;
    *ret_set = set;
    return 0;
}

/* From the first signal on, an interrupt from the keyboard has its default effect again: it ends
 * the process even where the loop no longer turns. */
static void let_interrupt_kill(void)
{
    sigset_t interrupt;

    (void)sigemptyset(&interrupt);
    (void)sigaddset(&interrupt, SIGINT);
    (void)signal(SIGINT, SIG_DFL);
    (void)sigprocmask(SIG_UNBLOCK, &interrupt, NULL);
}

static void take_signals(struct loop *loop)
{
    struct signalfd_siginfo taken[3]; /* one of each: the same one twice is pending only once */
    ssize_t size;

    size = read(loop->signal_fd, taken, sizeof(taken));
    for (size_t i = 0; size > 0 && i < (size_t)size / sizeof(taken[0]); i++) {
        int number = (int)taken[i].ssi_signo;
        bool ends = !loop->takes || !loop->takes(loop->userdata, number);

        if (ends)
            loop_end(loop, LOOP_END_SIGNAL);
        if (ends || number == SIGINT)
            let_interrupt_kill();
    }
}

static int on_signal(UNUSED sd_event_source *source, UNUSED int fd, UNUSED uint32_t events,
                     void *userdata)
{
    take_signals(userdata);
    return 0;
}

int loop_new(struct loop **ret_loop)
{
    _cleanup_(loop_free)
    struct loop *loop = NULL;
    sigset_t signals;
    int r;

    loop = calloc(1, sizeof(*loop));
    if (!loop)
        return -ENOMEM;
    loop->signal_fd = -1;

    r = sd_event_new(&loop->event);
    if (r < 0)
        return r;
    r = block_signals(&signals);
    if (r < 0)
        return r;
    loop->signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    if (loop->signal_fd < 0)
        return -errno;
    r = sd_event_add_io(loop->event, &loop->signals, loop->signal_fd, EPOLLIN, on_signal, loop);
    if (r < 0)
        return r;
    /* Before all other work: a storm of events must not hold up the end. */
    r = sd_event_source_set_priority(loop->signals, SD_EVENT_PRIORITY_IMPORTANT);
    if (r < 0)
        return r;
    (void)sd_event_source_set_description(loop->signals, "signals");

    *ret_loop = TAKE_PTR(loop);
    return 0;
}

void loop_free(struct loop **loop)
{
    if (!*loop)
        return;
    sd_event_source_unref((*loop)->signals);
    sd_event_unref((*loop)->event);
    close_fd(&(*loop)->signal_fd);
    free(*loop);
    *loop = NULL;
}

sd_event *loop_event(struct loop *loop)
{
    return loop->event;
}

int loop_run(struct loop *loop)
{
    while (loop->why == LOOP_END_NONE) {
        int r = sd_event_run(loop->event, UINT64_MAX);

        if (r < 0)
            return r;
    }
    return (int)loop->why;
}

void loop_end(struct loop *loop, enum loop_end why)
{
    if (loop->why == LOOP_END_NONE)
        loop->why = why;
}

void loop_resume(struct loop *loop)
{
    loop->why = LOOP_END_NONE;
}

void loop_on_signal(struct loop *loop, bool (*takes)(void *userdata, int number), void *userdata)
{
    loop->takes = takes;
    loop->userdata = userdata;
}

enum loop_end loop_ended(struct loop *loop)
{
    if (loop->why == LOOP_END_NONE)
        take_signals(loop);
    return loop->why;
}

int loop_signal_fd(const struct loop *loop)
{
    return loop->signal_fd;
}

int loop_timer(sd_event *event, uint64_t usec, const char *description,
               sd_event_time_handler_t handler, void *userdata, sd_event_source **ret_source)
{
    sd_event_source *source = NULL;
    int r;

    r = sd_event_add_time_relative(event, &source, CLOCK_BOOTTIME, usec, TIMER_SLACK_USEC, handler,
                                   userdata);
    if (r < 0)
        return r;
    (void)sd_event_source_set_description(source, description);
    *ret_source = source;
    return 0;
}
