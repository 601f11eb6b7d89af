/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/commands/command_doctor.h"

#include <errno.h>

#include "src/base/log.h"
#include "src/base/loop.h"
#include "src/cli/command.h"
#include "src/commands/command_common.h"
#include "src/commands/option_doctor.h"
#include "src/commands/option_watch.h"
#include "src/doctor/doctor.h"
#include "src/doctor/doctor_report.h"

/* The parts that tracing depends on, in the order in which they are looked at. */
struct parts {
    bool kernel;
    bool caller;
    bool cgroups;
    bool backends;
};

static bool conclude(const struct parts *parts, const char *best, struct findings *findings)
{
    const char *advice = NULL;

    if (!parts->caller)
        advice = "Run it as root, outside of a user namespace: sudo local-gadget doctor.";
    else if (!parts->kernel)
        advice = "The kernel's BTF is needed first.";
    else if (!parts->cgroups)
        advice = "The cgroups are needed first.";
    else if (!parts->backends)
        advice = "One back-end is enough: see what each needs.";
    if (advice)
        findings_add(findings, "Result", "tracing", FINDING_BAD, advice,
                     "does not work on this host");
    else
        findings_add(findings, "Result", "tracing", FINDING_GOOD, NULL,
                     "works on this host, with the back-end %s", best);
    return !advice;
}

/* Whether tracing would work, after everything was looked at. */
static bool examine(const struct doctor_options *options, sd_event *event,
                    struct findings *findings)
{
    _cleanup_(cgroup_tree_clear)
    struct cgroup_tree tree = { .fd = -1 };
    struct discovery_options discovery;
    struct parts parts;
    const char *best;

    parts.kernel = doctor_kernel(findings);
    parts.caller = doctor_caller(findings);
    doctor_sandbox(findings);
    parts.cgroups = doctor_cgroups(findings, &tree);
    parts.backends = doctor_backends(findings, &tree, WATCH_BUFFER_SIZE_DEFAULT, &best);
    if (tree.fd >= 0) {
        command_prepare_discovery(&options->common, &discovery);
        doctor_engines(findings, &tree, &discovery, event);
    }
    return conclude(&parts, best, findings);
}

static int print_rows(struct command_output *output, const struct findings *findings)
{
    int r = 0;

    for (size_t i = 0; i < findings->count && r >= 0; i++)
        r = sink_row(output->sink, &findings->items[i]);
    if (r >= 0)
        r = sink_flush(output->sink, true);
    return r;
}

static int print(const struct findings *findings, struct command_output *output,
                 struct error *error)
{
    int r;

    if (findings->failed)
        return error_set(error, -ENOMEM, "out of memory");
    r = output->sink ? print_rows(output, findings) : doctor_report(stdout, findings);
    return command_output_close(output, r, error);
}

static int run(const void *values, UNUSED int operand_count, UNUSED char **operands,
               struct error *error)
{
    const struct doctor_options *options = values;
    _cleanup_(command_output_clear)
    struct command_output output = { .fd = STDOUT_FILENO };
    _cleanup_(findings_clear)
    struct findings findings = { 0 };
    _cleanup_(loop_free)
    struct loop *loop = NULL;
    bool works;

    log_set_verbose(options->common.verbose);
    if (options->common.fields.count && strcmp(options->common.output, doctor_text_format) == 0) {
        (void)error_set(error, -EINVAL,
                        "--fields is of no use with -o text: add -o columns or json");
        return EXIT_STATUS_USAGE;
    }
    if (loop_new(&loop) < 0) {
        (void)error_set(error, -ENOMEM, "cannot make an event loop");
        return EXIT_STATUS_FAILURE;
    }
    if (strcmp(options->common.output, doctor_text_format) != 0 &&
        (command_output_choose(&output, &options->common, &finding_fields, true, error) < 0 ||
         command_output_open(&output, loop_signal_fd(loop), error) < 0))
        return EXIT_STATUS_USAGE;
    works = examine(options, loop_event(loop), &findings);
    if (print(&findings, &output, error) < 0)
        return EXIT_STATUS_FAILURE;
    return works ? EXIT_STATUS_DONE : EXIT_STATUS_FAILURE;
}

const struct command command_doctor = {
    .name = "doctor",
    .summary = "Say whether this host lets capabilities be traced, and what to do if not",
    .synopsis = "doctor [OPTION...]",
    .description = doctor_description,
    .examples = doctor_examples,
    .options = &doctor_option_table,
    .fields = &finding_fields,
    .values_size = sizeof(struct doctor_options),
    .defaults = doctor_options_defaults,
    .run = run,
};
