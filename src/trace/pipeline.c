/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/trace/pipeline_private.h"

#include <errno.h>

#include "src/base/clock.h"
#include "src/base/loop.h"
#include "src/model/loss.h"
#include "src/model/record.h"
#include "src/trace/pending.h"

/* Events that are shown before the ring is looked after: a ms, in which a twentieth of it fills. */
#define RELEASE_BATCH 1024

int64_t pipeline_clock_offset(void)
{
    return (int64_t)(clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_BOOTTIME));
}

static void end(struct pipeline *pipeline, int result, const struct error *error)
{
    if (pipeline->ended)
        return;
    pipeline->ended = true;
    pipeline->listener.ended(pipeline->listener.userdata, result, error);
}

/* -------- policy -------- */

/* What the kernel may decide by itself. */
static enum policy policy_of(const struct pipeline *pipeline, const struct member *member)
{
    if (!member || pipeline_is_host(pipeline, member))
        return pipeline_wants_host(pipeline) ? POLICY_REPORT : POLICY_IGNORE;
    if (member->naming.state == NAMING_WAITING || member->candidate)
        return POLICY_UNKNOWN;
    return member->use.wanted ? POLICY_REPORT : POLICY_IGNORE;
}

static void set_policy(struct pipeline *pipeline, uint64_t cgroup_id, enum policy policy)
{
    if (pipeline->tracer)
        (void)tracer_set_policy(pipeline->tracer, cgroup_id, policy); /* else: passed up, as now */
}

/* -------- rows -------- */

static void check_sink(struct pipeline *pipeline, int r)
{
    struct error error = {};

    if (r >= 0)
        return;
    (void)error_set(&error, r, "cannot write the output: %s", strerror(-r));
    pipeline->unwritable = pipeline->unwritable || !pipeline->ended;
    end(pipeline, r, &error);
}

static void flush(struct pipeline *pipeline)
{
    if (pipeline->sink)
        check_sink(pipeline, sink_flush(pipeline->sink, false));
}

static void show_row(struct pipeline *pipeline, struct member *member,
                     const struct capability_event *event, const struct captured_stacks *stacks)
{
    struct record record = {
        .event = event,
        .container = member->container,
        .stacks = stacks ? stacks_format(pipeline->stacks, stacks) : NULL,
        .time_ns = event->time_ns + (uint64_t)pipeline->clock_offset_ns,
    };

    if (pipeline_is_hidden_with_stacks(pipeline, member, &record))
        return;
    pipeline->counts.shown++;
    pipeline->counts.denied += event->denied != 0;
    if (member->container && !member->container->named)
        pipeline->counts.unnamed++;
    if (pipeline->listener.record)
        pipeline->listener.record(pipeline->listener.userdata, &record);
    if (pipeline->sink)
        check_sink(pipeline, sink_row(pipeline->sink, &record));
    if (pipeline->options->max_events && pipeline->counts.shown >= pipeline->options->max_events)
        end(pipeline, 0, NULL);
}

/* What nothing has answered, although there was time. */
static void show_unanswered(struct pipeline *pipeline, uint64_t before_ns)
{
    struct fold fold;

    while (folds_take_older(&pipeline->folds, before_ns, &fold)) {
        struct member member = { .container = fold.container };

        if (!pipeline->ended)
            show_row(pipeline, &member, &fold.event, NULL);
        else
            pipeline->counts.losses[LOSS_UNWRITTEN] += pipeline->unwritable;
        container_unref(&fold.container);
    }
}

static void await_answers(struct pipeline *pipeline);

static int on_fold_timer(UNUSED sd_event_source *source, UNUSED uint64_t usec, void *userdata)
{
    struct pipeline *pipeline = userdata;

    pipeline->fold_timer = sd_event_source_disable_unref(pipeline->fold_timer);
    show_unanswered(pipeline, clock_ns(CLOCK_BOOTTIME) - FOLD_WAIT_NS);
    await_answers(pipeline);
    flush(pipeline);
    return 0;
}

static void await_answers(struct pipeline *pipeline)
{
    if (pipeline->folds.count && !pipeline->fold_timer && !pipeline->ended)
        (void)loop_timer(pipeline->event, 2 * FOLD_WAIT_NS / 1000, "fold", on_fold_timer, pipeline,
                         &pipeline->fold_timer);
}

