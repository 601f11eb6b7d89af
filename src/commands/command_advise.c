/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/commands/command_advise.h"

#include <errno.h>
#include <inttypes.h>

#include "src/advice/format.h"
#include "src/base/log.h"
#include "src/commands/advise_profile.h"
#include "src/commands/advise_replay.h"
#include "src/commands/advise_subjects.h"
#include "src/commands/command_common.h"
#include "src/commands/command_watch.h"
#include "src/commands/option_advise.h"
#include "src/trace/kernel_filter.h"

#define OUTPUT_SIZE ((size_t)64 << 10)

struct advise {
    struct watch watch; /* first: see there */
    const struct advise_options *options;
    const struct advice_format *format;
    struct filter filter; /* empty: all that containers ask for counts */
    struct advise_subjects subjects;
    struct advise_subjects profile; /* of --check */
    bool beyond;                    /* something was, of that */
    struct command_output output;
    struct text text;
};

static void advise_clear(struct advise *advise)
{
    watch_clear(&advise->watch);
    advise_subjects_clear(&advise->subjects);
    advise_subjects_clear(&advise->profile);
    command_output_clear(&advise->output);
    text_clear(&advise->text);
}

/* -------- what is heard -------- */

static void on_engine(UNUSED void *userdata, const char *runtime, enum runtime_state state,
                      const struct error *reason)
{
    command_tell_engine(NULL, runtime, state, reason);
}

static void on_subject(void *userdata, const struct pipeline_subject *subject)
{
    struct advise *advise = userdata;

    if (advise->watch.pipeline)
        advise->subjects.tree = pipeline_tree(advise->watch.pipeline);
    advise_subjects_note(&advise->subjects, subject);
}

static void on_program(void *userdata, const struct container *container, pid_t pid)
{
    struct advise *advise = userdata;

    advise_subjects_program(&advise->subjects, container, pid);
}

static void on_record(void *userdata, const struct record *record)
{
    struct advise *advise = userdata;

    advise_subjects_add(&advise->subjects, record);
}

/* -------- what is said -------- */

static void say_kept_out(const struct advise *advise)
{
    const struct pipeline_counts *counts = &advise->watch.counts;

    log_info("checks added up: %" PRIu64 ", lost: %" PRIu64 "; kept out: %" PRIu64
             " of engines at work in containers, %" PRIu64 " under borrowed credentials, %" PRIu64
             " of another's, %" PRIu64 " silent probes",
             counts->shown, counts->lost, counts->setup, counts->overridden, counts->foreign,
             counts->silent);
    if (counts->lost)
        log_warning("as checks were lost, something may be missing: see --buffer-size");
    if (advise->subjects.beyond)
        log_warning("%" PRIu64 " checks found no room, and are not in the advice",
                    advise->subjects.beyond);
    if (advise->subjects.unseen_programs)
        log_warning("programs that had ended before it could be seen whether their files have "
                    "capabilities: %" PRIu64,
                    advise->subjects.unseen_programs);
}

/* What was to be pasted says nothing of what it is good for. */
static void say_confidence(const struct advice *advices, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *name = advices[i].circumstances->name;

        if (advices[i].circumstances->only_denials)
            log_warning("%s: there is no row of what it was allowed, so that what it uses is not "
                        "known: no advice",
                        name);
        else if (advices[i].confidence == CONFIDENCE_NONE)
            log_warning("%s asked for nothing while it was watched, and its start was not seen: "
                        "no advice",
                        name);
        else if (advices[i].circumstances->is_read)
            log_warning(
                "%s was read from rows: what was not among them, of its start as of a trace "
                "with a filter, is not in the advice",
                name);
        else if (advices[i].confidence == CONFIDENCE_PART && !advices[i].circumstances->start_seen)
            log_warning("%s was not seen from its start on: what only that needs is not in the "
                        "advice",
                        name);
        if (advices[i].subject->sets_own)
            log_warning("%s sets its own capabilities by capset(2), which fails if it asks for one "
                        "that it was not given: add those that it means to keep",
                        name);
        if (advices[i].unreached)
            log_warning("%s has users who are not root and were denied what no option of its "
                        "engine gives them: -o text says what",
                        name);
    }
}

