/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/commands/command_watch.h"

#include <errno.h>
#include <inttypes.h>

#include "src/base/log.h"
#include "src/commands/command_common.h"
#include "src/commands/command_sandbox.h"
#include "src/commands/command_trace_filter.h"
#include "src/commands/service.h"
#include "src/host/powers.h"
#include "src/model/systemd_unit.h"

/* -------- options to settings -------- */

/* Whether it is said which containers or units are meant, and not only which are not. */
static bool names_anything(const struct watch_options *options, const struct filter *filter)
{
    for (size_t i = 0; i < options->containers.count; i++) {
        if (options->containers.words[i][0] != '!')
            return true;
    }
    return options->selectors.count || options->units.count ||
           filter_has(filter, FILTER_ON_CONTAINERS);
}

static int check_units(const struct option_list *units, struct error *error)
{
    for (size_t i = 0; i < units->count; i++) {
        const char *word = units->words[i];
        size_t good = systemd_unit_good_length(word);

        if (!word[good] && good && word[good - 1] != '/')
            continue;
        return error_set(error, -EINVAL,
                         "--unit '%s', character %zu: a unit's name has letters, digits and "
                         ":-_.\\@ alone; a user's unit is user/UID/NAME",
                         word, good + 1);
    }
    return 0;
}

static int check_options(const struct watch_options *options, const struct filter *filter,
                         bool has_command, struct error *error)
{
    if (options->until_exit && !has_command && !names_anything(options, filter))
        return error_set(error, -EINVAL,
                         "--until-exit needs -c NAME, --selector or --unit: whose?");
    if (!has_command && (options->user || options->as_root))
        return error_set(error, -EINVAL,
                         "--user and --as-root are of a command, which comes "
                         "after --: there is none");
    if (options->buffer_size < TRACER_BUFFER_MIN || options->buffer_size > TRACER_BUFFER_MAX)
        return error_set(error, -EINVAL, "--buffer-size is from 64K to 1G");
    if (options->spill_size < WATCH_SPILL_SIZE_MIN)
        return error_set(error, -EINVAL, "--spill-size is at least 1M");
    return check_units(&options->units, error);
}

int watch_prepare(struct watch *watch, char *const *command, struct error *error)
{
    const struct watch_options *options = watch->options;
    struct pipeline_options *pipeline = &watch->pipeline_options;
    int r = check_options(options, pipeline->filter, command != NULL, error);

    if (r >= 0)
        r = match_init(&watch->match, options->containers.words, options->containers.count,
                       options->selectors.words, options->selectors.count, error);
    if (r < 0)
        return r;
    command_prepare_discovery(watch->common, &pipeline->discovery);
    pipeline->match = &watch->match;
    pipeline->units = options->units.words;
    pipeline->unit_count = options->units.count;
    pipeline->only_units =
        options->units.count && !options->containers.count && !options->selectors.count;
    pipeline->until_exit = options->until_exit;
    pipeline->tracer.backend = options->backend;
    pipeline->tracer.buffer_size = options->buffer_size;
    pipeline->tracer.spill_size = options->spill_size;
    return 0;
}

int watch_prepare_run(struct watch *watch, char *const *command, struct error *error)
{
    return command ? traced_run_prepare(&watch->run, command, watch->options,
                                        &watch->pipeline_options, error)
                   : 0;
}

int watch_prepare_loop(struct watch *watch, struct error *error)
{
    int r = loop_new(&watch->loop);

    if (r >= 0)
        r = loss_news_init(&watch->loss_news, loop_event(watch->loop));
    return r < 0 ? error_set(error, r, "cannot make an event loop: %s", strerror(-r)) : 0;
}

/* -------- running -------- */

static void on_lost(void *userdata, enum loss_kind kind, uint64_t count)
{
    struct watch *watch = userdata;

    if (!watch->quiet)
        loss_news_add(&watch->loss_news, kind, count);
}

static void on_ended(void *userdata, int result, const struct error *error)
{
    struct watch *watch = userdata;

    /* A reader that has seen enough, such as head(1), is no failure. */
    if (result < 0 && result != -EPIPE && result != -EINTR)
        watch->failure = *error;
    loop_end(watch->loop, watch->failure.code ? LOOP_END_FAILED : LOOP_END_DONE);
}

static void on_exited(void *userdata)
{
    struct watch *watch = userdata;

    loop_end(watch->loop, LOOP_END_DONE);
}

static int on_timeout(UNUSED sd_event_source *source, UNUSED uint64_t usec, void *userdata)
{
    struct watch *watch = userdata;

    loop_end(watch->loop, LOOP_END_TIMEOUT);
    return 0;
}

static void say_what_is_used(struct watch *watch)
{
    const struct tracer *tracer = pipeline_tracer(watch->pipeline);
    const struct cgroup_tree *tree = pipeline_tree(watch->pipeline);

    if (tracer_refusals(tracer)[0])
        log_verbose("not used: %s", tracer_refusals(tracer));
    log_verbose("cgroups: %s at %s", tree->description, tree->mount_point);
    log_verbose("ring buffer: %llu KiB of the kernel's memory; of ours at most %llu MiB in a storm",
                (unsigned long long)tracer_buffer_size(tracer) >> 10,
                (unsigned long long)watch->options->spill_size >> 20);
    trace_filter_say(watch->pipeline_options.filter);
    watch->audit_source = tracer_audit_source(tracer);
    log_verbose("tracing with back-end %s, audit %s", tracer_backend(tracer), watch->audit_source);
    if (watch->pipeline_options.tracer.audited_only && tracer_audit(tracer) == TRACER_AUDIT_UNKNOWN)
        log_warning("silent probes are shown too, as they cannot be told from what programs ask "
                    "for: to see where kernel functions are, run as root or with CAP_SYSLOG, and "
                    "with the sysctl kernel.kptr_restrict below 2");
}