static void tell_folded(struct pipeline *pipeline, const struct fold *fold)
{
    const struct record record = {
        .event = &fold->event,
        .container = fold->container,
        .time_ns = fold->event.time_ns + (uint64_t)pipeline->clock_offset_ns,
    };

    pipeline->counts.folded++;
    if (pipeline->listener.folded)
        pipeline->listener.folded(pipeline->listener.userdata, &record);
}

/* The thread asks for something else: was what it was denied answered by that? */
static void settle_fold(struct pipeline *pipeline, const struct capability_event *event)
{
    struct fold fold;

    if (!folds_take(&pipeline->folds, event->tid, &fold))
        return;
    if (fold_is_answered(&fold, event)) {
        tell_folded(pipeline, &fold);
    } else {
        struct member member = { .container = fold.container };

        show_row(pipeline, &member, &fold.event, NULL);
    }
    container_unref(&fold.container);
}

static void show(struct pipeline *pipeline, struct member *member,
                 const struct capability_event *event, const struct captured_stacks *stacks)
{
    if (pipeline->options->fold) {
        settle_fold(pipeline, event);
        if (pipeline->ended)
            return;
        if (folds_hold(&pipeline->folds, event, member->container))
            return;
    }
    show_row(pipeline, member, event, stacks);
}

/* They may be many, while the ring fills. */
static void release_events(struct pipeline *pipeline, struct member *member)
{
    const struct captured_stacks *stacks;
    const struct capability_event *event;
    unsigned int shown = 0;
    size_t offset = 0;

    while ((event = pending_next(&member->use.pending, &offset, &stacks))) {
        if (!member->use.wanted || !pipeline_is_shown(pipeline, member, event))
            continue;
        show(pipeline, member, event, stacks);
        if (++shown % RELEASE_BATCH == 0 && pipeline->tracer)
            tracer_set_aside(pipeline->tracer);
    }
}

/* A name may come when the ring has long been quiet: what it sets free is written at once. */
static void release_pending(struct pipeline *pipeline, struct member *member)
{
    uint64_t shown = pipeline->counts.shown;

    release_events(pipeline, member);
    pending_clear(&member->use.pending, &pipeline->pending_total);
    pipeline->counts.filtered += member->use.wanted ? member->use.filtered : 0;
    member->use.filtered = 0;
    if (pipeline->counts.shown != shown)
        flush(pipeline);
}

/* -------- --until-exit -------- */

void pipeline_on_exit(void *userdata, UNUSED uint64_t cgroup_id)
{
    struct pipeline *pipeline = userdata;

    if (exits_count(pipeline->exits) == 0)
        pipeline->listener.exited(pipeline->listener.userdata);
}

static void await_exit(struct pipeline *pipeline, const struct member *member)
{
    if (pipeline->exits && member && member->top_cgroup && member->container->cgroup_path &&
        pipeline_is_wanted(pipeline, member))
        exits_follow(pipeline->exits, member->top_cgroup, member->container->cgroup_path);
}

/* In a new one, the first process is still to come. Of one that is over an engine may leave an
 * empty cgroup behind, which says nothing. */
static bool has_run(const struct pipeline *pipeline, const struct member *member)
{
    const struct container *container = member->container;

    return !member->setup && container->cgroup_path &&
           (container->pid ||
            !cgroup_tree_is_empty(inventory_tree(pipeline->inventory), container->cgroup_path));
}

static void note_removal(struct pipeline *pipeline, uint64_t cgroup_id)
{
    if (pipeline->exits && exits_forget(pipeline->exits, cgroup_id))
        pipeline_on_exit(pipeline, cgroup_id);
}

void pipeline_show_unanswered(struct pipeline *pipeline)
{
    show_unanswered(pipeline, UINT64_MAX);
}

/* -------- the inventory's notices -------- */

/* Perhaps nobody need be waited for any longer. */
static void tell_news(struct pipeline *pipeline)
{
    unmatched_news(pipeline->unmatched);
    confined_news(pipeline->confined);
}

/* The host's checks go out if they are wanted. */
static void on_dismissed(void *userdata, struct member *member)
{
    struct pipeline *pipeline = userdata;
    struct container *container = TAKE_PTR(member->container);

    tell_news(pipeline);
    member->use.wanted = pipeline_wants_host(pipeline);
    release_pending(pipeline, member);
    member->container = container;
}

