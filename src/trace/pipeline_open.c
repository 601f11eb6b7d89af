/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening a pipeline and closing it, in an order in which nothing is missed. */
#include "src/trace/pipeline_private.h"

#include <errno.h>

static int open_tracer(struct pipeline *pipeline, struct error *error)
{
    struct tracer_options options = pipeline->options->tracer;

    pipeline->tracer_listener = pipeline_hears_tracer(pipeline);
    options.hierarchy = pipeline->tree.hierarchy;
    options.hierarchy_id = pipeline->tree.hierarchy_id;
    return tracer_new(&options, &pipeline->tracer_listener, &pipeline->tracer, error);
}

/* Last: what is there is known by now, but for what engines have still to say. */
static int open_unmatched(struct pipeline *pipeline, sd_event *event)
{
    const struct unmatched_options options = {
        .registry = &pipeline->registry,
        .discovery = pipeline->discovery,
        .match = pipeline->options->match,
        .units = pipeline->options->units,
        .unit_count = pipeline->options->unit_count,
        .pid = pipeline->options->tracer.pid,
        .host = pipeline->options->host,
        .all = pipeline->options->all,
    };

    return unmatched_new(&options, event, &pipeline->unmatched);
}

static int open_all(struct pipeline *pipeline, sd_event *event, struct error *error)
{
    const struct registry_listener registry_listener = pipeline_hears_registry(pipeline);
    const struct discovery_listener discovery_listener = pipeline_hears_discovery(pipeline);
    int r = cgroup_tree_open(&pipeline->tree, error);

    if (r < 0)
        return r;
    registry_init(&pipeline->registry, &pipeline->tree, &registry_listener);
    pipeline->registry.units = pipeline->options->units;
    pipeline->registry.unit_count = pipeline->options->unit_count;
    if (pipeline->options->command) {
        pipeline->registry.command_path = pipeline->options->command->path;
        pipeline->registry.command_name = pipeline->options->command->name;
    }
    /* Engines first: what they know is there when the first cgroup is seen. */
    r = discovery_new(&pipeline->options->discovery, event, &pipeline->registry,
                      &discovery_listener, &pipeline->discovery, error);
    if (r >= 0 && (pipeline->options->tracer.kernel_stack || pipeline->options->tracer.user_stack))
        r = stacks_new(pipeline->options->tracer.kernel_stack, pipeline->options->tracer.user_stack,
                       &pipeline->stacks, error);
    if (r >= 0 && pipeline->options->until_exit &&
        exits_new(event, &pipeline->tree, pipeline_on_exit, pipeline, &pipeline->exits) < 0)
        r = error_set(error, -ENOMEM, "out of memory");
    /* Then the kernel, then the walk: a cgroup made in between is seen twice, never missed. */
    if (r >= 0)
        r = open_tracer(pipeline, error);
    if (r < 0)
        return r;
    r = registry_scan(&pipeline->registry);
    if (r < 0)
        return error_set(error, r, "cannot read %s: %s", pipeline->tree.mount_point, strerror(-r));
    pipeline_teach_kernel(pipeline);
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
    pipeline->tree.fd = -1;
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
    uint64_t written = sink_rows_written(pipeline->sink);

    pipeline->counts.losses[LOSS_UNWRITTEN] += pipeline->counts.shown - written;
    pipeline->counts.shown = written;
    pipeline->counts.lost += pipeline->counts.losses[LOSS_UNWRITTEN];
}

int pipeline_finish(struct pipeline *pipeline)
{
    int r;

    tracer_stop(pipeline->tracer);
    r = tracer_drain(pipeline->tracer);
    discovery_finish(pipeline->discovery);
    if (r >= 0)
        r = sink_flush(pipeline->sink, true);
    settle_counts(pipeline);
    return r;
}

void pipeline_free(struct pipeline **pipeline)
{
    if (!*pipeline)
        return;
    unmatched_free(&(*pipeline)->unmatched);
    tracer_free(&(*pipeline)->tracer);
    exits_free(&(*pipeline)->exits);
    discovery_free(&(*pipeline)->discovery);
    registry_clear(&(*pipeline)->registry);
    unique_clear(&(*pipeline)->unique);
    stacks_free(&(*pipeline)->stacks);
    cgroup_tree_clear(&(*pipeline)->tree);
    free(*pipeline);
    *pipeline = NULL;
}

struct pipeline_counts pipeline_counts(const struct pipeline *pipeline)
{
    struct pipeline_counts counts = pipeline->counts;

    counts.evictions = pipeline->registry.evictions + pipeline->unique.evictions;
    counts.unresolved = pipeline->registry.unresolved;
    counts.policy_misses = tracer_policy_misses(pipeline->tracer);
    counts.unread_stacks = pipeline->stacks ? stacks_failures(pipeline->stacks) : 0;
    return counts;
}

const struct tracer *pipeline_tracer(const struct pipeline *pipeline)
{
    return pipeline->tracer;
}

const struct cgroup_tree *pipeline_tree(const struct pipeline *pipeline)
{
    return &pipeline->tree;
}
