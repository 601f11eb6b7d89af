/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/source/policy_table.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

/* Cgroups whose places are the last of the table: what does not fit there goes on at its start. */
#define CROWD      (POLICY_PROBES + 4)
#define LAST_PLACE (POLICY_SLOTS - 1)

static uint64_t crowd[CROWD];
static uint64_t *table;

static int set_up(void **state)
{
    size_t count = 0;

    (void)state;
    for (uint64_t id = 1; count < CROWD; id++) {
        if (policy_place(id) >= LAST_PLACE - 1)
            crowd[count++] = id;
    }
    table = calloc(POLICY_SLOTS, sizeof(*table));
    return table ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    free(table);
    return 0;
}

static void test_empty(void **state)
{
    (void)state;
    assert_int_equal(policy_table_get(table, crowd[0]), POLICY_UNKNOWN);
    assert_int_equal(policy_table_set(table, crowd[0], POLICY_UNKNOWN), 0);
}

static void test_change(void **state)
{
    (void)state;
    assert_int_equal(policy_table_set(table, crowd[0], POLICY_REPORT), 0);
    assert_int_equal(policy_table_get(table, crowd[0]), POLICY_REPORT);
    assert_int_equal(policy_table_set(table, crowd[0], POLICY_IGNORE), 0);
    assert_int_equal(policy_table_get(table, crowd[0]), POLICY_IGNORE);
    assert_int_equal(policy_table_set(table, crowd[0], POLICY_UNKNOWN), 0);
    assert_int_equal(policy_table_get(table, crowd[0]), POLICY_UNKNOWN);
}

/* A cgroup that finds no room takes none of another's, and finds it when one has gone. */
static void test_no_room(void **state)
{
    size_t stored = 0;

    (void)state;
    while (stored < CROWD && policy_table_set(table, crowd[stored], POLICY_REPORT) == 0)
        stored++;
    assert_in_range(stored, POLICY_PROBES, CROWD - 1);
    assert_int_equal(policy_table_set(table, crowd[stored], POLICY_IGNORE), -ENOSPC);
    assert_int_equal(policy_table_get(table, crowd[stored]), POLICY_UNKNOWN);
    for (size_t i = 0; i < stored; i++)
        assert_int_equal(policy_table_get(table, crowd[i]), POLICY_REPORT);
    for (size_t i = 0; i < stored; i++)
        assert_int_equal(policy_table_set(table, crowd[i], POLICY_UNKNOWN), 0);
    assert_int_equal(policy_table_set(table, crowd[stored], POLICY_IGNORE), 0);
    assert_int_equal(policy_table_get(table, crowd[stored]), POLICY_IGNORE);
}

/* Whatever comes and goes, each one's policy is found, and no other. */
static void test_come_and_go(void **state)
{
    enum policy expected[CROWD] = { POLICY_UNKNOWN };

    (void)state;
    srand(1);
    for (unsigned int step = 0; step < 100000; step++) {
        size_t which = (size_t)rand() % CROWD;
        enum policy policy = (enum policy)(rand() % 3);

        if (policy_table_set(table, crowd[which], policy) == 0)
            expected[which] = policy;
        for (size_t i = 0; i < CROWD; i++)
            assert_int_equal(policy_table_get(table, crowd[i]), expected[i]);
    }
}

static void test_leaves_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < CROWD; i++)
        (void)policy_table_set(table, crowd[i], POLICY_IGNORE);
    for (size_t i = CROWD; i > 0; i--)
        (void)policy_table_set(table, crowd[i - 1], POLICY_UNKNOWN);
    for (size_t place = 0; place < POLICY_SLOTS; place++)
        assert_int_equal(table[place], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_empty, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_change, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_room, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_come_and_go, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_leaves_nothing, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
