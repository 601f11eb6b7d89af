/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/trace/pipeline_private.h"

#include <errno.h>

#include "src/base/clock.h"
#include "src/model/loss.h"
#include "src/model/record.h"
#include "src/trace/pending.h"

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
    if (!member || registry_is_host(&pipeline->registry, member))
        return pipeline->options->host ? POLICY_REPORT : POLICY_IGNORE;
    if (member->naming == NAMING_WAITING || member->candidate)
        return POLICY_UNKNOWN;
    return member->wanted ? POLICY_REPORT : POLICY_IGNORE;
}

static void set_policy(struct pipeline *pipeline, uint64_t cgroup_id, enum policy policy)
{
    if (pipeline->tracer)
        (void)tracer_set_policy(pipeline->tracer, cgroup_id, policy); /* else: passed up, as now */
}

void pipeline_teach_kernel(struct pipeline *pipeline)
{
    struct member *member;
    uint64_t id;
    size_t at = 0;

    while ((member = number_table_next(&pipeline->registry.cgroups, &at, &id)))
        set_policy(pipeline, id, policy_of(pipeline, member));
}

/* The policy of all cgroups of a member, after something about it has changed. */
static void update_policies(struct pipeline *pipeline, struct member *member)
{
    enum policy policy = policy_of(pipeline, member);

    for (size_t i = 0; i < member->id_count; i++)
        set_policy(pipeline, member->ids[i], policy);
}

