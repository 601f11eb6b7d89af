/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/commands/command_trace.h"

#include <errno.h>
#include <inttypes.h>

#include "src/base/clock.h"
#include "src/base/log.h"
#include "src/base/loop.h"
#include "src/base/text.h"
#include "src/commands/command_common.h"
#include "src/commands/command_trace_filter.h"
#include "src/commands/command_trace_run.h"
#include "src/commands/loss_news.h"
#include "src/commands/option_trace.h"
#include "src/commands/service.h"
#include "src/host/powers.h"
#include "src/model/notice.h"
#include "src/model/record.h"
#include "src/trace/pipeline.h"

struct trace {
    const struct trace_options *options;
    struct loop *loop; /* owned */
    struct sink_journal_options journal;
    struct traced_run run;
    struct command_output output;
    struct match match;
    struct filter filter;
    struct pipeline_options pipeline_options;
    struct pipeline *pipeline;     /* owned */
    struct pipeline_counts counts; /* once it is finished */
    sd_event_source *timeout;      /* owned */
    bool quiet;                    /* what is an entry of the journal is not said besides */
    const char *audit_source;      /* of AUDIT, when it began; borrowed */
    struct loss_news loss_news;
    struct error failure; /* code 0: none */
};

static void trace_clear(struct trace *trace)
{
    pipeline_free(&trace->pipeline);
    traced_run_clear(&trace->run);
    loss_news_clear(&trace->loss_news);
    command_output_clear(&trace->output);
    match_clear(&trace->match);
    filter_clear(&trace->filter);
    sd_event_source_disable_unref(trace->timeout);
    loop_free(&trace->loop);
}

/* -------- options to settings -------- */

/* Whether it is said which containers or units are meant, and not only which are not. */
static bool names_anything(const struct trace_options *options, const struct filter *filter)
{
    for (size_t i = 0; i < options->containers.count; i++) {
        if (options->containers.words[i][0] != '!')
            return true;
    }
    return options->selectors.count || options->units.count ||
           filter_has(filter, FILTER_ON_CONTAINERS);
}

static int prepare_tracer(struct trace *trace, bool has_command, struct tracer_options *tracer,
                          struct error *error)
{
    const struct trace_options *options = trace->options;
    int r;

    *tracer = (struct tracer_options){
        .backend = options->backend,
        .buffer_size = options->buffer_size,
        .audited_only = options->audit_only,
        .overridden = options->all,
    };
    r = trace_filter_prepare(options, &trace->filter, tracer, error);
    if (r < 0)
        return r;
    if (options->until_exit && !has_command && !names_anything(options, &trace->filter))
        return error_set(error, -EINVAL,
                         "--until-exit needs -c NAME, --selector or --unit: whose?");
    if (!has_command && (options->user || options->as_root))
        return error_set(error, -EINVAL,
                         "--user and --as-root are of a command, which comes "
                         "after --: there is none");
    if (options->fail_on && !tracer->denied)
        return error_set(error, -EINVAL, "--fail-on deny never can, as only Allow is shown");
    if (options->buffer_size < TRACER_BUFFER_MIN || options->buffer_size > TRACER_BUFFER_MAX)
        return error_set(error, -EINVAL, "--buffer-size is from 64K to 1G");
    return 0;
}

static void on_journal_state(void *userdata, const struct error *reason)
{
    const struct trace *trace = userdata;

    if (trace->quiet)
        return;
    if (reason)
        log_warning("%s; entries wait for one", reason->message);
    else
        log_info("journald takes entries again");
}

static void prepare_journal(struct trace *trace)
{
    struct sink_journal_options *journal = &trace->journal;

    journal->event = loop_event(trace->loop);
    journal->wait = trace->options->journal_wait;
    journal->signal_fd = loop_signal_fd(trace->loop);
    journal->state = on_journal_state;
    journal->userdata = trace;
    trace->output.options.journal = journal;
    trace->quiet = service_stderr_is_journal();
}

/* Who names a stack wants it taken. */
static bool names_stack(const struct trace *trace, const char *name)
{
    const struct sink_options *output = &trace->output.options;

    for (size_t i = 0; i < output->field_count; i++) {
        if (strcmp(output->fields[i]->name, name) == 0)
            return true;
    }
    for (size_t i = 0; i < trace->filter.count; i++) {
        if (strcmp(trace->filter.terms[i].field->name, name) == 0)
            return true;
    }
    return false;
}

/* What only the journal has, and what it has not. */
static int check_journal(struct trace *trace, struct error *error)
{
    const struct trace_options *options = trace->options;
    bool journal = trace->output.options.format == SINK_JOURNAL;

    if (journal && options->output_file)
        return error_set(error, -EINVAL, "--output-file is of no use with -o journal");
    if (!journal && (options->journal_namespace || options->journal_wait))
        return error_set(error, -EINVAL, "%s is of use only with -o journal",
                         options->journal_namespace ? "--journal-namespace" : "--journal-wait");
    return sink_journal_path(options->journal_namespace, trace->journal.path, error);
}

