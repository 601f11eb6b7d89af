/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/commands/loss_warnings.h"

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

static bool tell(struct loss_warnings *warnings)
{
    bool told = false;

    for (size_t i = 0; i < LOSS_KINDS; i++) {
        if (!warnings->news[i])
            continue;
        warnings->total += warnings->news[i];
        log_warning("%" PRIu64 " events were lost (%" PRIu64 " in all), %s", warnings->news[i],
                    warnings->total, explanations[i]);
        warnings->news[i] = 0;
        told = true;
    }
    return told;
}

static void wait_a_second(struct loss_warnings *warnings)
{
    if (sd_event_source_set_time_relative(warnings->timer, SECOND_USEC) >= 0)
        (void)sd_event_source_set_enabled(warnings->timer, SD_EVENT_ONESHOT);
}

static int on_second(UNUSED sd_event_source *source, UNUSED uint64_t usec, void *userdata)
{
    struct loss_warnings *warnings = userdata;

    if (tell(warnings))
        wait_a_second(warnings);
    return 0;
}

int loss_warnings_init(struct loss_warnings *warnings, sd_event *event)
{
    int r;

    *warnings = (struct loss_warnings){ 0 };
    r = sd_event_add_time_relative(event, &warnings->timer, CLOCK_MONOTONIC, SECOND_USEC, 0,
                                   on_second, warnings);
    if (r >= 0)
        r = sd_event_source_set_enabled(warnings->timer, SD_EVENT_OFF);
    if (r >= 0)
        r = sd_event_source_set_description(warnings->timer, "loss-warnings");
    return MIN(r, 0);
}

void loss_warnings_clear(struct loss_warnings *warnings)
{
    warnings->timer = sd_event_source_disable_unref(warnings->timer);
}

void loss_warnings_add(struct loss_warnings *warnings, enum loss_kind kind, uint64_t count)
{
    int waiting = SD_EVENT_OFF;

    warnings->news[kind] += count;
    (void)sd_event_source_get_enabled(warnings->timer, &waiting);
    if (waiting != SD_EVENT_OFF)
        return;
    (void)tell(warnings);
    wait_a_second(warnings);
}
