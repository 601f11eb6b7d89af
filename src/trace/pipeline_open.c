/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening a pipeline and closing it, in an order in which nothing is missed. */
#include "src/trace/pipeline_private.h"

#include <errno.h>

#include "src/trace/kernel_filter.h"

static int open_inventory(struct pipeline *pipeline, sd_event *event, struct error *error)
{
    const struct inventory_listener listener = pipeline_hears_inventory(pipeline);
    const struct pipeline_command *command = pipeline->options->command;
    const struct inventory_options options = {
        .discovery = &pipeline->options->discovery,
        .units = pipeline->options->units,
        .unit_count = pipeline->options->unit_count,
        .command_path = command ? command->path : NULL,
        .command_name = command ? command->name : NULL,
    };

    return inventory_new(&options, event, &listener, &pipeline->inventory, error);
}

/* Else the kernel would take for shown, and not show again, what is left out here. */
static bool is_all_in_kernel(const struct filter *filter)
{
    for (size_t i = 0; i < filter->count; i++) {
        if (!kernel_filter_decides(&filter->terms[i]))
            return false;
    }
    return true;
}

static int open_tracer(struct pipeline *pipeline, struct error *error)
{
    const struct cgroup_tree *tree = inventory_tree(pipeline->inventory);
    struct tracer_options options = pipeline->options->tracer;

    pipeline->tracer_listener = pipeline_hears_tracer(pipeline);
    options.unique = pipeline->options->unique && is_all_in_kernel(pipeline->options->filter);
    options.hierarchy = tree->hierarchy;
    options.hierarchy_id = tree->hierarchy_id;
    return tracer_new(&options, &pipeline->tracer_listener, &pipeline->tracer, error);
}

/* 0: none in particular. */
static uint32_t one_pid(const struct tracer_range *pids)
{
    return pids->limited && pids->least == pids->most ? pids->least : 0;
}

/* Last: what is there is known by now, but for what engines have still to say. */
static int open_unmatched(struct pipeline *pipeline, sd_event *event)
{
    const struct unmatched_options options = {
        .registry = inventory_registry(pipeline->inventory),
        .inventory = pipeline->inventory,
        .match = pipeline->options->match,
        .units = pipeline->options->units,
        .unit_count = pipeline->options->unit_count,
        .pid = one_pid(&pipeline->options->tracer.pids),
        .host = pipeline->options->host,
        .all = pipeline->options->all,
    };

    return unmatched_new(&options, event, &pipeline->unmatched);
}

/* Engines first, then the kernel, then the walk: see inventory_new(). */
static int open_all(struct pipeline *pipeline, sd_event *event, struct error *error)
{
    int r = open_inventory(pipeline, event, error);

    if (r >= 0 && (pipeline->options->tracer.kernel_stack || pipeline->options->tracer.user_stack))
        r = stacks_new(pipeline->options->tracer.kernel_stack, pipeline->options->tracer.user_stack,
                       &pipeline->stacks, error);
    if (r >= 0 && pipeline->options->until_exit &&
        exits_new(event, inventory_tree(pipeline->inventory), pipeline_on_exit, pipeline,
                  &pipeline->exits) < 0)
        r = error_set(error, -ENOMEM, "out of memory");
    if (r >= 0 && confined_new(pipeline->inventory, event, &pipeline->confined) < 0)
        r = error_set(error, -ENOMEM, "out of memory");
    if (r >= 0)
        r = open_tracer(pipeline, error);
    if (r >= 0)
        r = inventory_scan(pipeline->inventory, error);
    if (r < 0)
        return r;
    r = tracer_start(pipeline->tracer, event);
    if (r < 0)
        return error_set(error, r, "cannot watch the ring buffer: %s", strerror(-r));
    r = open_unmatched(pipeline, event);
    return r < 0 ? error_set(error, r, "cannot set a timer: %s", strerror(-r)) : 0;
}

