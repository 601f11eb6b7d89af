/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The process that starts helpers for us, with helpers that say what they have and wait. */
#include "src/base/spawner.h"

#include <errno.h>
#include <sys/socket.h>

#include "tests/unit/child.h"

static bool cannot_lay_down;

static int lay_down(void)
{
    return cannot_lay_down ? -EPERM : 0;
}

/* The spawner's: it ends as programs do, so that the lines that it has run are counted. */
void _exit(int status)
{
    exit(status);
}

/* What a helper says of itself. */
struct word {
    pid_t pid;
    int descriptors; /* the greatest that is open */
};

static void serve(int socket)
{
    struct word word = { .pid = getpid() };
    char end;

    for (int fd = 0; fd < 1024; fd++) {
        if (fcntl(fd, F_GETFD) >= 0)
            word.descriptors = fd;
    }
    (void)send(socket, &word, sizeof(word), MSG_NOSIGNAL);
    (void)recv(socket, &end, sizeof(end), 0); /* until its caller is gone */
}

static const struct helper_kind kind = { lay_down, serve };

/* -------- the stage -------- */

struct helper {
    pid_t pid;
    int socket;
};

static struct spawner spawner;

static int set_up(UNUSED void **state)
{
    cannot_lay_down = false;
    return spawner_begin(&kind, &spawner);
}

static int tear_down(UNUSED void **state)
{
    spawner_end(&spawner);
    return 0;
}

static struct helper start(void)
{
    struct helper helper;
    struct word word;

    assert_int_equal(spawner_start(&spawner, &helper.pid, &helper.socket), 0);
    assert_int_equal(recv(helper.socket, &word, sizeof(word), 0), sizeof(word));
    assert_int_equal(word.pid, helper.pid);
    assert_int_equal(word.descriptors, STDERR_FILENO + 1);
    return helper;
}

static void wait_for_end(const struct helper *helper)
{
    while (!spawner_has_ended(&spawner, helper->pid))
        (void)usleep(1000);
}

/* -------- what it does -------- */

/* They have nothing of ours, not even what the other has. */
static void test_starts_helpers(UNUSED void **state)
{
    int ours = dup(STDERR_FILENO);
    struct helper first = start(), second = start();

    assert_int_not_equal(first.pid, second.pid);
    assert_false(spawner_has_ended(&spawner, first.pid));
    close_fd(&first.socket);
    wait_for_end(&first);
    assert_false(spawner_has_ended(&spawner, second.pid));
    close_fd(&second.socket);
    (void)close(ours);
}

static void test_kills_helpers(UNUSED void **state)
{
    struct helper helper = start();
    char byte;

    (void)spawner_kill(&spawner, helper.pid);
    wait_for_end(&helper);
    assert_int_equal(recv(helper.socket, &byte, sizeof(byte), 0), 0);
    close_fd(&helper.socket);
    (void)spawner_kill(&spawner, helper.pid); /* it has gone, and its number with it */
    helper = start();
    close_fd(&helper.socket);
}

/* One that is stopped is ended, too. */
static void test_kills_one_that_hangs(UNUSED void **state)
{
    struct helper helper = start();

    assert_int_equal(kill(helper.pid, SIGSTOP), 0);
    assert_false(spawner_has_ended(&spawner, helper.pid));
    (void)spawner_kill(&spawner, helper.pid);
    wait_for_end(&helper);
    close_fd(&helper.socket);
}

/* Its caller may be mistaken, or worse: it ends no process but its own. */
static void test_kills_nobody_else(UNUSED void **state)
{
    pid_t other = child_start(NULL, NULL);
    struct helper helper;

    (void)spawner_kill(&spawner, other);
    (void)spawner_kill(&spawner, 0);
    (void)spawner_kill(&spawner, -1);
    assert_int_equal(waitpid(other, NULL, WNOHANG), 0);
    assert_true(spawner_has_ended(&spawner, 0));
    assert_true(spawner_has_ended(&spawner, other));
    child_end(other);
    helper = start();
    close_fd(&helper.socket);
}

/* -------- its own end -------- */

static void test_does_not_begin_with_powers(UNUSED void **state)
{
    struct spawner another = SPAWNER_NONE;

    cannot_lay_down = true;
    assert_int_equal(spawner_begin(&kind, &another), -EPIPE);
}

static void test_gone(UNUSED void **state)
{
    struct helper helper = start();

    assert_int_equal(kill(spawner.pid, SIGKILL), 0);
    while (!spawner_has_ended(&spawner, helper.pid))
        (void)usleep(1000);
    assert_true(spawner_start(&spawner, &helper.pid, &helper.socket) < 0);
    close_fd(&helper.socket);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_starts_helpers),
        TEST(test_kills_helpers),
        TEST(test_kills_one_that_hangs),
        TEST(test_kills_nobody_else),
        TEST(test_does_not_begin_with_powers),
        TEST(test_gone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
