/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/base/loop.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/wait.h>

#include <cmocka.h>

/* Each test runs in a child: signal masks and dispositions belong to the process. Exit status 0 is
 * success; other statuses are the numbers of the checks below. */
#define CHECK(number, condition) \
    do {                         \
        if (!(condition))        \
            _exit(number);       \
    } while (0)

static int status_of(void (*child)(void))
{
    int status = -1;
    pid_t pid;

    (void)fflush(NULL); /* the child ends as a program does, and writes what it finds */
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)alarm(20); /* a guard against hanging */
        child();
        exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static int end_by_timer(UNUSED sd_event_source *source, UNUSED uint64_t usec, void *userdata)
{
    loop_end(userdata, LOOP_END_TIMEOUT);
    loop_end(userdata, LOOP_END_FAILED);
    return 0;
}

static int raise_by_timer(UNUSED sd_event_source *source, UNUSED uint64_t usec, void *userdata)
{
    const int *number = userdata;

    (void)raise(*number);
    return 0;
}

static void child_timer(void)
{
    sd_event_source *timer = NULL;
    struct loop *loop = NULL;

    CHECK(1, loop_new(&loop) == 0);
    CHECK(2, loop_timer(loop_event(loop), 1000, "test", end_by_timer, loop, &timer) == 0);
    CHECK(3, loop_ended(loop) == LOOP_END_NONE);
    CHECK(4, loop_run(loop) == LOOP_END_TIMEOUT);
    CHECK(5, loop_ended(loop) == LOOP_END_TIMEOUT);
    sd_event_source_unref(timer);
    loop_free(&loop);
    CHECK(6, !loop);
    loop_free(&loop);
}

static void test_timer_ends_and_first_reason_stays(UNUSED void **state)
{
    assert_int_equal(status_of(child_timer), 0);
}

static void child_ended_before_run(void)
{
    struct loop *loop = NULL;

    CHECK(1, loop_new(&loop) == 0);
    loop_end(loop, LOOP_END_DONE);
    CHECK(2, loop_run(loop) == LOOP_END_DONE);
    loop_free(&loop);
}

static void test_end_before_run(UNUSED void **state)
{
    assert_int_equal(status_of(child_ended_before_run), 0);
}

static void run_until_signal(int number)
{
    sd_event_source *timer = NULL;
    struct loop *loop = NULL;

    CHECK(1, loop_new(&loop) == 0);
    CHECK(2, loop_timer(loop_event(loop), 1000, "test", raise_by_timer, &number, &timer) == 0);
    CHECK(3, loop_run(loop) == LOOP_END_SIGNAL);
    sd_event_source_unref(timer);
    loop_free(&loop);
}

static void child_signals(void)
{
    run_until_signal(SIGINT);
    run_until_signal(SIGTERM);
    run_until_signal(SIGHUP);
}

static void test_each_signal_ends(UNUSED void **state)
{
    assert_int_equal(status_of(child_signals), 0);
}

static bool is_readable(int fd)
{
    struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

    return poll(&poll_fd, 1, 0) == 1;
}

static void child_signal_outside_run(void)
{
    struct loop *loop = NULL;

    CHECK(1, loop_new(&loop) == 0);
    CHECK(2, !is_readable(loop_signal_fd(loop)));
    CHECK(3, raise(SIGTERM) == 0);
    CHECK(4, is_readable(loop_signal_fd(loop)));
    CHECK(5, loop_ended(loop) == LOOP_END_SIGNAL);
    CHECK(6, !is_readable(loop_signal_fd(loop)));
    CHECK(7, raise(SIGTERM) == 0); /* a writer that waits for its reader is told again */
    CHECK(8, is_readable(loop_signal_fd(loop)));
    CHECK(9, loop_run(loop) == LOOP_END_SIGNAL);
    loop_free(&loop);
}

static void test_signal_outside_run_is_noticed(UNUSED void **state)
{
    assert_int_equal(status_of(child_signal_outside_run), 0);
}