/* Everything that can be wrong with the command line, before anything is touched. */
static int prepare(struct trace *trace, char *const *command, struct error *error)
{
    const struct trace_options *options = trace->options;
    struct pipeline_options *pipeline = &trace->pipeline_options;
    int r = prepare_tracer(trace, command != NULL, &pipeline->tracer, error);

    if (r >= 0)
        r = match_init(&trace->match, options->containers.words, options->containers.count,
                       options->selectors.words, options->selectors.count, error);
    if (r < 0)
        return r;
    command_prepare_discovery(&options->common, &pipeline->discovery);
    pipeline->match = &trace->match;
    pipeline->filter = &trace->filter;
    pipeline->units = options->units.words;
    pipeline->unit_count = options->units.count;
    pipeline->only_units =
        options->units.count && !options->containers.count && !options->selectors.count;
    pipeline->host = options->host;
    pipeline->all = options->all;
    pipeline->unique = options->unique;
    pipeline->max_events = options->max_events;
    pipeline->until_exit = options->until_exit;
    r = command_output_choose(&trace->output, &options->common, &record_fields, false, error);
    if (r < 0)
        return r;
    pipeline->tracer.kernel_stack = options->print_stack || names_stack(trace, "kstack");
    pipeline->tracer.user_stack = options->print_user_stack || names_stack(trace, "ustack");
    r = check_journal(trace, error);
    if (r >= 0 && command)
        r = traced_run_prepare(&trace->run, command, options, pipeline, error);
    if (r >= 0 && options->output_file)
        r = command_output_place(&trace->output, options->output_file, error);
    if (r < 0)
        return r;
    r = loop_new(&trace->loop);
    if (r >= 0)
        r = loss_news_init(&trace->loss_news, loop_event(trace->loop));
    if (r < 0)
        return error_set(error, r, "cannot make an event loop: %s", strerror(-r));
    if (trace->output.options.format == SINK_JOURNAL)
        prepare_journal(trace);
    return command_output_open(&trace->output, loop_signal_fd(trace->loop), error);
}

/* -------- running -------- */

static void on_engine(void *userdata, const char *runtime, enum runtime_state state,
                      const struct error *reason)
{
    struct trace *trace = userdata;
    struct notice notice = {
        .kind = state == RUNTIME_DOWN ? JOURNAL_ENGINE_AWAY : JOURNAL_ENGINE_BACK,
        .time_ns = clock_ns(CLOCK_REALTIME),
        .runtime = runtime,
        .reason = reason ? reason->message : NULL,
    };

    if (state == RUNTIME_DOWN || state == RUNTIME_UP)
        (void)sink_notice(trace->output.sink, &notice);
    if (!trace->quiet)
        command_tell_engine(NULL, runtime, state, reason);
}

static void on_lost(void *userdata, enum loss_kind kind, uint64_t count)
{
    struct trace *trace = userdata;

    if (!trace->quiet)
        loss_news_add(&trace->loss_news, kind, count);
}

static void on_ended(void *userdata, int result, const struct error *error)
{
    struct trace *trace = userdata;

    /* A reader that has seen enough, such as head(1), is no failure. */
    if (result < 0 && result != -EPIPE && result != -EINTR)
        trace->failure = *error;
    loop_end(trace->loop, trace->failure.code ? LOOP_END_FAILED : LOOP_END_DONE);
}

static void on_exited(void *userdata)
{
    struct trace *trace = userdata;

    loop_end(trace->loop, LOOP_END_DONE);
}

static int on_timeout(UNUSED sd_event_source *source, UNUSED uint64_t usec, void *userdata)
{
    struct trace *trace = userdata;

    loop_end(trace->loop, LOOP_END_TIMEOUT);
    return 0;
}

static void say_what_is_used(struct trace *trace)
{
    const struct tracer *tracer = pipeline_tracer(trace->pipeline);
    const struct cgroup_tree *tree = pipeline_tree(trace->pipeline);

    if (tracer_refusals(tracer)[0])
        log_verbose("not used: %s", tracer_refusals(tracer));
    log_verbose("cgroups: %s at %s", tree->description, tree->mount_point);
    trace_filter_say(&trace->filter);
    trace->audit_source = tracer_audit_source(tracer);
    log_verbose("tracing with back-end %s, audit %s", tracer_backend(tracer), trace->audit_source);
    if (trace->options->audit_only && !tracer_knows_audit(tracer))
        log_warning("silent probes are shown too, as they cannot be told from what programs ask "
                    "for: to see where kernel functions are, run as root or with CAP_SYSLOG, and "
                    "with the sysctl kernel.kptr_restrict below 2");
}

/* Into the journal, where that is the output; and, unless it is the same place, to the user. */
static void say_what_was_seen(const struct trace *trace)
{
    const struct pipeline_counts counts = trace->counts;
    struct notice summary = {
        .kind = JOURNAL_SUMMARY,
        .time_ns = clock_ns(CLOCK_REALTIME),
        .shown = counts.shown,
        .lost = counts.lost,
    };
    struct text words = { 0 };

    memcpy(summary.totals, counts.losses, sizeof(summary.totals));
    (void)sink_notice(trace->output.sink, &summary);
    notice_add_summary(&words, &summary);
    if (!trace->quiet)
        log_info("%.*s", (int)words.length, words.data);
    text_clear(&words);
}

