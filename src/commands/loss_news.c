/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/commands/loss_news.h"

#include <inttypes.h>

#include "src/base/log.h"

#define SECOND_USEC 1000000

static const char *const explanations[] = {
    [LOSS_RING_FULL] =
        "as the ring buffer was full: narrow the filter or take a larger --buffer-size",
    [LOSS_PREEMPTED] =
        "as tasks were preempted in the middle of a check: --backend kprobe, where the kernel "
        "allows it, loses none",
    [LOSS_UNPAIRED] = "as the kernel did not call the probe at both ends of a check",
    [LOSS_UNREADABLE] = "as their records were not understood",
    [LOSS_UNWRITTEN] = "as the output did not take them", /* said by the last words alone */
};

static void tell(struct loss_news *news, enum loss_kind kind)
{
    uint64_t count = news->counts[kind], total = news->totals[kind] + count;
    char in_all[48] = "";

    if (total > count)
        (void)snprintf(in_all, sizeof(in_all), " (%" PRIu64 " in all)", total);
    log_warning("%" PRIu64 " events were lost%s, %s", count, in_all, explanations[kind]);
    news->totals[kind] = total;
    news->counts[kind] = 0;
    news->told[kind] = true;
}

static void wait_a_second(struct loss_news *news)
{
    int waiting = SD_EVENT_OFF;

    (void)sd_event_source_get_enabled(news->timer, &waiting);
    if (waiting == SD_EVENT_OFF && sd_event_source_set_time_relative(news->timer, SECOND_USEC) >= 0)
        (void)sd_event_source_set_enabled(news->timer, SD_EVENT_ONESHOT);
}

static int on_second(UNUSED sd_event_source *source, UNUSED uint64_t usec, void *userdata)
{
    struct loss_news *news = userdata;
    bool told = false;

    for (size_t i = 0; i < LOSS_KINDS; i++) {
        news->told[i] = false;
        if (news->counts[i])
            tell(news, (enum loss_kind)i);
        told = told || news->told[i];
    }
    if (told)
        wait_a_second(news);
    return 0;
}

int loss_news_init(struct loss_news *news, sd_event *event)
{
    int r;

    *news = (struct loss_news){ 0 };
    r = sd_event_add_time_relative(event, &news->timer, CLOCK_MONOTONIC, SECOND_USEC, 0, on_second,
                                   news);
    if (r >= 0)
        r = sd_event_source_set_enabled(news->timer, SD_EVENT_OFF);
    if (r >= 0)
        r = sd_event_source_set_description(news->timer, "loss-news");
    return MIN(r, 0);
}

void loss_news_clear(struct loss_news *news)
{
    news->timer = sd_event_source_disable_unref(news->timer);
}

void loss_news_add(struct loss_news *news, enum loss_kind kind, uint64_t count)
{
    news->counts[kind] += count;
    if (news->told[kind])
        return;
    tell(news, kind);
    wait_a_second(news);
}
