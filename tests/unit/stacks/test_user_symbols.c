/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The whole way of a user stack, with a real helper: this program's own frames. */
#include "src/stacks/stacks.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>

#include <cmocka.h>

#define OWNER 7

static struct user_symbols *symbols;
static struct user_frames frames;

/* Of `count` frames, each this function. */
static void resolve(uint64_t owner, uint32_t count)
{
    struct capability_event event = { .pid = (uint32_t)getpid(), .uid = geteuid() };
    struct capability_stacks stacks = { .user_count = count };

    for (uint32_t i = 0; i < count; i++) {
        stacks.user[i].kind = USER_FRAME_ADDRESS;
        stacks.user[i].where = (uintptr_t)resolve + 1;
    }
    user_symbols_resolve(symbols, &event, &stacks, owner, 0, &frames);
}

static bool is_answered(void)
{
    return strncmp(frames.text, "resolve+0x1 [test_user_symbols]", 31) == 0;
}

static bool is_address(void)
{
    char address[32];

    (void)snprintf(address, sizeof(address), "0x%lx", (unsigned long)(uintptr_t)resolve + 1);
    return strcmp(frames.text, address) == 0;
}

static int set_up(void **state)
{
    struct error error = { 0 };

    (void)state;
    return user_symbols_new(&symbols, &error);
}

static int tear_down(void **state)
{
    (void)state;
    user_symbols_free(&symbols);
    return 0;
}

static void test_frames(void **state)
{
    size_t length;

    (void)state;
    resolve(OWNER, 0);
    assert_int_equal(frames.count, 0);
    assert_int_equal(frames.length, 0);
    resolve(OWNER, 3);
    assert_int_equal(frames.count, 3);
    assert_true(is_answered());
    length = strlen(frames.text) + 1;
    assert_int_equal(frames.length, 3 * length);
    assert_string_equal(frames.text, frames.text + 2 * length);
    assert_int_equal(user_symbols_failures(symbols), 0);
}

/* What follows one that cannot be is not true either, whether the helper has to say so or not. */
static void test_frames_that_cannot_be(void **state)
{
    static const struct user_frame impossible[] = {
        { .kind = USER_FRAME_ADDRESS, .where = 0x33373d454d414e54 }, /* "TNAME=73" */
        { .kind = USER_FRAME_IN_FILE, .where = 0xffffffffffc00000 },
        { .kind = USER_FRAME_ADDRESS, .where = 1 },
    };
    struct capability_event event = { .pid = (uint32_t)getpid(), .uid = geteuid() };
    struct capability_stacks stacks = { .user_count = 3 };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(impossible); i++) {
        stacks.user[0] = stacks.user[2] =
            (struct user_frame){ .kind = USER_FRAME_ADDRESS, .where = (uintptr_t)resolve + 1 };
        stacks.user[1] = impossible[i];
        user_symbols_resolve(symbols, &event, &stacks, OWNER, 0, &frames);
        assert_int_equal(frames.count, 1);
        assert_true(is_answered());
    }
    assert_int_equal(user_symbols_failures(symbols), 0);
    stacks.user[0] = impossible[0];
    user_symbols_resolve(symbols, &event, &stacks, OWNER, 0, &frames);
    assert_int_equal(frames.count, 0);
}

/* One owner's stacks end the helper again and again: his are addresses, others' are not. */
static void test_failures(void **state)
{
    uint64_t failures = 0;

    (void)state;
    resolve(OWNER, 1);
    while (is_answered()) {
        pid_t helper = user_symbols_helper(symbols);

        assert_true(failures < 100);
        assert_int_equal(kill(helper, SIGKILL), 0);
        resolve(OWNER, 1);
        /* What it did is still on its way; another process may have its number now. */
        assert_true(user_symbols_is_helper(symbols, (uint32_t)helper, 1));
        assert_false(user_symbols_is_helper(symbols, (uint32_t)helper, UINT64_MAX));
        assert_false(user_symbols_is_helper(symbols, 0, 1));
        assert_true(is_address());
        assert_int_equal(user_symbols_failures(symbols), ++failures);
        resolve(OWNER, 1); /* by the next one, until the share is used up */
    }
    assert_true(failures > 1);
    assert_true(is_address());
    assert_int_equal(user_symbols_failures(symbols), failures + 1);
    resolve(OWNER + 1, 1);
    assert_true(is_answered());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_frames, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_frames_that_cannot_be, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_failures, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
