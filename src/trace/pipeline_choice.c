/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which events become rows: the user's choice, and what is noise. */
#include "src/trace/pipeline_private.h"

#include "src/model/loss.h"
#include "src/model/record.h"

bool pipeline_is_host(const struct pipeline *pipeline, const struct member *member)
{
    return registry_is_host(inventory_registry(pipeline->inventory), member);
}

/* NULL: of the host. */
static bool filter_takes(const struct pipeline *pipeline, const struct container *container)
{
    const struct record record = { .container = container };

    return filter_holds(pipeline->options->filter, &record, FILTER_ON_CONTAINERS);
}

bool pipeline_wants_host(const struct pipeline *pipeline)
{
    return pipeline->options->host && filter_takes(pipeline, NULL);
}

bool pipeline_is_wanted(const struct pipeline *pipeline, const struct member *member)
{
    if (!filter_takes(pipeline, member->container))
        return false;
    if (member->unit)
        return true;
    if (pipeline->options->only_young && member->top_cgroup < pipeline->options->command->cgroup_id)
        return false;
    if (pipeline->options->only_units || (member->container->sandbox && !pipeline->options->all))
        return false;
    return match_container(pipeline->options->match, member->container);
}

/* The host is one like a container. What has no key is in no index, and shown each time. */
static bool is_repeat(struct pipeline *pipeline, const struct member *member,
                      const struct capability_event *event)
{
    bool is_one = member->container && !pipeline_is_host(pipeline, member);
    const char *key = is_one ? member->key : "";

    return key && unique_is_repeat(&pipeline->unique, key, event);
}

static bool is_hidden_repeat(struct pipeline *pipeline, const struct member *member,
                             const struct capability_event *event)
{
    bool hidden = pipeline->options->unique && is_repeat(pipeline, member, event);

    pipeline->counts.repeats += hidden;
    return hidden;
}

/* Of the command it is we who prepare its first process. That may go on to run our own program,
 * which the kernel's side takes for more of that. */
static bool is_our_setup(const struct pipeline_command *command,
                         const struct capability_event *event)
{
    return (pid_t)event->pid == command->pid &&
           (!command->begun_ns || event->time_ns <= command->begun_ns);
}

/* The kernel's side may miss who is put into a cgroup, but not for long what runs there. */
static bool is_setup(const struct pipeline *pipeline, const struct member *member,
                     const struct capability_event *event)
{
    bool early =
        member->use.born && (!member->use.begun_ns || event->time_ns < member->use.begun_ns);

    return event->flags & EVENT_SETUP || (pipeline->options->first_program && early);
}

/* What systemd does in a unit before its program is the unit's, and the host has no engine. */
bool pipeline_is_hidden_setup(const struct pipeline *pipeline, const struct member *member,
                              const struct capability_event *event)
{
    const struct pipeline_command *command = pipeline->options->command;

    if (!is_setup(pipeline, member, event) || pipeline->options->all || !member->container ||
        pipeline_is_host(pipeline, member))
        return false;
    if (command && member->top_cgroup == command->cgroup_id)
        return is_our_setup(command, event);
    return !member->unit;
}

/* By the filter, as far as it is about neither the container nor the stacks. */
bool pipeline_is_taken(const struct pipeline *pipeline, const struct capability_event *event)
{
    const struct record record = {
        .event = event,
        .time_ns = event->time_ns + (uint64_t)pipeline->clock_offset_ns,
    };

    return filter_holds(pipeline->options->filter, &record, FILTER_ON_EVENTS);
}

/* Whether a row comes of it. Asked once for each event, before its stacks are looked at: that costs
 * far more than all the rest. */
bool pipeline_is_shown(struct pipeline *pipeline, struct member *member,
                       const struct capability_event *event)
{
    if (pipeline_is_hidden_setup(pipeline, member, event)) {
        pipeline->counts.setup++;
        return false;
    }
    if (!pipeline_is_taken(pipeline, event)) {
        pipeline->counts.filtered++;
        return false;
    }
    if (!filter_has(pipeline->options->filter, FILTER_ON_STACKS) &&
        is_hidden_repeat(pipeline, member, event))
        return false;
    if (pipeline->unwritable)
        pipeline->counts.losses[LOSS_UNWRITTEN]++;
    return !pipeline->ended;
}

/* What the filter says of stacks, and what is then a repeat. */
bool pipeline_is_hidden_with_stacks(struct pipeline *pipeline, const struct member *member,
                                    const struct record *record)
{
    if (!filter_has(pipeline->options->filter, FILTER_ON_STACKS))
        return false;
    if (filter_holds(pipeline->options->filter, record, FILTER_ON_STACKS))
        return is_hidden_repeat(pipeline, member, record->event);
    pipeline->counts.filtered++;
    return true;
}
