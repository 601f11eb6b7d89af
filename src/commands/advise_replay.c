/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/commands/advise_replay.h"

#include <errno.h>
#include <inttypes.h>

#include "src/base/clock.h"
#include "src/base/log.h"
#include "src/cli/option_value.h"
#include "src/model/record_read.h"

/* -------- options -------- */

static int check_moment(const char *option, const char *text, struct error *error)
{
    uint64_t usec;

    if (!text || option_value_moment(text, clock_ns(CLOCK_REALTIME) / 1000, &usec) >= 0)
        return 0;
    return error_set(error, -EINVAL,
                     "--%s '%s' is no moment: 7d (ago), 2026-11-01, '2026-11-01 08:30:00', or "
                     "@SECONDS since 1970",
                     option, text);
}

static int check_journal(const struct advise_options *options, struct error *error)
{
    const char *option = options->since               ? "since"
                         : options->until             ? "until"
                         : options->directory         ? "directory"
                         : options->journal_namespace ? "journal-namespace"
                                                      : NULL;
    int r;

    if (option && !options->journal)
        return error_set(error, -EINVAL, "--%s is of --journal", option);
    if (options->directory && options->journal_namespace)
        return error_set(error, -EINVAL, "--directory or --journal-namespace: not both");
    r = check_moment("since", options->since, error);
    return r < 0 ? r : check_moment("until", options->until, error);
}

static const char *live_option(const struct advise_options *options, bool has_command)
{
    if (has_command)
        return "a command";
    if (options->watch.until_exit)
        return "--until-exit";
    if (options->common.timeout_usec)
        return "--timeout";
    return options->watch.selectors.count ? "--selector, as rows have no labels," : NULL;
}

int replay_check_options(const struct advise_options *options, bool has_command,
                         struct error *error)
{
    const char *live = live_option(options, has_command);

    if (options->input && options->journal)
        return error_set(error, -EINVAL, "--input or --journal: not both");
    if ((options->input || options->journal) && live)
        return error_set(error, -EINVAL, "%s and %s do not go together: nothing is watched", live,
                         options->input ? "--input" : "--journal");
    return check_journal(options, error);
}

/* -------- rows -------- */

static bool is_unit(const struct container *container, const char *unit)
{
    static const char service[] = ".service";
    size_t length = strlen(unit);
    const char *name = container->name ? container->name : container->id;

    return strcmp(container->runtime, "systemd") == 0 && strncmp(name, unit, length) == 0 &&
           (!name[length] || strcmp(name + length, service) == 0);
}

static bool is_wanted(const struct replay *replay, const struct container *container)
{
    const struct option_list *units = &replay->options->watch.units;

    for (size_t i = 0; i < units->count; i++) {
        if (is_unit(container, units->words[i]))
            return true;
    }
    return (!units->count || replay->match.name_count) &&
           match_container(&replay->match, container);
}

void replay_add(struct replay *replay, const struct record_copy *copy, uint64_t count)
{
    char short_id[CONTAINER_SHORT_ID + 1];

    if (!copy->container)
        return;
    replay->allowed += copy->event.denied ? 0 : count;
    if (is_wanted(replay, copy->container)) {
        replay->rows += count;
        advise_subjects_replay(replay->subjects, copy, count);
        return;
    }
    replay->others += count;
    if (!replay->other[0])
        (void)snprintf(replay->other, sizeof(replay->other), "%s",
                       container_display_name(copy->container, short_id));
}

static int check_rows(const struct replay *replay, struct error *error)
{
    const struct advise_options *options = replay->options;
    const char *where = options->input ? options->input : "the journal";

    if (replay->rows)
        return 0;
    if (replay->others)
        return error_set(error, -ENOENT,
                         "no advice: in %s there is no row of what was asked for, but %" PRIu64
                         " of others, such as %s",
                         where, replay->others, replay->other);
    if (options->input)
        return error_set(error, -ENODATA,
                         "no advice: %s has no row of a container; trace capabilities -o json "
                         "writes them",
                         where);
    return error_set(
        error, -ENODATA,
        "no advice: the journal has no entry of a container's checks%s that root wrote "
        "and this user may read; trace capabilities -o journal writes them, as "
        "local-gadget.service does",
        options->since || options->until ? " of that time" : "");
}

int replay_run(const struct advise_options *options, struct advise_subjects *subjects,
               uint64_t *ret_lost, struct error *error)
{
    const struct option_list *names = &options->watch.containers;
    struct replay replay = { .options = options, .subjects = subjects };
    int r = match_init(&replay.match, names->words, names->count, NULL, 0, error);

    subjects->by_name = subjects->is_blind = true;
    if (r >= 0)
        r = options->input ? replay_lines(&replay, options->input, error)
                           : replay_journal(&replay, error);
    if (r >= 0)
        r = check_rows(&replay, error);
    match_clear(&replay.match);
    if (r < 0)
        return r;
    subjects->only_denials = !replay.allowed;
    *ret_lost = replay.lost;
    log_info("checks added up: %" PRIu64 ", lost: %" PRIu64 "; of others: %" PRIu64, replay.rows,
             replay.lost, replay.others);
    return 0;
}