/* From here on it is read what strangers write. */
static int lay_down(const struct watch *watch, struct error *error)
{
    const struct sandbox_options options = {
        .journal = watch->journal,
        .helpers = watch->helpers || watch->pipeline_options.tracer.user_stack,
        .command = watch->run.run,
    };

    return watch->options->no_sandbox ? 0 : command_lay_down(watch->common, options, error);
}

int watch_begin(struct watch *watch, struct sink *sink, struct pipeline_listener listener,
                struct error *error)
{
    int r = powers_check(error);

    listener.lost = on_lost;
    listener.exited = on_exited;
    listener.ended = on_ended;
    if (r >= 0)
        r = pipeline_new(&watch->pipeline_options, loop_event(watch->loop), sink, &listener,
                         &watch->pipeline, error);
    if (r < 0)
        return r;
    say_what_is_used(watch);
    if (watch->run.run)
        r = traced_run_follow(&watch->run, watch->loop, error);
    if (r >= 0)
        r = lay_down(watch, error);
    if (r < 0)
        return r;
    service_ready(loop_event(watch->loop));
    return watch->run.run ? traced_run_start(&watch->run, error) : 0;
}

int watch_loop(struct watch *watch, struct error *error)
{
    uint64_t timeout = watch->common->timeout_usec;
    int r = 0;

    if (timeout)
        r = loop_timer(loop_event(watch->loop), timeout, "timeout", on_timeout, watch,
                       &watch->timeout);
    if (r < 0)
        return error_set(error, r, "cannot set a timer: %s", strerror(-r));
    r = loop_run(watch->loop);
    service_stopping();
    return r < 0 ? error_set(error, r, "the event loop failed: %s", strerror(-r)) : r;
}

int watch_finish(struct watch *watch)
{
    int r = pipeline_finish(watch->pipeline);

    watch->counts = pipeline_counts(watch->pipeline);
    return r;
}

static void say_kept_out(uint64_t count, const char *what, const char *option)
{
    if (count)
        log_verbose("%" PRIu64 " %s not shown (%s shows them)", count, what, option);
}

static void say_what_was_kept_out(const struct pipeline_counts *counts)
{
    say_kept_out(counts->setup, "checks of engines at work in containers", "--all");
    say_kept_out(counts->overridden, "checks under borrowed credentials", "--all");
    say_kept_out(counts->foreign, "checks of another's credentials", "--all");
    say_kept_out(counts->silent, "silent probes", "--audit-only=false");
}

/* What is no loss, but explains what is shown. */
static void say_what_was_noticed(const struct watch *watch)
{
    const struct pipeline_counts counts = watch->counts;
    const char *audit_source = tracer_audit_source(pipeline_tracer(watch->pipeline));

    if (audit_source != watch->audit_source)
        log_verbose("audit came to be %s, as a caller was found in another place", audit_source);
    if (counts.folded)
        log_verbose("%" PRIu64 " denials of DAC_READ_SEARCH not shown, as DAC_OVERRIDE was allowed "
                    "instead (--all shows them)",
                    counts.folded);
    if (counts.filtered)
        log_verbose("%" PRIu64 " checks not shown, as the filter leaves them out%s",
                    counts.filtered,
                    watch->pipeline_options.tracer.audited_only ? ", silent ones too" : "");
    if (counts.repeats)
        log_verbose("%" PRIu64 " repeats not shown, as of --unique", counts.repeats);
    if (counts.unnamed)
        log_verbose("%" PRIu64 " events shown with an id, as no engine knew a name",
                    counts.unnamed);
    if (counts.early)
        log_warning("%" PRIu64 " events went out before their container's name was known, as too "
                    "many were waiting",
                    counts.early);
    if (counts.unresolved)
        log_verbose("%" PRIu64 " cgroups had gone before they could be looked at",
                    counts.unresolved);
    if (counts.policy_misses)
        log_verbose("%" PRIu64 " times the kernel's table had no room for a cgroup: its checks are "
                    "looked at one by one",
                    counts.policy_misses);
    if (counts.unread_stacks)
        log_warning("%" PRIu64 " user stacks are shown as addresses, as their programs could not "
                    "be read",
                    counts.unread_stacks);
    if (counts.evictions)
        log_warning("%" PRIu64 " times there was no room for one more cgroup or container",
                    counts.evictions);
    if (counts.crowded)
        log_warning("%" PRIu64 " times a user's cgroup found no room, as users have made so many: "
                    "shown by its number",
                    counts.crowded);
}

void watch_say(const struct watch *watch)
{
    if (!watch->adds_up)
        say_what_was_kept_out(&watch->counts);
    say_what_was_noticed(watch);
    if (watch->run.run)
        traced_run_say(&watch->run);
}

void watch_clear(struct watch *watch)
{
    pipeline_free(&watch->pipeline);
    traced_run_clear(&watch->run);
    loss_news_clear(&watch->loss_news);
    match_clear(&watch->match);
    sd_event_source_disable_unref(watch->timeout);
    loop_free(&watch->loop);
}
