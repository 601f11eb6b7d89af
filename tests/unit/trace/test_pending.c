/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/trace/pending.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct captured_stacks stacks;

static int add(struct pending_events *pending, uint32_t number, uint64_t *total)
{
    struct capability_event event = {
        .pid = number,
        .flags = number % 3 ? 0 : EVENT_KERNEL_STACK,
    };

    stacks.kernel_count = 1;
    stacks.kernel[0] = number;
    return pending_add(pending, &event, &stacks, total);
}

/* Reads them all and says how many there were. */
static uint32_t check(const struct pending_events *pending)
{
    const struct capability_event *event;
    const struct captured_stacks *captured;
    size_t offset = 0;
    uint32_t number = 0;

    while ((event = pending_next(pending, &offset, &captured))) {
        assert_int_equal(event->pid, number);
        if (number % 3) {
            assert_null(captured);
        } else {
            assert_int_equal(captured->kernel_count, 1);
            assert_int_equal(captured->kernel[0], number);
        }
        number++;
    }
    return number;
}

static void test_order(void **state)
{
    struct pending_events first = { 0 }, second = { 0 };
    uint64_t total = 0;

    (void)state;
    assert_int_equal(check(&first), 0);
    for (uint32_t i = 0; i < 1000; i++) {
        assert_int_equal(add(&first, i, &total), 0);
        if (i < 10)
            assert_int_equal(add(&second, i, &total), 0);
    }
    assert_int_equal(check(&first), 1000);
    assert_int_equal(check(&second), 10);
    pending_clear(&first, &total);
    assert_int_equal(check(&first), 0);
    assert_int_equal(check(&second), 10);
    assert_int_equal(total, second.length);
    assert_int_equal(add(&first, 0, &total), 0);
    assert_int_equal(check(&first), 1);
    pending_clear(&first, &total);
    pending_clear(&second, &total);
    assert_int_equal(total, 0);
}

/* The bound is one for all: who comes when it is reached is refused, and nothing is lost. */
static void test_bound(void **state)
{
    struct pending_events first = { 0 }, second = { 0 };
    uint64_t total = 0;
    uint32_t count = 0;
    int r;

    (void)state;
    while ((r = add(&first, count, &total)) == 0)
        count++;
    assert_int_equal(r, -ENOBUFS);
    assert_in_range(total, PENDING_SIZE_MAX - sizeof(struct capability_event) - sizeof(stacks),
                    PENDING_SIZE_MAX);
    assert_int_equal(add(&second, 0, &total), -ENOBUFS);
    assert_int_equal(check(&first), count);
    pending_clear(&first, &total);
    assert_int_equal(add(&second, 0, &total), 0);
    pending_clear(&second, &total);
}

/* Of a stack as much is kept as there is; an event may come without the one that it has. */
static void test_texts(void **state)
{
    const struct capability_event event = { .flags = EVENT_USER_STACK };
    const struct captured_stacks *captured;
    const struct capability_event *kept;
    struct pending_events pending = { 0 };
    uint64_t total = 0;
    size_t offset = 0;

    (void)state;
    for (uint32_t length = 0; length <= sizeof(stacks.user.text); length += 97) {
        stacks.user.count = stacks.user.length = length;
        memset(stacks.user.text, (int)(length & 0x7f), length);
        assert_int_equal(pending_add(&pending, &event, &stacks, &total), 0);
        assert_int_equal(pending_add(&pending, &event, NULL, &total), 0);
    }
    for (uint32_t length = 0; length <= sizeof(stacks.user.text); length += 97) {
        assert_non_null(pending_next(&pending, &offset, &captured));
        memset(stacks.user.text, (int)(length & 0x7f), length);
        assert_int_equal(captured->user.length, length);
        assert_memory_equal(captured->user.text, stacks.user.text, length);
        kept = pending_next(&pending, &offset, &captured);
        assert_int_equal(kept->flags, 0);
        assert_null(captured);
    }
    assert_null(pending_next(&pending, &offset, &captured));
    assert_int_equal(total, pending.length);
    pending_clear(&pending, &total);
    stacks.user.count = stacks.user.length = 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_bound),
        cmocka_unit_test(test_texts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
