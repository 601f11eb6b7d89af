/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When it is said. */
#include "src/trace/unmatched.h"

#include <errno.h>

#include "src/base/log.h"
#include "src/base/loop.h"

struct unmatched {
    struct unmatched_options options;
    sd_event_source *check;    /* owned; looks whether all have answered */
    sd_event_source *patience; /* owned; the end of waiting for them */
    bool said;
};

static void say(UNUSED void *userdata, const char *sentence)
{
    log_info("%s", sentence);
}

static void explain_once(struct unmatched *unmatched)
{
    if (!unmatched->said)
        unmatched_explain(&unmatched->options, say, NULL);
    unmatched->said = true;
}

static int on_check(UNUSED sd_event_source *source, void *userdata)
{
    struct unmatched *unmatched = userdata;

    if (inventory_is_complete(unmatched->options.inventory))
        explain_once(unmatched);
    return 0;
}

static int on_patience(UNUSED sd_event_source *source, UNUSED uint64_t usec, void *userdata)
{
    explain_once(userdata);
    return 0;
}

void unmatched_news(struct unmatched *unmatched)
{
    if (unmatched && !unmatched->said)
        (void)sd_event_source_set_enabled(unmatched->check, SD_EVENT_ONESHOT);
}

static bool is_asked_for_anything(const struct unmatched_options *options)
{
    return options->match->name_count || options->match->selector_count || options->unit_count ||
           options->pid;
}

int unmatched_new(const struct unmatched_options *options, sd_event *event,
                  struct unmatched **ret_unmatched)
{
    _cleanup_(unmatched_free)
    struct unmatched *unmatched = NULL;
    int r;

    if (!is_asked_for_anything(options))
        return 0;
    unmatched = calloc(1, sizeof(*unmatched));
    if (!unmatched)
        return -ENOMEM;
    unmatched->options = *options;
    /* Once a turn of the loop, however much has happened in it, and after everything else. */
    r = sd_event_add_defer(event, &unmatched->check, on_check, unmatched);
    if (r >= 0)
        r = sd_event_source_set_priority(unmatched->check, SD_EVENT_PRIORITY_IDLE);
    if (r >= 0)
        r = loop_timer(event, DISCOVERY_ANSWER_USEC, "patience", on_patience, unmatched,
                       &unmatched->patience);
    if (r < 0)
        return r;
    *ret_unmatched = TAKE_PTR(unmatched);
    return 0;
}

void unmatched_free(struct unmatched **unmatched)
{
    if (!*unmatched)
        return;
    sd_event_source_disable_unref((*unmatched)->check);
    sd_event_source_disable_unref((*unmatched)->patience);
    free(*unmatched);
    *unmatched = NULL;
}
