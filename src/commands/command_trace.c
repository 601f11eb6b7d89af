/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/commands/command_trace.h"

#include <errno.h>

#include "src/base/clock.h"
#include "src/base/log.h"
#include "src/base/terminal.h"
#include "src/base/text.h"
#include "src/commands/command_common.h"
#include "src/commands/command_trace_filter.h"
#include "src/commands/command_watch.h"
#include "src/commands/option_trace.h"
#include "src/commands/service.h"
#include "src/commands/trace_summary.h"
#include "src/model/notice.h"
#include "src/model/record.h"

#define TABLE_OUTPUT_SIZE ((size_t)64 << 10)

struct trace {
    struct watch watch; /* first: see there */
    const struct trace_options *options;
    struct sink_journal_options journal;
    struct command_output output;
    struct filter filter;
    struct trace_summary summary;
    sd_event_source *interval; /* owned; NULL: none */
};

static void trace_clear(struct trace *trace)
{
    watch_clear(&trace->watch);
    command_output_clear(&trace->output);
    filter_clear(&trace->filter);
    sd_event_source_disable_unref(trace->interval);
    trace_summary_clear(&trace->summary);
}

/* -------- options to settings -------- */

static int prepare_tracer(struct trace *trace, struct error *error)
{
    const struct trace_options *options = trace->options;
    struct tracer_options *tracer = &trace->watch.pipeline_options.tracer;
    int r;

    tracer->audited_only = options->audit_only;
    tracer->overridden = options->all;
    r = trace_filter_prepare(options, &trace->filter, tracer, error);
    if (r < 0)
        return r;
    if (options->fail_on && !tracer->denied)
        return error_set(error, -EINVAL, "--fail-on deny never can, as only Allow is shown");
    return 0;
}

static void on_journal_state(void *userdata, const struct error *reason)
{
    const struct watch *watch = userdata;

    if (watch->quiet)
        return;
    if (reason)
        log_warning("%s; entries wait for one", reason->message);
    else
        log_info("journald takes entries again");
}

static void prepare_journal(struct trace *trace)
{
    struct sink_journal_options *journal = &trace->journal;

    journal->event = loop_event(trace->watch.loop);
    journal->wait = trace->options->journal_wait;
    journal->signal_fd = loop_signal_fd(trace->watch.loop);
    journal->state = on_journal_state;
    journal->userdata = trace;
    trace->output.options.journal = journal;
    trace->watch.journal = true;
    trace->watch.quiet = service_stderr_is_journal();
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

/* What only the table has, and what it has not. */
static int check_summary(const struct trace *trace, struct error *error)
{
    const struct trace_options *options = trace->options;

    if (!options->summary)
        return options->interval_usec
                   ? error_set(error, -EINVAL, "--interval is of use only with --summary")
                   : 0;
    if (trace->output.options.format != SINK_COLUMNS || trace->output.options.field_count)
        return error_set(error, -EINVAL,
                         "--summary has no rows: -o and --fields do not go with it");
    if (options->host)
        return error_set(error, -EINVAL, "--summary is of containers: --host does not go with it");
    return 0;
}

static int open_output(struct trace *trace, struct error *error)
{
    struct command_output *output = &trace->output;
    int r, signal_fd = loop_signal_fd(trace->watch.loop);

    if (!trace->options->summary)
        return command_output_open(output, signal_fd, error);
    r = output_init(&output->output, output->fd, signal_fd, TABLE_OUTPUT_SIZE);
    return r < 0 ? error_set(error, r, "out of memory") : 0;
}

/* Everything that can be wrong with the command line, before anything is touched. */
static int prepare(struct trace *trace, char *const *command, struct error *error)
{
    const struct trace_options *options = trace->options;
    struct pipeline_options *pipeline = &trace->watch.pipeline_options;
    int r = prepare_tracer(trace, error);

    pipeline->filter = &trace->filter;
    pipeline->host = options->host;
    pipeline->all = options->all;
    pipeline->unique = options->unique;
    pipeline->max_events = options->max_events;
    if (r >= 0)
        r = watch_prepare(&trace->watch, command, error);
    if (r >= 0)
        r = command_output_choose(&trace->output, &options->common, &record_fields, false, error);
    if (r < 0)
        return r;
    pipeline->tracer.kernel_stack = options->print_stack || names_stack(trace, "kstack");
    pipeline->tracer.user_stack = options->print_user_stack || names_stack(trace, "ustack");
    pipeline->fold = trace->output.options.format == SINK_COLUMNS && !options->all &&
                     !options->unique && !options->fail_on && !options->summary &&
                     !pipeline->tracer.kernel_stack && !pipeline->tracer.user_stack;
    r = check_journal(trace, error);
    if (r >= 0)
        r = check_summary(trace, error);
    if (r >= 0)
        r = watch_prepare_run(&trace->watch, command, error);
    if (r >= 0 && options->output_file)
        r = command_output_place(&trace->output, options->output_file, error);
    if (r >= 0)
        r = watch_prepare_loop(&trace->watch, error);
    if (r < 0)
        return r;
    if (trace->output.options.format == SINK_JOURNAL)
        prepare_journal(trace);
    return open_output(trace, error);
}

/* -------- running -------- */

static void tell_sink(const struct trace *trace, const struct notice *notice)
{
    if (trace->output.sink)
        (void)sink_notice(trace->output.sink, notice);
}

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
        tell_sink(trace, &notice);
    if (!trace->watch.quiet)
        command_tell_engine(NULL, runtime, state, reason);
}