/* A new one has the engine's process yet, which is under no filter. */
static void look_at_process(struct pipeline *pipeline, struct member *member)
{
    if (member && pipeline->confined && member->use.wanted && !member->setup && !member->unit &&
        !pipeline_is_host(pipeline, member))
        confined_look(pipeline->confined, member);
    confined_news(pipeline->confined);
}

static void on_settled(void *userdata, struct member *member)
{
    struct pipeline *pipeline = userdata;

    tell_news(pipeline);
    member->use.wanted = pipeline_is_wanted(pipeline, member);
    pipeline_tell_subject(pipeline, member);
    release_pending(pipeline, member);
    look_at_process(pipeline, member);
    if (pipeline->exits && has_run(pipeline, member))
        await_exit(pipeline, member);
}

static void on_policy(void *userdata, uint64_t cgroup_id, const struct member *member)
{
    struct pipeline *pipeline = userdata;

    set_policy(pipeline, cgroup_id, policy_of(pipeline, member));
}

static void on_forgotten(void *userdata, struct member *member)
{
    struct pipeline *pipeline = userdata;

    pending_clear(&member->use.pending, &pipeline->pending_total);
}

static void on_engine(void *userdata, const char *runtime, enum runtime_state state,
                      const struct error *reason)
{
    struct pipeline *pipeline = userdata;

    tell_news(pipeline);
    pipeline->listener.engine(pipeline->listener.userdata, runtime, state, reason);
}

/* -------- the tracer's notices -------- */

static void hold(struct pipeline *pipeline, struct member *member,
                 const struct capability_event *event, const struct captured_stacks *stacks)
{
    if (member->candidate)
        inventory_hold(pipeline->inventory, member, event);
    if (!pipeline_is_taken(pipeline, event)) {
        member->use.filtered++;
        return;
    }
    if (pending_add(&member->use.pending, event, stacks, &pipeline->pending_total) >= 0)
        return;
    /* No room to wait any longer: nothing is lost, but a name may be. */
    pipeline->counts.early += 1 + member->use.pending.length / sizeof(*event);
    member->use.wanted = pipeline_is_wanted(pipeline, member);
    release_pending(pipeline, member);
    if (member->use.wanted && pipeline_is_shown(pipeline, member, event))
        show(pipeline, member, event, stacks);
}

static void on_container_event(struct pipeline *pipeline, struct member *member,
                               const struct capability_event *event,
                               const struct capability_stacks *raw)
{
    bool waits = member->naming.state == NAMING_WAITING || member->candidate;
    const struct captured_stacks *stacks = NULL;

    if (!waits && !member->use.wanted)
        return;
    if ((pipeline_is_hidden_setup(pipeline, member, event) && !member->candidate) ||
        !pipeline_is_taken(pipeline, event))
        raw = NULL;
    if (!waits && !pipeline_is_shown(pipeline, member, event))
        return;
    if (raw)
        stacks = stacks_capture(pipeline->stacks, event, raw,
                                member->top_cgroup ? member->top_cgroup : event->cgroup_id,
                                member->container->pid);
    if (waits)
        hold(pipeline, member, event, stacks);
    else
        show(pipeline, member, event, stacks);
}

static void on_host_event(struct pipeline *pipeline, struct member *member,
                          const struct capability_event *event, const struct capability_stacks *raw)
{
    const struct captured_stacks *stacks = NULL;

    if (!pipeline_wants_host(pipeline)) {
        set_policy(pipeline, event->cgroup_id, POLICY_IGNORE);
        return;
    }
    if (!pipeline_is_shown(pipeline, member, event))
        return;
    if (raw)
        stacks = stacks_capture(pipeline->stacks, event, raw, stacks_owner_of_user(event->uid),
                                getpid());
    show(pipeline, member, event, stacks);
}

/* The index has no room, or there is no memory: shown by its cgroup's number, and nothing is said
 * to the kernel of that cgroup. */
static void on_unindexed_event(struct pipeline *pipeline, const struct capability_event *event)
{
    char id[32];
    struct member member = { .top_cgroup = event->cgroup_id };

    (void)snprintf(id, sizeof(id), "cgroup:%llu", (unsigned long long)event->cgroup_id);
    member.container = container_new("unknown", id);
    if ((!member.container || pipeline_is_wanted(pipeline, &member)) &&
        pipeline_is_shown(pipeline, &member, event))
        show(pipeline, &member, event, NULL);
    container_unref(&member.container);
}

