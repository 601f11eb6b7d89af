/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Entries that wait for their repeats: none is lost, and no number of names makes many of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "src/sink/journal_repeat.h"

static void check(struct repeats *repeats, const char *first, const char *second)
{
    struct text key = { 0 }, entry = { 0 }, message = { 0 };
    struct repeat_key both;
    struct repeat *repeat;

    text_add_string(&key, first);
    text_add_string(&key, second);
    text_add_string(&entry, first);
    text_add_string(&message, second);
    both = (struct repeat_key){ key.data, key.length, strlen(first) };
    repeat = repeats_find(repeats, &both);
    if (repeat)
        repeat->checks++;
    else
        assert_int_equal(repeats_add(repeats, &both, 7, &entry, &message), 0);
    text_clear(&key);
    text_clear(&entry);
    text_clear(&message);
}

static uint64_t sum(const struct repeats *repeats)
{
    struct repeat *repeat;
    uint64_t checks = 0;

    TAILQ_FOREACH (repeat, &repeats->waiting, next)
        checks += repeat->checks;
    return checks;
}

static void test_repeats(UNUSED void **state)
{
    struct repeats repeats;

    repeats_init(&repeats);
    assert_null(repeats_first(&repeats));
    for (size_t i = 0; i < 1000; i++) {
        check(&repeats, "web", i % 2 ? "nice" : "ls");
        check(&repeats, "db", "nice");
    }
    assert_int_equal(repeats.count, 3);
    assert_int_equal(sum(&repeats), 2000);
    assert_int_equal(repeats_first(&repeats)->checks, 500);
    assert_memory_equal(repeats_first(&repeats)->message.data, "ls", 2);
    repeats_drop(&repeats, repeats_first(&repeats));
    check(&repeats, "web", "ls");
    assert_int_equal(repeats.count, 3);
    assert_int_equal(sum(&repeats), 1501);
    repeats_clear(&repeats);
    assert_int_equal(repeats.count, 0);
    assert_int_equal(repeats.size, 0);
}

static void test_many_names(UNUSED void **state)
{
    struct repeats repeats;
    struct repeat *repeat;
    char name[16];

    repeats_init(&repeats);
    for (unsigned int i = 0; i < 5000; i++) {
        (void)snprintf(name, sizeof(name), "%u", i);
        check(&repeats, "hostile,", name);
        check(&repeats, "other,", "one");
    }
    assert_int_equal(repeats.count, REPEATS_FINE_MAX + 2);
    assert_int_equal(sum(&repeats), 10000);
    TAILQ_FOREACH (repeat, &repeats.waiting, next)
        assert_int_equal(repeat->others, repeat->checks == 5000 - REPEATS_FINE_MAX);
    /* The rest begins anew when the names are forgotten. */
    while ((repeat = repeats_first(&repeats)))
        repeats_drop(&repeats, repeat);
    check(&repeats, "hostile,", "again");
    assert_false(repeats_first(&repeats)->others);
    repeats_clear(&repeats);
}

static void test_bounds(UNUSED void **state)
{
    struct repeats repeats;
    char name[16];

    repeats_init(&repeats);
    for (unsigned int i = 0; i < REPEATS_MAX; i++) {
        assert_false(repeats_are_full(&repeats));
        (void)snprintf(name, sizeof(name), "%u", i);
        check(&repeats, name, "");
    }
    assert_true(repeats_are_full(&repeats));
    repeats_clear(&repeats);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_repeats),
        cmocka_unit_test(test_many_names),
        cmocka_unit_test(test_bounds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
