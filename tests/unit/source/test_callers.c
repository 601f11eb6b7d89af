/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where callers stand on a stack, as a kernel 6.18 for x86-64 left one, and on such as mislead. */
#include "src/source/callers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct caller_range security_capable = {
    .start = 0xffffffff81a85020,
    .size = 0x60,
    .kind = CALLER_RELAY,
};

/* Of sethostname(): capable() asks security_capable(), which asks cap_capable(). */
static struct caller_sample good(void)
{
    return (struct caller_sample){
        .words = { [10] = 0xffffffff81a7f909,
                   [17] = 0xffffffff81a80183,
                   [19] = 0xffffffff81a8505b,
                   [24] = 0xffffffff813661fe,
                   [26] = 0xffffffff8175ec66,
                   [44] = 0xffffffff821ecc51,
                   [45] = 0xffffffff821ecc51 },
        .frames = { 0xffffffff81a7f909, 0xffffffff81a80183, 0xffffffff81a8505b, 0xffffffff813661fe,
                    0xffffffff8175ec66, 0xffffffff821ecc51, 0xffffffff81000130 },
    };
}

static void test_places(void **state)
{
    struct caller_sample sample = good();
    uint32_t places = callers_find_places(&sample, &security_capable);

    (void)state;
    assert_int_equal(CALLER_INNER(places), 19);
    assert_int_equal(CALLER_OUTER(places), 24);
}

/* A call may be the last instruction of a function; what comes before the first is another's. */
static void test_edges(void **state)
{
    struct caller_range range = security_capable;
    struct caller_sample sample = good();

    (void)state;
    range.size = 0x3b;
    assert_int_not_equal(callers_find_places(&sample, &range), 0);
    range.size--;
    assert_int_equal(callers_find_places(&sample, &range), 0);
    range.size = 0;
    assert_int_equal(callers_find_places(&sample, &range), 0);
    range = security_capable;
    range.start = sample.frames[2];
    assert_int_equal(callers_find_places(&sample, &range), 0);
}

/* What was left on the stack by an earlier call must not be taken for the address. */
static void test_twice(void **state)
{
    struct caller_sample sample = good();

    (void)state;
    sample.words[3] = sample.frames[2];
    assert_int_equal(callers_find_places(&sample, &security_capable), 0);
    sample = good();
    sample.words[CALLER_WORDS - 1] = sample.frames[3];
    assert_int_equal(callers_find_places(&sample, &security_capable), 0);
}

static void test_absent(void **state)
{
    struct caller_sample sample = good();

    (void)state;
    sample.words[19] = 0;
    assert_int_equal(callers_find_places(&sample, &security_capable), 0);
    sample = good();
    sample.words[24] = 0;
    assert_int_equal(callers_find_places(&sample, &security_capable), 0);
    sample = (struct caller_sample){ 0 };
    assert_int_equal(callers_find_places(&sample, &security_capable), 0);
}

/* A caller lies further out than whom it called, and a stack may end before him. */
static void test_order(void **state)
{
    struct caller_sample sample = good();

    (void)state;
    sample.words[24] = 0;
    sample.words[2] = sample.frames[3];
    assert_int_equal(callers_find_places(&sample, &security_capable), 0);
    sample = good();
    for (size_t i = 0; i < CALLER_DEPTH; i++)
        sample.frames[i] = i + 1 == CALLER_DEPTH ? 0xffffffff81a8505b : 1;
    assert_int_equal(callers_find_places(&sample, &security_capable), 0);
    sample = good();
    sample.frames[3] = 0;
    assert_int_equal(callers_find_places(&sample, &security_capable), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places), cmocka_unit_test(test_edges), cmocka_unit_test(test_twice),
        cmocka_unit_test(test_absent), cmocka_unit_test(test_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