static bool is_wanted(const struct pipeline *pipeline, const struct member *member)
{
    if (member->unit)
        return true;
    if (pipeline->options->only_young && member->top_cgroup < pipeline->options->command->cgroup_id)
        return false;
    if (pipeline->options->only_units || (member->container->sandbox && !pipeline->options->all))
        return false;
    return match_container(pipeline->options->match, member->container);
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

/* The host is one like a container. What has no key is in no index, and shown each time. */
static bool is_repeat(struct pipeline *pipeline, const struct member *member,
                      const struct capability_event *event)
{
    bool is_host = !member->container || registry_is_host(&pipeline->registry, member);
    const char *key = is_host ? "" : member->key;

    return key && unique_is_repeat(&pipeline->unique, key, event);
}

/* Of the command it is we who prepare its first process. That may go on to run our own program,
 * which the kernel's side takes for more of that. */
static bool is_our_setup(const struct pipeline_command *command,
                         const struct capability_event *event)
{
    return (pid_t)event->pid == command->pid &&
           (!command->begun_ns || event->time_ns <= command->begun_ns);
}

/* What systemd does in a unit before its program is the unit's, and the host has no engine. */
static bool is_hidden_setup(const struct pipeline *pipeline, const struct member *member,
                            const struct capability_event *event)
{
    const struct pipeline_command *command = pipeline->options->command;

    if (!(event->flags & EVENT_SETUP) || pipeline->options->all || !member->container ||
        registry_is_host(&pipeline->registry, member))
        return false;
    if (command && member->top_cgroup == command->cgroup_id)
        return is_our_setup(command, event);
    return !member->unit;
}

/* Whether a row comes of it. Asked once for each event, before its stacks are looked at: that costs
 * far more than all the rest. */
static bool is_shown(struct pipeline *pipeline, struct member *member,
                     const struct capability_event *event)
{
    if (is_hidden_setup(pipeline, member, event)) {
        pipeline->counts.setup++;
        return false;
    }
    if (pipeline->options->tracer.unique && is_repeat(pipeline, member, event))
        return false;
    if (pipeline->unwritable)
        pipeline->counts.losses[LOSS_UNWRITTEN]++;
    return !pipeline->ended;
}

static void show(struct pipeline *pipeline, struct member *member,
                 const struct capability_event *event, const struct captured_stacks *stacks)
{
    struct record record = {
        .event = event,
        .container = member->container,
        .stacks = stacks ? stacks_format(pipeline->stacks, stacks) : NULL,
        .time_ns = event->time_ns + (uint64_t)pipeline->clock_offset_ns,
    };

    pipeline->counts.shown++;
    pipeline->counts.denied += event->denied != 0;
    if (member->container && !member->container->named)
        pipeline->counts.unnamed++;
    check_sink(pipeline, sink_row(pipeline->sink, &record));
    if (pipeline->options->max_events && pipeline->counts.shown >= pipeline->options->max_events)
        end(pipeline, 0, NULL);
}

/* A name may come when the ring has long been quiet: what it sets free is written at once. */
static void release_pending(struct pipeline *pipeline, struct member *member)
{
    const struct captured_stacks *stacks;
    const struct capability_event *event;
    uint64_t shown = pipeline->counts.shown;
    size_t offset = 0;

    while ((event = pending_next(member, &offset, &stacks))) {
        if (member->wanted && is_shown(pipeline, member, event))
            show(pipeline, member, event, stacks);
    }
    pending_clear(member, &pipeline->pending_total);
    if (pipeline->counts.shown != shown)
        check_sink(pipeline, sink_flush(pipeline->sink, false));
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
    if (pipeline->exits && member && member->wanted && member->top_cgroup &&
        member->container->cgroup_path)
        exits_follow(pipeline->exits, member->top_cgroup, member->container->cgroup_path);
}

/* In a new one, the first process is still to come. Of one that is over an engine may leave an
 * empty cgroup behind, which says nothing. */
static bool has_run(const struct pipeline *pipeline, const struct member *member)
{
    const struct container *container = member->container;

    return !member->setup && container->cgroup_path &&
           (container->pid || !cgroup_tree_is_empty(&pipeline->tree, container->cgroup_path));
}

static void note_removal(struct pipeline *pipeline, uint64_t cgroup_id)
{
    if (pipeline->exits && exits_forget(pipeline->exits, cgroup_id))
        pipeline_on_exit(pipeline, cgroup_id);
}

/* -------- the registry's and discovery's notices -------- */

/* One of its checks, after the set-up, was made in namespaces that are not the host's. */
static bool has_foreign_event(const struct pipeline *pipeline, const struct member *member)
{
    const struct captured_stacks *stacks;
    const struct capability_event *event;
    size_t offset = 0;

    while ((event = pending_next(member, &offset, &stacks))) {
        if (!(event->flags & EVENT_SETUP) &&
            registry_is_foreign(&pipeline->registry, event->mount_namespace, event->current_userns))
            return true;
    }
    return false;
}

/* No engine knows it. The host's checks go out if they are wanted; the member is gone then. */
static void settle_candidate(struct pipeline *pipeline, struct member *member)
{
    struct container *none;

    if (discovery_keep(pipeline->discovery, member, has_foreign_event(pipeline, member)))
        return;
    if (pipeline->options->host) {
        none = TAKE_PTR(member->container);
        member->wanted = true;
        release_pending(pipeline, member);
        member->container = none;
    }
    registry_dismiss(&pipeline->registry, member);
}

static void on_settled(void *userdata, struct member *member)
{
    struct pipeline *pipeline = userdata;

    unmatched_news(pipeline->unmatched);
    if (member->candidate) {
        settle_candidate(pipeline, member);
        return;
    }
    member->wanted = is_wanted(pipeline, member);
    release_pending(pipeline, member);
    update_policies(pipeline, member);
    if (pipeline->exits && has_run(pipeline, member))
        await_exit(pipeline, member);
}

static void on_changed(void *userdata, struct member *member)
{
    struct pipeline *pipeline = userdata;

    member->wanted = is_wanted(pipeline, member);
    discovery_update(pipeline->discovery, member);
}

static void on_mapped(void *userdata, uint64_t cgroup_id, struct member *member)
{
    struct pipeline *pipeline = userdata;

    set_policy(pipeline, cgroup_id, policy_of(pipeline, member));
}

static void on_forgotten(void *userdata, struct member *member)
{
    struct pipeline *pipeline = userdata;

    if (pipeline->discovery)
        discovery_forget(pipeline->discovery, member);
    pending_clear(member, &pipeline->pending_total);
}

static void on_engine(void *userdata, const char *runtime, enum runtime_state state,
                      const struct error *reason)
{
    struct pipeline *pipeline = userdata;

    unmatched_news(pipeline->unmatched);
    pipeline->listener.engine(pipeline->listener.userdata, runtime, state, reason);
}

/* -------- the tracer's notices -------- */

static void hold(struct pipeline *pipeline, struct member *member,
                 const struct capability_event *event, const struct captured_stacks *stacks)
{
    if (member->candidate)
        discovery_hold(pipeline->discovery, member);
    if (pending_add(member, event, stacks, &pipeline->pending_total) >= 0)
        return;
    /* No room to wait any longer: nothing is lost, but a name may be. */
    pipeline->counts.early += 1 + member->pending_length / sizeof(*event);
    member->wanted = is_wanted(pipeline, member);
    release_pending(pipeline, member);
    if (member->wanted && is_shown(pipeline, member, event))
        show(pipeline, member, event, stacks);
}

static void on_container_event(struct pipeline *pipeline, struct member *member,
                               const struct capability_event *event,
                               const struct capability_stacks *raw)
{
    bool waits = member->naming == NAMING_WAITING || member->candidate;
    const struct captured_stacks *stacks = NULL;

    if (!waits && !member->wanted)
        return;
    if (is_hidden_setup(pipeline, member, event) && !member->candidate)
        raw = NULL;
    if (!waits && !is_shown(pipeline, member, event))
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

    if (!pipeline->options->host) {
        set_policy(pipeline, event->cgroup_id, POLICY_IGNORE);
        return;
    }
    if (!is_shown(pipeline, member, event))
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
    if ((!member.container || is_wanted(pipeline, &member)) && is_shown(pipeline, &member, event))
        show(pipeline, &member, event, NULL);
    container_unref(&member.container);
}

static void on_capability(void *userdata, const struct capability_event *event,
                          const struct capability_stacks *raw)
{
    struct pipeline *pipeline = userdata;
    struct member *member;

    /* Of our own process the kernel passes up nothing; the helper is a part of us. */
    if (raw && stacks_is_helper(pipeline->stacks, event))
        return;
    member = registry_resolve(&pipeline->registry, event->cgroup_id);
    if (!member)
        on_unindexed_event(pipeline, event);
    else if (registry_is_host(&pipeline->registry, member))
        on_host_event(pipeline, member, event, raw);
    else
        on_container_event(pipeline, member, event, raw);
}

static void on_cgroup(void *userdata, const struct cgroup_event *event)
{
    struct pipeline *pipeline = userdata;
    struct member *member;

    if (event->kind == EVENT_CGROUP_BORN) {
        registry_born(&pipeline->registry, event->cgroup_id, event->parent_id);
    } else if (event->kind == EVENT_CGROUP_GONE) {
        registry_gone(&pipeline->registry, event->cgroup_id);
        note_removal(pipeline, event->cgroup_id);
        set_policy(pipeline, event->cgroup_id, POLICY_UNKNOWN);
    } else {
        member = registry_executed(&pipeline->registry, event->cgroup_id, (pid_t)event->pid);
        if (member && member->candidate)
            discovery_ask(pipeline->discovery, member);
        else if (member)
            update_policies(pipeline, member);
        await_exit(pipeline, number_table_get(&pipeline->registry.cgroups, event->cgroup_id));
    }
}

static void on_drained(void *userdata)
{
    struct pipeline *pipeline = userdata;

    registry_drained(&pipeline->registry);
    pipeline->clock_offset_ns = pipeline_clock_offset();
    check_sink(pipeline, sink_flush(pipeline->sink, false));
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
    check_sink(pipeline, sink_loss(pipeline->sink, &loss));
    pipeline->listener.lost(pipeline->listener.userdata, kind, count);
}

static void on_cgroups_lost(void *userdata, UNUSED uint64_t count)
{
    struct pipeline *pipeline = userdata;

    (void)registry_rescan(&pipeline->registry);
}

static void on_failed(void *userdata, const struct error *error)
{
    end(userdata, error->code, error);
}

/* -------- who is told what -------- */

struct registry_listener pipeline_hears_registry(struct pipeline *pipeline)
{
    return (struct registry_listener){
        .changed = on_changed,
        .mapped = on_mapped,
        .forgotten = on_forgotten,
        .userdata = pipeline,
    };
}

struct discovery_listener pipeline_hears_discovery(struct pipeline *pipeline)
{
    return (struct discovery_listener){
        .settled = on_settled,
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
        .cgroups_lost = on_cgroups_lost,
        .failed = on_failed,
        .userdata = pipeline,
    };
}