static void child_second_interrupt(void)
{
    struct loop *loop = NULL;

    CHECK(1, loop_new(&loop) == 0);
    CHECK(2, raise(SIGINT) == 0);
    CHECK(3, loop_ended(loop) == LOOP_END_SIGNAL);
    (void)raise(SIGINT);
    _exit(4);
}

static void test_second_interrupt_kills(UNUSED void **state)
{
    int status = status_of(child_second_interrupt);

    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGINT);
}

struct taken {
    int last;
    int count;
};

static bool take(void *userdata, int number)
{
    struct taken *taken = userdata;

    taken->last = number;
    return ++taken->count <= 3;
}

static void child_signals_taken(void)
{
    struct taken taken = { 0 };
    struct loop *loop = NULL;

    CHECK(1, loop_new(&loop) == 0);
    loop_on_signal(loop, take, &taken);
    CHECK(2, raise(SIGTERM) == 0);
    CHECK(3, loop_ended(loop) == LOOP_END_NONE && taken.last == SIGTERM);
    CHECK(4, raise(SIGHUP) == 0);
    CHECK(5, raise(SIGTERM) == 0);
    CHECK(6, loop_ended(loop) == LOOP_END_NONE && taken.count == 3);
    CHECK(7, raise(SIGTERM) == 0);
    CHECK(8, loop_run(loop) == LOOP_END_SIGNAL && taken.count == 4);
    loop_free(&loop);
}

static void test_signals_can_be_taken(UNUSED void **state)
{
    assert_int_equal(status_of(child_signals_taken), 0);
}

static void child_interrupt_taken(void)
{
    struct taken taken = { 0 };
    struct loop *loop = NULL;

    CHECK(1, loop_new(&loop) == 0);
    loop_on_signal(loop, take, &taken);
    CHECK(2, raise(SIGINT) == 0);
    CHECK(3, loop_ended(loop) == LOOP_END_NONE && taken.last == SIGINT);
    (void)raise(SIGINT);
    _exit(4);
}

static void test_second_interrupt_kills_also_if_taken(UNUSED void **state)
{
    int status = status_of(child_interrupt_taken);

    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGINT);
}

static void child_resumed(void)
{
    sd_event_source *timer = NULL;
    struct loop *loop = NULL;

    CHECK(1, loop_new(&loop) == 0);
    loop_end(loop, LOOP_END_DONE);
    CHECK(2, loop_run(loop) == LOOP_END_DONE);
    loop_resume(loop);
    CHECK(3, loop_ended(loop) == LOOP_END_NONE);
    CHECK(4, loop_timer(loop_event(loop), 1000, "test", end_by_timer, loop, &timer) == 0);
    CHECK(5, loop_run(loop) == LOOP_END_TIMEOUT);
    sd_event_source_unref(timer);
    loop_free(&loop);
}

static void test_resume(UNUSED void **state)
{
    assert_int_equal(status_of(child_resumed), 0);
}

static void child_ignored(void)
{
    struct loop *loop = NULL;
    int ends[2];

    (void)signal(SIGHUP, SIG_IGN);
    CHECK(1, loop_new(&loop) == 0);
    CHECK(2, raise(SIGHUP) == 0);
    CHECK(3, loop_ended(loop) == LOOP_END_NONE);
    CHECK(4, pipe(ends) == 0 && close(ends[0]) == 0);
    CHECK(5, write(ends[1], "", 1) == -1 && errno == EPIPE);
    CHECK(6, close(ends[1]) == 0);
    loop_free(&loop);
}

static void test_nohup_and_broken_pipe_do_not_end(UNUSED void **state)
{
    assert_int_equal(status_of(child_ignored), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_timer_ends_and_first_reason_stays),
        cmocka_unit_test(test_end_before_run),
        cmocka_unit_test(test_each_signal_ends),
        cmocka_unit_test(test_signal_outside_run_is_noticed),
        cmocka_unit_test(test_second_interrupt_kills),
        cmocka_unit_test(test_signals_can_be_taken),
        cmocka_unit_test(test_second_interrupt_kills_also_if_taken),
        cmocka_unit_test(test_resume),
        cmocka_unit_test(test_nohup_and_broken_pipe_do_not_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