/* What is no loss, but explains what is shown. */
static void say_what_was_noticed(const struct trace *trace)
{
    const struct pipeline_counts counts = trace->counts;
    const char *audit_source = tracer_audit_source(pipeline_tracer(trace->pipeline));

    if (audit_source != trace->audit_source)
        log_verbose("audit came to be %s, as a caller was found in another place", audit_source);

    if (counts.setup)
        log_verbose("%" PRIu64 " checks of engines at work in containers not shown "
                    "(--all shows them)",
                    counts.setup);
    if (counts.overridden)
        log_verbose("%" PRIu64 " checks under borrowed credentials not shown (--all shows them)",
                    counts.overridden);
    if (counts.foreign)
        log_verbose("%" PRIu64 " checks of another's credentials not shown (--all shows them)",
                    counts.foreign);
    if (counts.filtered)
        log_verbose("%" PRIu64 " checks not shown, as the filter leaves them out%s",
                    counts.filtered, trace->options->audit_only ? ", silent ones too" : "");
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

static int run_loop(struct trace *trace, struct error *error)
{
    uint64_t timeout = trace->options->common.timeout_usec;
    int r = 0;

    /* A command goes on when nobody reads, and is watched for what it answers. */
    if (trace->output.options.format != SINK_JOURNAL && !trace->run.run)
        r = command_output_watch(&trace->output, trace->loop);
    if (r >= 0 && timeout)
        r = loop_timer(loop_event(trace->loop), timeout, "timeout", on_timeout, trace,
                       &trace->timeout);
    if (r < 0)
        return error_set(error, r, "cannot set a timer: %s", strerror(-r));
    r = loop_run(trace->loop);
    if (r < 0)
        return error_set(error, r, "the event loop failed: %s", strerror(-r));
    return r;
}

static int finish(struct trace *trace)
{
    int r = pipeline_finish(trace->pipeline);

    trace->counts = pipeline_counts(trace->pipeline);
    say_what_was_seen(trace);
    say_what_was_noticed(trace);
    if (trace->run.run)
        traced_run_say(&trace->run);
    pipeline_free(&trace->pipeline);
    return r;
}

static int trace_run(struct trace *trace, struct error *error)
{
    const struct pipeline_listener listener = {
        .engine = on_engine,
        .lost = on_lost,
        .exited = on_exited,
        .ended = on_ended,
        .userdata = trace,
    };
    int r = powers_check(error), why;

    if (r >= 0)
        r = pipeline_new(&trace->pipeline_options, loop_event(trace->loop), trace->output.sink,
                         &listener, &trace->pipeline, error);
    if (r < 0)
        return r;
    say_what_is_used(trace);
    service_ready(loop_event(trace->loop));
    if (trace->run.run)
        r = traced_run_start(&trace->run, trace->loop, error);
    if (r < 0)
        return r;
    why = run_loop(trace, error);
    service_stopping();
    if (why < 0)
        return why;
    r = finish(trace);
    if (trace->run.run)
        traced_run_await(&trace->run, why);
    r = command_output_close(&trace->output, r, error);
    if (r >= 0 && trace->failure.code) {
        *error = trace->failure;
        r = error->code;
    }
    return r;
}

/* What is not -EINVAL, before anything was touched, is no fault of the command line. */
static int run_trace(struct trace *trace, char *const *command, int *ret_signal,
                     struct error *error)
{
    int status = EXIT_STATUS_DONE, r = prepare(trace, command, error);

    if (r == -EINVAL)
        return EXIT_STATUS_USAGE;
    if (r < 0 || trace_run(trace, error) < 0)
        return command ? trace->run.status : EXIT_STATUS_FAILURE;
    if (command)
        status = traced_run_status(&trace->run, ret_signal);
    return status || !trace->options->fail_on || !trace->counts.denied ? status
                                                                       : EXIT_STATUS_DENIED;
}

static int run(const void *values, int operand_count, char **operands, struct error *error)
{
    struct trace trace = { .options = values };
    char *const *command = operand_count ? operands : NULL;
    int number = 0, status;

    log_set_verbose(trace.options->common.verbose);
    /* What is the command's goes to its standard output; ours does not mix with it. */
    trace.output.fd = command ? STDERR_FILENO : STDOUT_FILENO;
    trace.run.status = EXIT_STATUS_OURS;
    status = run_trace(&trace, command, &number, error);
    trace_clear(&trace);
    if (number)
        run_end_by_signal(number);
    return status;
}

const struct command command_trace_capabilities = {
    .name = "trace capabilities",
    .summary = "Show the capabilities that containers ask for, and the kernel's verdict",
    .synopsis = "trace capabilities [OPTION...] [-- COMMAND [ARGUMENT...]]",
    .description = trace_description,
    .examples = trace_examples,
    .options = &trace_option_table,
    .fields = &record_fields,
    .values_size = sizeof(struct trace_options),
    .defaults = trace_options_defaults,
    .takes_command = true,
    .run = run,
};
