/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long a helper is waited for. In place of the real one: it answers a stack of one frame after
 * two seconds of work, and sleeps for ever over any other.
 */
#include "src/stacks/user_symbols.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/base/clock.h"
#include "src/stacks/symbolizer.h"

#define WORK_NS UINT64_C(2000000000)

static void work(void)
{
    uint64_t until_ns = clock_ns(CLOCK_MONOTONIC) + WORK_NS;

    while (clock_ns(CLOCK_MONOTONIC) < until_ns)
        ;
}

void symbolizer_main(int socket)
{
    static struct symbolizer_request request;
    static struct symbolizer_answer answer;

    (void)send(socket, &answer, sizeof(answer), MSG_NOSIGNAL);
    while (recv(socket, &request, sizeof(request), 0) == (ssize_t)sizeof(request)) {
        while (request.count != 1)
            (void)pause();
        work();
        answer.count = 1;
        (void)snprintf(answer.frames[0], sizeof(answer.frames[0]), "answered");
        (void)send(socket, &answer, sizeof(answer), MSG_NOSIGNAL);
    }
    _exit(0);
}

static void test_patience(void **state)
{
    struct capability_event event = { .pid = (uint32_t)getpid() };
    static struct capability_stacks stacks;
    static struct user_frames frames;
    struct user_symbols *symbols = NULL;
    struct error error = { 0 };

    (void)state;
    assert_int_equal(user_symbols_new(&symbols, &error), 0);
    stacks.user_count = 1;
    user_symbols_resolve(symbols, &event, &stacks, 1, 0, &frames);
    assert_string_equal(frames.text, "answered");
    assert_int_equal(user_symbols_failures(symbols), 0);
    stacks.user_count = 2;
    stacks.user[0].where = 0x10;
    user_symbols_resolve(symbols, &event, &stacks, 1, 0, &frames);
    assert_string_equal(frames.text, "0x10");
    assert_int_equal(user_symbols_failures(symbols), 1);
    user_symbols_free(&symbols);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_patience) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
