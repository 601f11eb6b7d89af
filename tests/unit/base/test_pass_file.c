/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/base/pass_file.h"

static int ends[2];

static int set_up(UNUSED void **state)
{
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends);
}

static int tear_down(UNUSED void **state)
{
    (void)close(ends[0]);
    (void)close(ends[1]);
    return 0;
}

/* What is written into the one is read from the other. */
static void test_a_file(UNUSED void **state)
{
    int pipe[2], taken, number = 0;
    char byte = 0;

    assert_int_equal(pipe2(pipe, O_CLOEXEC), 0);
    assert_int_equal(pass_file(ends[0], &(int){ 4711 }, sizeof(int), pipe[1], 0), 0);
    assert_int_equal(close(pipe[1]), 0);
    assert_int_equal(take_file(ends[1], &number, sizeof(number), &taken), sizeof(number));
    assert_int_equal(number, 4711);
    assert_true(fcntl(taken, F_GETFD) & FD_CLOEXEC);
    assert_int_equal(write(taken, "x", 1), 1);
    assert_int_equal(read(pipe[0], &byte, 1), 1);
    assert_int_equal(byte, 'x');
    assert_int_equal(close(taken), 0);
    assert_int_equal(close(pipe[0]), 0);
}

static void test_bytes_alone(UNUSED void **state)
{
    int taken = 0, number = 0;

    assert_int_equal(pass_file(ends[0], &(int){ 4712 }, sizeof(int), -1, 0), 0);
    assert_int_equal(take_file(ends[1], &number, sizeof(number), &taken), sizeof(number));
    assert_int_equal(number, 4712);
    assert_int_equal(taken, -1);
}

static void test_the_other_has_gone(UNUSED void **state)
{
    int taken = 0;
    char byte;

    assert_int_equal(shutdown(ends[0], SHUT_WR), 0);
    assert_int_equal(take_file(ends[1], &byte, 1, &taken), 0);
    assert_int_equal(taken, -1);
    assert_int_equal(close(ends[1]), 0);
    assert_int_equal(pass_file(ends[0], "", 1, STDERR_FILENO, 0), -EPIPE);
    assert_int_equal(take_file(-1, &byte, 1, &taken), -EBADF);
}

/* A reader that is behind makes nobody wait who does not want to. */
static void test_no_room(UNUSED void **state)
{
    int r = 0;

    while (r >= 0)
        r = pass_file(ends[0], "", 1, STDERR_FILENO, MSG_DONTWAIT);
    assert_true(r == -EAGAIN || r == -ETOOMANYREFS);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_file),
        TEST(test_bytes_alone),
        TEST(test_the_other_has_gone),
        TEST(test_no_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
