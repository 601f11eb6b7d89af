/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Another walk of the tree, after notices of cgroups were lost. Whoever makes so many of them does
 * not keep us busy with it. */
#include "src/base/clock.h"
#include "src/base/loop.h"
#include "src/trace/pipeline_private.h"

/* Times as long as a walk took: so long until the next. */
#define RESCAN_PAUSE 9

static int on_rescan(UNUSED sd_event_source *source, UNUSED uint64_t usec, void *userdata);

void pipeline_rescan(struct pipeline *pipeline)
{
    uint64_t now = clock_ns(CLOCK_BOOTTIME);

    if (!pipeline->rescan.due || pipeline->rescan.closed || pipeline->rescan.timer)
        return;
    if (now < pipeline->rescan.next_ns) {
        (void)loop_timer(pipeline->event, (pipeline->rescan.next_ns - now) / 1000 + 1, "rescan",
                         on_rescan, pipeline, &pipeline->rescan.timer);
        return;
    }
    pipeline->rescan.due = false;
    (void)inventory_rescan(pipeline->inventory);
    now = clock_ns(CLOCK_BOOTTIME) - now;
    pipeline->rescan.next_ns = clock_ns(CLOCK_BOOTTIME) + now * RESCAN_PAUSE;
}

static int on_rescan(UNUSED sd_event_source *source, UNUSED uint64_t usec, void *userdata)
{
    struct pipeline *pipeline = userdata;

    pipeline->rescan.timer = sd_event_source_disable_unref(pipeline->rescan.timer);
    pipeline_rescan(pipeline);
    return 0;
}

void pipeline_on_cgroups_lost(void *userdata, UNUSED uint64_t count)
{
    struct pipeline *pipeline = userdata;

    pipeline->rescan.due = true;
}
