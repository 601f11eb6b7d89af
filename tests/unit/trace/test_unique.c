/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/trace/unique.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static bool repeats(struct unique *unique, const char *key, uint8_t capability, uint8_t denied)
{
    const struct capability_event event = { .capability = capability, .denied = denied };

    return unique_is_repeat(unique, key, &event);
}

static void test_key_capability_and_verdict(UNUSED void **state)
{
    struct unique unique;

    unique_init(&unique);
    assert_false(repeats(&unique, "web", 23, 0));
    assert_true(repeats(&unique, "web", 23, 0));
    assert_false(repeats(&unique, "web", 23, 1)); /* an Allow does not hide a Deny */
    assert_true(repeats(&unique, "web", 23, 1));
    assert_true(repeats(&unique, "web", 23, 0));
    assert_false(repeats(&unique, "web", 0, 0));
    assert_false(repeats(&unique, "web", 63, 0));
    assert_true(repeats(&unique, "web", 63, 0));
    assert_false(repeats(&unique, "db", 23, 0));
    assert_false(repeats(&unique, "", 23, 0)); /* the host */
    assert_true(repeats(&unique, "", 23, 0));
    unique_clear(&unique);
}

/* With --all there are others' checks and an engine's, too: they hide nothing of its own. */
static void test_others_hide_nothing(UNUSED void **state)
{
    static const uint32_t others[] = { EVENT_FOREIGN, EVENT_OVERRIDDEN, EVENT_SETUP };
    struct unique unique;

    for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
        const struct capability_event other = { .capability = 21, .flags = others[i] };

        unique_init(&unique);
        assert_false(unique_is_repeat(&unique, "web", &other));
        assert_true(unique_is_repeat(&unique, "web", &other));
        assert_false(repeats(&unique, "web", 21, 0));
        assert_true(repeats(&unique, "web", 21, 0));
        assert_true(unique_is_repeat(&unique, "web", &other));
        unique_clear(&unique);
    }
}

static void test_without_room_all_is_shown(UNUSED void **state)
{
    struct unique unique;

    unique_init(&unique);
    unique.containers.limit = 1;
    assert_false(repeats(&unique, "web", 23, 0));
    assert_false(repeats(&unique, "db", 23, 0));
    assert_false(repeats(&unique, "db", 23, 0));
    assert_true(repeats(&unique, "web", 23, 0));
    assert_int_equal(unique.evictions, 2);
    unique_clear(&unique);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_key_capability_and_verdict),
        cmocka_unit_test(test_others_hide_nothing),
        cmocka_unit_test(test_without_room_all_is_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