int pipeline_new(const struct pipeline_options *options, sd_event *event, struct sink *sink,
                 const struct pipeline_listener *listener, struct pipeline **ret_pipeline,
                 struct error *error)
{
    _cleanup_(pipeline_free)
    struct pipeline *pipeline = calloc(1, sizeof(*pipeline));
    int r;

    if (!pipeline)
        return error_set(error, -ENOMEM, "out of memory");
    pipeline->options = options;
    pipeline->listener = *listener;
    pipeline->sink = sink;
    pipeline->event = event;
    unique_init(&pipeline->unique);
    pipeline->clock_offset_ns = pipeline_clock_offset();
    r = open_all(pipeline, event, error);
    if (r < 0)
        return r;
    *ret_pipeline = TAKE_PTR(pipeline);
    return 0;
}

/* What was handed to the sink and did not get through was not shown, but lost. */
static void settle_counts(struct pipeline *pipeline)
{
    uint64_t written;

    if (!pipeline->sink)
        return;
    written = sink_rows_written(pipeline->sink);
    pipeline->counts.losses[LOSS_UNWRITTEN] += pipeline->counts.shown - written;
    pipeline->counts.shown = written;
    pipeline->counts.lost += pipeline->counts.losses[LOSS_UNWRITTEN];
}

int pipeline_finish(struct pipeline *pipeline)
{
    int r;

    tracer_stop(pipeline->tracer);
    inventory_close(pipeline->inventory);
    pipeline->rescan.timer = sd_event_source_disable_unref(pipeline->rescan.timer);
    pipeline->rescan.closed = true;
    r = tracer_drain(pipeline->tracer);
    inventory_finish(pipeline->inventory);
    confined_finish(pipeline->confined);
    pipeline_show_unanswered(pipeline);
    if (r >= 0 && pipeline->sink)
        r = sink_flush(pipeline->sink, true);
    settle_counts(pipeline);
    return r;
}

void pipeline_free(struct pipeline **pipeline)
{
    if (!*pipeline)
        return;
    unmatched_free(&(*pipeline)->unmatched);
    confined_free(&(*pipeline)->confined);
    sd_event_source_disable_unref((*pipeline)->fold_timer);
    for (size_t i = 0; i < (*pipeline)->folds.count; i++)
        container_unref(&(*pipeline)->folds.held[i].container);
    sd_event_source_disable_unref((*pipeline)->rescan.timer);
    tracer_free(&(*pipeline)->tracer);
    exits_free(&(*pipeline)->exits);
    inventory_free(&(*pipeline)->inventory);
    unique_clear(&(*pipeline)->unique);
    stacks_free(&(*pipeline)->stacks);
    free(*pipeline);
    *pipeline = NULL;
}

struct pipeline_counts pipeline_counts(const struct pipeline *pipeline)
{
    const struct registry *registry = inventory_registry(pipeline->inventory);
    struct pipeline_counts counts = pipeline->counts;

    counts.evictions = registry->evictions + pipeline->unique.evictions;
    counts.crowded = registry->crowded;
    counts.unresolved = registry->unresolved;
    counts.policy_misses = tracer_policy_misses(pipeline->tracer);
    counts.overridden = tracer_not_passed_up(pipeline->tracer, COUNTER_OVERRIDDEN);
    counts.foreign = tracer_not_passed_up(pipeline->tracer, COUNTER_FOREIGN);
    counts.filtered += tracer_not_passed_up(pipeline->tracer, COUNTER_FILTERED);
    counts.silent = tracer_not_passed_up(pipeline->tracer, COUNTER_SILENT);
    counts.repeats += tracer_not_passed_up(pipeline->tracer, COUNTER_REPEATS);
    counts.unread_stacks = pipeline->stacks ? stacks_failures(pipeline->stacks) : 0;
    return counts;
}

const struct tracer *pipeline_tracer(const struct pipeline *pipeline)
{
    return pipeline->tracer;
}

const struct cgroup_tree *pipeline_tree(const struct pipeline *pipeline)
{
    return inventory_tree(pipeline->inventory);
}
