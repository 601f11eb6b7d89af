/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A storm that loses in each batch: one line at once, the rest a second later, in one. */
#include <setjmp.h>
#include <stdarg.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "src/commands/loss_news.h"

struct ear {
    int fd, real;
    char words[1024];
};

static void ear_open(struct ear *ear)
{
    *ear = (struct ear){ .fd = memfd_create("stderr", MFD_CLOEXEC), .real = dup(STDERR_FILENO) };
    assert_true(ear->fd >= 0 && ear->real >= 0);
    assert_true(dup2(ear->fd, STDERR_FILENO) >= 0);
}

static const char *ear_words(struct ear *ear)
{
    ssize_t length = pread(ear->fd, ear->words, sizeof(ear->words) - 1, 0);

    assert_true(length >= 0);
    ear->words[length] = '\0';
    return ear->words;
}

static void ear_close(struct ear *ear)
{
    assert_true(dup2(ear->real, STDERR_FILENO) >= 0);
    close(ear->real);
    close(ear->fd);
}

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
    ear_open(&ear);
    for (int i = 0; i < 100; i++)
        loss_news_add(&warnings, LOSS_RING_FULL, 3);
    assert_int_equal(count_lines(ear_words(&ear)), 1);
    assert_non_null(strstr(ear.words, "3 events were lost, as the ring buffer was full"));
    while (count_lines(ear_words(&ear)) < 2)
        assert_true(sd_event_run(event, UINT64_MAX) >= 0);
    assert_non_null(strstr(ear.words, "297 events were lost (300 in all)"));

    /* Quiet for a second: the next one is told at once. */
    assert_true(sd_event_run(event, UINT64_MAX) > 0);
    loss_news_add(&warnings, LOSS_PREEMPTED, 1);
    assert_non_null(strstr(ear_words(&ear), "1 events were lost, as tasks were"));
    ear_close(&ear);
    loss_news_clear(&warnings);
    sd_event_unref(event);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_a_storm) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