static int write_advice(struct advise *advise, const struct advice *advices, size_t count,
                        struct error *error)
{
    size_t written;

    if (!count)
        return error_set(error, -ENOENT,
                         "no advice: nothing of what was asked for was there; local-gadget "
                         "list-containers shows what is");
    if (advise->format->one && count > 1)
        return error_set(error, -E2BIG,
                         "-o %s is of one container, and %zu were watched: choose one with -c",
                         advise->format->word, count);
    if (advice_format_is_pasted(advise->format))
        say_confidence(advices, count);
    written = advice_format_write(advise->format, &advise->text, advices, count,
                                  advise->options->explain);
    if (advise->text.failed)
        return error_set(error, -ENOMEM, "out of memory");
    if (!written)
        return error_set(error, -ENODATA,
                         "no advice: nothing was seen; let the container work, best from its start "
                         "on");
    return output_append(&advise->output.output, advise->text.data, advise->text.length);
}

/* Nothing says which containers are meant: then all of the profile are. */
static bool means_all(const struct advise *advise)
{
    const struct watch_options *watch = &advise->options->watch;

    return !watch->containers.count && !watch->selectors.count && !watch->units.count &&
           !advise->watch.run.run;
}

/* A failed write is said by command_output_close(), which knows where to. */
static int conclude(struct advise *advise, uint64_t lost, struct error *error)
{
    struct advice *advices;
    size_t count;
    int r;

    advices = advise_subjects_judge(&advise->subjects, lost > 0, &count);
    r = advices ? write_advice(advise, advices, count, error)
                : error_set(error, -ENOMEM, "out of memory");
    if (r >= 0 && advise->options->check)
        r = advise_profile_check(&advise->profile, advices, count, means_all(advise),
                                 &advise->beyond, error);
    free(advices);
    if (error->code)
        return r;
    if (r >= 0)
        r = output_flush(&advise->output.output);
    return command_output_close(&advise->output, r, error);
}

/* -------- from beginning to end -------- */

static int prepare_output(struct advise *advise, int signal_fd, struct error *error)
{
    struct command_output *output = &advise->output;
    int r = 0;

    advise->format = advice_format_find(advise->options->common.output);
    if (advise->options->output_file)
        r = command_output_place(output, advise->options->output_file, error);
    if (r < 0)
        return r;
    r = output_init(&output->output, output->fd, signal_fd, OUTPUT_SIZE);
    return r < 0 ? error_set(error, r, "out of memory") : 0;
}

/* Before anything is written: the output may be one of these files. */
static int read_profiles(struct advise *advise, struct error *error)
{
    const struct advise_options *options = advise->options;
    int r = 0;

    advise->subjects.by_name = options->merge != NULL;
    advise->profile.by_name = true;
    if (options->check)
        r = advise_profile_read(options->check, &advise->profile, error);
    if (r >= 0 && options->merge)
        r = advise_profile_read(options->merge, &advise->subjects, error);
    return r;
}

static int prepare(struct advise *advise, char *const *command, struct error *error)
{
    struct tracer_options *tracer = &advise->watch.pipeline_options.tracer;
    int r;

    advise->watch.pipeline_options.filter = &advise->filter;
    r = watch_prepare(&advise->watch, command, error);
    if (r < 0)
        return r;
    tracer->audited_only = tracer->programs = true;
    advise->watch.pipeline_options.first_program = true;
    r = kernel_filter_set(&advise->filter, tracer, error);
    if (r >= 0)
        r = read_profiles(advise, error);
    if (r >= 0)
        r = watch_prepare_run(&advise->watch, command, error);
    if (r >= 0)
        r = watch_prepare_loop(&advise->watch, error);
    return r < 0 ? r : prepare_output(advise, loop_signal_fd(advise->watch.loop), error);
}

