/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How containers begin, and who is told that they have. */
#include "src/trace/pipeline_private.h"

/* Before its events, so that whoever hears them knows it. Without a cgroup it does not run. */
void pipeline_tell_subject(struct pipeline *pipeline, const struct member *member)
{
    const struct pipeline_subject subject = {
        .container = member->container,
        .start_seen = member->use.born && (member->use.begun_ns || member->unit),
    };

    if (pipeline->listener.subject && member->use.wanted && member->top_cgroup)
        pipeline->listener.subject(pipeline->listener.userdata, &subject);
}

/* It is new to us, too: all that it does is seen. */
void pipeline_note_birth(struct pipeline *pipeline, uint64_t cgroup_id)
{
    struct member *member =
        number_table_get(&inventory_registry(pipeline->inventory)->cgroups, cgroup_id);

    if (!member || pipeline_is_host(pipeline, member) || member->top_cgroup != cgroup_id)
        return;
    /* What has begun before, as a scan was faster, has no first program to be waited for. */
    member->use.born = member->setup || member->unit;
    if (member->unit)
        pipeline_tell_subject(pipeline, member);
}

void pipeline_note_first_program(struct pipeline *pipeline, struct member *member, uint64_t time_ns)
{
    member->use.begun_ns = time_ns;
    if (member->naming.state == NAMING_DONE && !member->candidate)
        pipeline_tell_subject(pipeline, member);
}

void pipeline_note_program(struct pipeline *pipeline, const struct cgroup_event *event)
{
    struct member *member = inventory_resolve(pipeline->inventory, event->cgroup_id);

    if (!pipeline->listener.program || !member || pipeline_is_host(pipeline, member))
        return;
    if (member->use.wanted || member->naming.state == NAMING_WAITING || member->candidate)
        pipeline->listener.program(pipeline->listener.userdata, member->container,
                                   (pid_t)event->pid);
}