/* Of our own process the kernel passes up nothing; these are parts of us. */
static bool is_ours(const struct pipeline *pipeline, const struct capability_event *event,
                    const struct capability_stacks *raw)
{
    const struct pipeline_command *command = pipeline->options->command;

    return (command && event->pid == (uint32_t)command->guard) ||
           (raw && stacks_is_helper(pipeline->stacks, event));
}

static void on_capability(void *userdata, const struct capability_event *event,
                          const struct capability_stacks *raw)
{
    struct pipeline *pipeline = userdata;
    struct member *member;

    if (is_ours(pipeline, event, raw))
        return;
    member = inventory_resolve(pipeline->inventory, event->cgroup_id);
    if (!member)
        on_unindexed_event(pipeline, event);
    else if (pipeline_is_host(pipeline, member))
        on_host_event(pipeline, member, event, raw);
    else
        on_container_event(pipeline, member, event, raw);
}

static void on_cgroup(void *userdata, const struct cgroup_event *event, const char *name)
{
    struct pipeline *pipeline = userdata;
    struct member *member, *begun;

    if (event->kind == EVENT_CGROUP_PROGRAM) {
        pipeline_note_program(pipeline, event);
        return;
    }
    begun = inventory_cgroup(pipeline->inventory, event, name);
    if (begun)
        pipeline_note_first_program(pipeline, begun, event->time_ns);
    if (event->kind == EVENT_CGROUP_BORN)
        pipeline_note_birth(pipeline, event->cgroup_id);
    if (event->kind == EVENT_CGROUP_GONE) {
        note_removal(pipeline, event->cgroup_id);
        set_policy(pipeline, event->cgroup_id, POLICY_UNKNOWN);
    } else if (event->kind == EVENT_CGROUP_EXEC) {
        member =
            number_table_get(&inventory_registry(pipeline->inventory)->cgroups, event->cgroup_id);
        /* Also of one of which it is not known yet whether it is a container. */
        if (member && member->use.born && !member->use.begun_ns)
            pipeline_note_first_program(pipeline, member, event->time_ns);
        await_exit(pipeline, member);
        look_at_process(pipeline, member);
    }
}

static void on_drained(void *userdata)
{
    struct pipeline *pipeline = userdata;

    pipeline_rescan(pipeline);
    inventory_drained(pipeline->inventory);
    pipeline->clock_offset_ns = pipeline_clock_offset();
    show_unanswered(pipeline, clock_ns(CLOCK_BOOTTIME) - FOLD_WAIT_NS);
    await_answers(pipeline);
    flush(pipeline);
}

static void on_lost(void *userdata, enum loss_kind kind, uint64_t count, uint64_t since_ns)
{
    struct pipeline *pipeline = userdata;
    uint64_t offset = (uint64_t)pipeline->clock_offset_ns;
    struct record_loss loss = {
        .time_ns = clock_ns(CLOCK_REALTIME),
        .since_ns = since_ns + offset,
        .count = count,
        .total = pipeline->counts.lost + count,
        .reason = loss_name(kind),
    };

    pipeline->counts.lost += count;
    pipeline->counts.losses[kind] += count;
    memcpy(loss.totals, pipeline->counts.losses, sizeof(loss.totals));
    if (pipeline->sink)
        check_sink(pipeline, sink_loss(pipeline->sink, &loss));
    pipeline->listener.lost(pipeline->listener.userdata, kind, count);
}

static void on_failed(void *userdata, const struct error *error)
{
    end(userdata, error->code, error);
}

/* -------- who is told what -------- */

struct inventory_listener pipeline_hears_inventory(struct pipeline *pipeline)
{
    return (struct inventory_listener){
        .settled = on_settled,
        .dismissed = on_dismissed,
        .forgotten = on_forgotten,
        .policy = on_policy,
        .engine = on_engine,
        .userdata = pipeline,
    };
}

struct tracer_listener pipeline_hears_tracer(struct pipeline *pipeline)
{
    return (struct tracer_listener){
        .capability = on_capability,
        .cgroup = on_cgroup,
        .drained = on_drained,
        .lost = on_lost,
        .cgroups_lost = pipeline_on_cgroups_lost,
        .failed = on_failed,
        .userdata = pipeline,
    };
}