static int watch_and_advise(struct advise *advise, struct error *error)
{
    const struct pipeline_listener listener = {
        .subject = on_subject,
        .program = on_program,
        .record = on_record,
        .engine = on_engine,
        .userdata = advise,
    };
    int r = advise_subjects_read_programs(&advise->subjects, loop_event(advise->watch.loop)), why;

    if (r < 0)
        return error_set(error, r, "cannot start a process: %s", strerror(-r));
    advise->watch.helpers = true;
    r = watch_begin(&advise->watch, NULL, listener, error);
    if (r < 0)
        return r;
    if (!advise->watch.run.run && !advise->options->common.timeout_usec)
        log_info("watching; Ctrl-C ends that and gives the advice");
    advise->subjects.tree = pipeline_tree(advise->watch.pipeline);
    advise_subjects_look(&advise->subjects);
    why = watch_loop(&advise->watch, error);
    if (why < 0)
        return why;
    advise_subjects_look(&advise->subjects);
    r = watch_finish(&advise->watch);
    advise_subjects_finish(&advise->subjects);
    if (r < 0)
        return error_set(error, r, "cannot read the ring buffer: %s", strerror(-r));
    if (advise->watch.run.run)
        traced_run_await(&advise->watch.run, why);
    say_kept_out(advise);
    watch_say(&advise->watch);
    if (advise->watch.failure.code) {
        *error = advise->watch.failure;
        return error->code;
    }
    return conclude(advise, advise->watch.counts.lost, error);
}

/* Without the kernel, and without any power. */
static int read_and_advise(struct advise *advise, struct error *error)
{
    uint64_t lost = 0;
    int r = read_profiles(advise, error);

    if (r >= 0)
        r = prepare_output(advise, -1, error);
    if (r >= 0)
        r = replay_run(advise->options, &advise->subjects, &lost, error);
    return r < 0 ? r : conclude(advise, lost, error);
}

/* What is not -EINVAL, before anything was touched, is no fault of the command line. */
static int run_advise(struct advise *advise, char *const *command, int *ret_signal,
                      struct error *error)
{
    int r = replay_check_options(advise->options, command != NULL, error);

    if (r < 0)
        return EXIT_STATUS_USAGE;
    if (advise->options->input || advise->options->journal)
        return read_and_advise(advise, error) < 0 ? EXIT_STATUS_FAILURE : EXIT_STATUS_DONE;
    r = prepare(advise, command, error);
    if (r == -EINVAL)
        return EXIT_STATUS_USAGE;
    if (r < 0 || watch_and_advise(advise, error) < 0)
        return command ? advise->watch.run.status : EXIT_STATUS_FAILURE;
    return command ? traced_run_status(&advise->watch.run, ret_signal) : EXIT_STATUS_DONE;
}

static int run(const void *values, int operand_count, char **operands, struct error *error)
{
    const struct advise_options *options = values;
    char *const *command = operand_count ? operands : NULL;
    struct advise advise = {
        .watch = { .options = &options->watch, .common = &options->common, .adds_up = true },
        .options = options,
        /* Standard output is the command's. */
        .output = { .fd = command ? STDERR_FILENO : STDOUT_FILENO },
    };
    int number = 0, status;

    log_set_verbose(options->common.verbose);
    advise.watch.run.status = EXIT_STATUS_OURS;
    advise_subjects_init(&advise.subjects);
    advise_subjects_init(&advise.profile);
    status = run_advise(&advise, command, &number, error);
    if (status == EXIT_STATUS_DONE && advise.beyond)
        status = EXIT_STATUS_DENIED;
    advise_clear(&advise);
    if (number)
        run_end_by_signal(number);
    return status;
}

const struct command command_advise_capabilities = {
    .name = "advise capabilities",
    .summary = "Say which capabilities a container needs, lacks, and has for nothing",
    .synopsis = "advise capabilities [OPTION...] [-- COMMAND [ARGUMENT...]]",
    .description = advise_description,
    .examples = advise_examples,
    .options = &advise_option_table,
    .values_size = sizeof(struct advise_options),
    .defaults = advise_options_defaults,
    .takes_command = true,
    .run = run,
};
