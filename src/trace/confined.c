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
    char *names[NAMES_SAID];           /* owned; of the first few that are not said yet */
    size_t count;                      /* of all of those */
    bool said;
};

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names for a terminal, in their own order: that in which engines answered says nothing. They
 * are forgotten. */
static void take_names(struct confined *confined, struct text *text)
{
    size_t count = confined->count < NAMES_SAID ? confined->count : NAMES_SAID;

    qsort(confined->names, count, sizeof(*confined->names), compare_names);
    for (size_t i = 0; i < count; i++) {
        const char *name = confined->names[i];

        text_add_string(text, i ? ", " : "");
        (void)escape_terminal(text, name, strlen(name), NAME_WIDTH, true);
        free(confined->names[i]);
        confined->names[i] = NULL;
    }
}

static void say(struct confined *confined)
{
    bool one = confined->count == 1;
    struct text names = {};
    char more[32] = "";

    if (!confined->count)
        return;
    take_names(confined, &names);
    if (confined->count > NAMES_SAID)
        (void)snprintf(more, sizeof(more), " and %zu more", confined->count - NAMES_SAID);
    if (!confined->said)
        log_info("%.*s%s %s under a seccomp filter: what that refuses never comes to a check; to "
                 "see all needs, run %s with --security-opt seccomp=unconfined meanwhile",
                 (int)names.length, names.data, more, one ? "runs" : "run", one ? "it" : "them");
    else
        log_verbose("%.*s%s %s under a seccomp filter", (int)names.length, names.data, more,
                    one ? "runs" : "run");
    text_clear(&names);
    confined->said = true;
    confined->count = 0;
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
    for (size_t i = 0; i < NAMES_SAID; i++)
        free((*confined)->names[i]);
    free(*confined);
    *confined = NULL;
}

void confined_look(struct confined *confined, struct member *member)
{
    const struct container *container = member->container;
    char short_id[CONTAINER_SHORT_ID + 1];

    if (member->use.confined || !process_is_filtered(container->pid))
        return;
    member->use.confined = true;
    if (confined->count < NAMES_SAID) {
        char *name = strdup(container_display_name(container, short_id));

        if (!name)
            return;
        confined->names[confined->count] = name;
    }
    confined->count++;
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
