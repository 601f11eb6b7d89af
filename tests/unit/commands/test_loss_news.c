/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A storm that loses in each batch: one line at once, the rest a second later, in one. */
#include "src/commands/loss_news.h"

#include "tests/unit/ear.h"

static size_t count_lines(const char *words)
{
    size_t lines = 0;

    for (; (words = strchr(words, '\n')); words++)
        lines++;
    return lines;
}

static void test_a_storm(UNUSED void **state)
{
    struct loss_news warnings;
    sd_event *event = NULL;
    struct ear ear;

    assert_true(sd_event_new(&event) >= 0);
    assert_int_equal(loss_news_init(&warnings, event), 0);
    ear_open(&ear, STDERR_FILENO);
    for (int i = 0; i < 100; i++)
        loss_news_add(&warnings, LOSS_RING_FULL, 3);
    assert_int_equal(count_lines(ear_words(&ear)), 1);
    assert_non_null(strstr(ear_words(&ear), "3 events were lost, as the ring buffer was full"));
    while (count_lines(ear_words(&ear)) < 2)
        assert_true(sd_event_run(event, UINT64_MAX) >= 0);
    assert_non_null(strstr(ear_words(&ear), "297 events were lost (300 in all)"));

    /* Quiet for a second: the next one is told at once. */
    assert_true(sd_event_run(event, UINT64_MAX) > 0);
    loss_news_add(&warnings, LOSS_PREEMPTED, 1);
    assert_non_null(strstr(ear_words(&ear), "1 events were lost, as tasks were"));
    ear_close(&ear);
    ear_clear(&ear);
    loss_news_clear(&warnings);
    sd_event_unref(event);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_a_storm) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
