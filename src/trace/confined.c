/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/trace/confined.h"

#include <errno.h>

#include "src/base/escape.h"
#include "src/base/log.h"
#include "src/containers/process_facts.h"

#define NAMES_SAID 8
#define NAME_WIDTH 40

struct confined {
    const struct inventory *inventory; /* borrowed */
    sd_event_source *check;            /* owned; looks whether all engines have answered */
    struct text names;                 /* of the first few that are not said yet; for a terminal */
    size_t count;                      /* of all of those */
    bool said;
};

static void say(struct confined *confined)
{
    bool one = confined->count == 1;
    char more[32] = "";

    if (confined->count > NAMES_SAID)
        (void)snprintf(more, sizeof(more), " and %zu more", confined->count - NAMES_SAID);
    if (confined->count && !confined->said)
        log_info("%.*s%s %s under a seccomp filter: what that refuses never comes to a check; to "
                 "see all needs, run %s with --security-opt seccomp=unconfined meanwhile",
                 (int)confined->names.length, confined->names.data, more, one ? "runs" : "run",
                 one ? "it" : "them");
    else if (confined->count)
        log_verbose("%.*s%s %s under a seccomp filter", (int)confined->names.length,
                    confined->names.data, more, one ? "runs" : "run");
    confined->said = confined->said || confined->count;
    confined->count = 0;
    text_clear(&confined->names);
}

static int on_check(UNUSED sd_event_source *source, void *userdata)
{
    struct confined *confined = userdata;

    if (inventory_is_complete(confined->inventory))
        say(confined);
    return 0;
}

int confined_new(const struct inventory *inventory, sd_event *event, struct confined **ret_confined)
{
    _cleanup_(confined_free)
    struct confined *confined = calloc(1, sizeof(*confined));
    int r;

    if (!confined)
        return -ENOMEM;
    confined->inventory = inventory;
    /* Once a turn of the loop, and after everything else. */
    r = sd_event_add_defer(event, &confined->check, on_check, confined);
    if (r >= 0)
        r = sd_event_source_set_priority(confined->check, SD_EVENT_PRIORITY_IDLE);
    if (r >= 0)
        r = sd_event_source_set_enabled(confined->check, SD_EVENT_OFF);
    if (r < 0)
        return r;
    *ret_confined = TAKE_PTR(confined);
    return 0;
}

void confined_free(struct confined **confined)
{
    if (!*confined)
        return;
    sd_event_source_disable_unref((*confined)->check);
    text_clear(&(*confined)->names);
    free(*confined);
    *confined = NULL;
}

void confined_look(struct confined *confined, struct member *member)
{
    const struct container *container = member->container;
    char short_id[CONTAINER_SHORT_ID + 1];
    const char *name;

    if (member->use.confined || !process_is_filtered(container->pid))
        return;
    member->use.confined = true;
    name = container_display_name(container, short_id);
    if (confined->count++ < NAMES_SAID) {
        text_add_string(&confined->names, confined->names.length ? ", " : "");
        (void)escape_terminal(&confined->names, name, strlen(name), NAME_WIDTH, true);
    }
}

void confined_news(struct confined *confined)
{
    if (confined && confined->count)
        (void)sd_event_source_set_enabled(confined->check, SD_EVENT_ONESHOT);
}

void confined_finish(struct confined *confined)
{
    say(confined);
}