/* Into the journal, where that is the output; and, unless it is the same place, to the user. */
static void say_what_was_seen(const struct trace *trace)
{
    const struct pipeline_counts counts = trace->watch.counts;
    struct notice summary = {
        .kind = JOURNAL_SUMMARY,
        .time_ns = clock_ns(CLOCK_REALTIME),
        .shown = counts.shown,
        .lost = counts.lost,
        .hidden = { counts.setup, counts.overridden, counts.foreign, counts.repeats },
        .crowded = counts.crowded,
    };
    struct text words = { 0 };

    memcpy(summary.totals, counts.losses, sizeof(summary.totals));
    tell_sink(trace, &summary);
    notice_add_summary(&words, &summary);
    if (!trace->watch.quiet)
        log_info("%.*s", (int)words.length, words.data);
    text_clear(&words);
}

static void on_subject(void *userdata, const struct pipeline_subject *subject)
{
    struct trace *trace = userdata;

    trace_summary_note(&trace->summary, subject);
}

static void on_record(void *userdata, const struct record *record)
{
    struct trace *trace = userdata;

    trace_summary_add(&trace->summary, record);
}

/* Where the rows and all words go to the journal, there is nobody at its end. */
static struct pipeline_listener listener_of(struct trace *trace)
{
    struct pipeline_listener listener = { .engine = on_engine, .userdata = trace };

    trace_summary_init(&trace->summary);
    if ((trace->options->no_summary || trace->watch.quiet) && !trace->options->summary)
        return listener;
    listener.subject = on_subject;
    listener.record = listener.folded = on_record;
    return listener;
}

/* `end` comes behind a table, where there is one. */
static int print_table(struct trace *trace, const char *end)
{
    const struct command_output *output = &trace->output;
    const struct table_style style = {
        .width = terminal_width(output->fd),
        .colour = terminal_wants_colour(output->fd, output->colour),
    };
    struct text table = { 0 };
    int r;

    trace_summary_table(&trace->summary, &table, &style);
    if (table.length)
        text_add_string(&table, end);
    r = table.failed ? -ENOMEM : output_append(&trace->output.output, table.data, table.length);
    text_clear(&table);
    return r < 0 ? r : output_flush(&trace->output.output);
}

static int arm_interval(struct trace *trace);

static int on_interval(UNUSED sd_event_source *source, UNUSED uint64_t usec, void *userdata)
{
    struct trace *trace = userdata;

    trace->interval = sd_event_source_disable_unref(trace->interval);
    if (print_table(trace, "\n") < 0 || arm_interval(trace) < 0)
        loop_end(trace->watch.loop, LOOP_END_DONE); /* what failed, the last table says again */
    return 0;
}

static int arm_interval(struct trace *trace)
{
    uint64_t usec = trace->options->interval_usec;

    return usec ? loop_timer(loop_event(trace->watch.loop), usec, "interval", on_interval, trace,
                             &trace->interval)
                : 0;
}

static int finish(struct trace *trace)
{
    int r = watch_finish(&trace->watch);

    say_what_was_seen(trace);
    watch_say(&trace->watch);
    if (!trace->options->no_summary && !trace->watch.quiet)
        trace_summary_say(&trace->summary, trace->watch.counts.lost > 0,
                          filter_has(&trace->filter, ~FILTER_ON_CONTAINERS));
    if (trace->options->summary && r >= 0)
        r = print_table(trace, "");
    pipeline_free(&trace->watch.pipeline);
    return r;
}

/* A command goes on when nobody reads, and is watched for what it answers. */
static int watch_reader(struct trace *trace, struct error *error)
{
    int r = 0;

    if (trace->output.options.format != SINK_JOURNAL && !trace->watch.run.run)
        r = command_output_watch(&trace->output, trace->watch.loop);
    return r < 0 ? error_set(error, r, "cannot watch the output: %s", strerror(-r)) : 0;
}

static int trace_run(struct trace *trace, struct error *error)
{
    int r = watch_begin(&trace->watch, trace->output.sink, listener_of(trace), error), why;

    if (r >= 0)
        r = watch_reader(trace, error);
    if (r >= 0 && arm_interval(trace) < 0)
        r = error_set(error, -ENOMEM, "cannot set a timer");
    if (r < 0)
        return r;
    why = watch_loop(&trace->watch, error);
    if (why < 0)
        return why;
    r = finish(trace);
    if (trace->watch.run.run)
        traced_run_await(&trace->watch.run, why);
    r = command_output_close(&trace->output, r, error);
    if (r >= 0 && trace->watch.failure.code) {
        *error = trace->watch.failure;
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
        return command ? trace->watch.run.status : EXIT_STATUS_FAILURE;
    if (command)
        status = traced_run_status(&trace->watch.run, ret_signal);
    return status || !trace->options->fail_on || !trace->watch.counts.denied ? status
                                                                             : EXIT_STATUS_DENIED;
}

static int run(const void *values, int operand_count, char **operands, struct error *error)
{
    const struct trace_options *options = values;
    struct trace trace = {
        .watch = { .options = &options->watch, .common = &options->common },
        .options = options,
    };
    char *const *command = operand_count ? operands : NULL;
    int number = 0, status;

    log_set_verbose(options->common.verbose);
    /* What is the command's goes to its standard output; ours does not mix with it. */
    trace.output.fd = command ? STDERR_FILENO : STDOUT_FILENO;
    trace.watch.run.status = EXIT_STATUS_OURS;
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
