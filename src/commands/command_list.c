/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * list-containers. Without --watch it reads the cgroup tree and asks the engines once; with it, the
 * tracer tells of births and deaths as they happen.
 */
#include "src/commands/command_list.h"

#include <errno.h>

#include "src/base/clock.h"
#include "src/base/log.h"
#include "src/base/loop.h"
#include "src/cli/command.h"
#include "src/commands/command_common.h"
#include "src/commands/command_sandbox.h"
#include "src/commands/list_order.h"
#include "src/commands/listing_event.h"
#include "src/commands/option_list.h"
#include "src/containers/exits.h"
#include "src/containers/inventory.h"
#include "src/host/powers.h"
#include "src/model/filter.h"
#include "src/source/tracer.h"
#include "src/trace/match.h"

/* Births and deaths only: no check is wanted. */
#define WATCH_BUFFER_SIZE (UINT64_C(1) << 20)
#define WATCH_SPILL_SIZE  (UINT64_C(16) << 20)

struct listing {
    const struct list_options *options;
    struct loop *loop; /* owned */
    struct command_output output;
    struct field_table watch_fields; /* owned array */
    struct match match;
    struct filter filter; /* of container_fields */
    struct list_order order;
    struct discovery_options discovery_options;
    struct inventory *inventory; /* owned */
    struct tracer_listener tracer_listener;
    struct tracer *tracer;     /* owned; NULL without --watch */
    struct exits *exits;       /* owned; NULL without --watch */
    sd_event_source *patience; /* owned; the end of waiting for engines */
    sd_event_source *check;    /* owned; looks whether all have answered */
    sd_event_source *timeout;  /* owned */
    bool listed;               /* the containers that were there at the start are printed */
    struct error failure;      /* code 0: none */
};

/* -------- rows -------- */

static void fail(struct listing *listing, int r)
{
    if (!listing->failure.code)
        (void)command_output_close(&listing->output, r, &listing->failure);
    loop_end(listing->loop, listing->failure.code ? LOOP_END_FAILED : LOOP_END_DONE);
}

static void print_row(struct listing *listing, const struct container *container, const char *event)
{
    const struct listing_event row = { .container = *container,
                                       .time_ns = clock_ns(CLOCK_REALTIME),
                                       .event = event };
    int r;

    r = sink_row(listing->output.sink, listing->options->watch ? (const void *)&row : container);
    if (r < 0)
        fail(listing, r);
}

/* CRI is spoken for engines that have names of their own: by it, their pods are asked for. */
static bool is_asked_for(const struct listing *listing, const struct container *container)
{
    const struct option_list *runtimes = &listing->options->common.runtimes;

    for (size_t i = 0; i < runtimes->count; i++)
        if (strcmp(runtimes->words[i], container->runtime) == 0 ||
            (strcmp(runtimes->words[i], "cri") == 0 && container->pod))
            return true;
    return runtimes->count == 0;
}

/* Where nothing was executed yet, the first process is still to come. */
static bool is_over(const struct listing *listing, const struct member *member)
{
    const char *path = member->container->cgroup_path;

    return !member->setup && path && cgroup_tree_is_empty(inventory_tree(listing->inventory), path);
}

/* Started again, it has what its engine told of the life before until its first program runs, or
 * the engine says more. */
static bool is_to_come(const struct member *member)
{
    return member->setup && member->container->state != CONTAINER_STATE_RUNNING;
}

static bool is_listed(const struct listing *listing, const struct member *member)
{
    if (!member->top_cgroup || member->gone || member->candidate || is_to_come(member))
        return false;
    if (member->container->sandbox && !listing->options->all)
        return false;
    return is_asked_for(listing, member->container) &&
           match_container(&listing->match, member->container) &&
           filter_holds(&listing->filter, member->container, ~0U) && !is_over(listing, member);
}

static int compare(const void *left, const void *right, void *userdata)
{
    const struct listing *listing = userdata;
    const struct container *a = (*(struct member *const *)left)->container;
    const struct container *b = (*(struct member *const *)right)->container;
    int order = list_order_compare(&listing->order, a, b);

    if (order == 0)
        order = strcmp(a->runtime, b->runtime);
    if (order == 0)
        order = strcmp(a->name ? a->name : a->id, b->name ? b->name : b->id);
    return order ? order : strcmp(a->id, b->id);
}

static int flush(struct listing *listing, bool last)
{
    int r = sink_flush(listing->output.sink, last);

    if (r >= 0)
        r = output_flush(&listing->output.output);
    if (r < 0)
        fail(listing, r);
    return r;
}

static void print_created(struct listing *listing, struct member *member)
{
    member->use.wanted = true;
    print_row(listing, member->container, "CREATED");
    if (listing->exits && !member->setup && member->container->cgroup_path)
        exits_follow(listing->exits, member->top_cgroup, member->container->cgroup_path);
}

static void print_deleted(struct listing *listing, struct member *member)
{
    if (!member->use.wanted)
        return;
    member->use.wanted = false;
    print_row(listing, member->container, "DELETED");
    (void)flush(listing, false);
}

/* The containers that are there, in order. Marks them as printed. */
static void print_list(struct listing *listing)
{
    const struct registry *registry = inventory_registry(listing->inventory);
    struct member **members = NULL, *member;
    size_t count = 0, size = 0, at = 0;

    while ((member = registry_next(registry, &at)))
        size++;
    members = calloc(size + 1, sizeof(struct member *));
    if (!members) {
        fail(listing, -ENOMEM);
        return;
    }
    for (at = 0; (member = registry_next(registry, &at));)
        if (is_listed(listing, member))
            members[count++] = member;
    qsort_r(members, count, sizeof(struct member *), compare, listing);
    for (size_t i = 0; i < count; i++)
        print_created(listing, members[i]);
    free(members);
    listing->listed = true;
    if (listing->options->watch)
        (void)flush(listing, false);
    else
        loop_end(listing->loop, LOOP_END_DONE);
}

/* -------- when to print -------- */

static int on_check(UNUSED sd_event_source *source, void *userdata)
{
    struct listing *listing = userdata;

    if (!listing->listed && inventory_is_complete(listing->inventory))
        print_list(listing);
    return 0;
}

static int on_patience(UNUSED sd_event_source *source, UNUSED uint64_t usec, void *userdata)
{
    struct listing *listing = userdata;

    if (!listing->listed) {
        log_warning("not every engine has answered; its containers are listed by their ids");
        print_list(listing);
    }
    return 0;
}

/* Once a turn of the loop, however much has happened in it. */
static void check_soon(struct listing *listing)
{
    if (!listing->listed && listing->check)
        (void)sd_event_source_set_enabled(listing->check, SD_EVENT_ONESHOT);
}

/* -------- notices of the inventory and of the kernel -------- */

static void announce(struct listing *listing, struct member *member)
{
    if (!listing->listed || !listing->options->watch || member->use.wanted ||
        !is_listed(listing, member))
        return;
    print_created(listing, member);
    (void)flush(listing, false);
}

static void on_settled(void *userdata, struct member *member)
{
    announce(userdata, member);
    check_soon(userdata);
}

static void on_dismissed(void *userdata, UNUSED struct member *member)
{
    check_soon(userdata);
}

/* No check is wanted of any cgroup; of a new one, the first program is. */
static void on_policy(void *userdata, uint64_t cgroup_id, const struct member *member)
{
    struct listing *listing = userdata;
    bool is_new = member && member->setup;

    if (listing->tracer)
        (void)tracer_set_policy(listing->tracer, cgroup_id,
                                is_new ? POLICY_UNKNOWN : POLICY_IGNORE);
}

static void on_forgotten(void *userdata, struct member *member)
{
    print_deleted(userdata, member);
}

/* The last process has ended; its cgroup may stay. */
static void on_ended(void *userdata, uint64_t cgroup_id)
{
    struct listing *listing = userdata;
    struct member *member =
        number_table_get(&inventory_registry(listing->inventory)->cgroups, cgroup_id);

    if (member)
        print_deleted(listing, member);
}

static void on_engine(void *userdata, const char *runtime, enum runtime_state state,
                      const struct error *reason)
{
    command_tell_engine(userdata, runtime, state, reason);
    check_soon(userdata);
}

static void on_capability(UNUSED void *userdata, UNUSED const struct capability_event *event,
                          UNUSED const struct capability_stacks *stacks)
{
}

static void on_cgroup(void *userdata, const struct cgroup_event *event, const char *name)
{
    struct listing *listing = userdata;
    struct member *started = inventory_cgroup(listing->inventory, event, name);

    if (event->kind == EVENT_CGROUP_GONE)
        (void)exits_forget(listing->exits, event->cgroup_id);
    else if (started && started->use.wanted)
        exits_follow(listing->exits, started->top_cgroup, started->container->cgroup_path);
}

static void on_drained(void *userdata)
{
    struct listing *listing = userdata;

    inventory_drained(listing->inventory);
}

static void on_lost(UNUSED void *userdata, UNUSED enum loss_kind kind, UNUSED uint64_t count,
                    UNUSED uint64_t since_ns)
{
}

static void on_cgroups_lost(void *userdata, uint64_t count)
{
    struct listing *listing = userdata;

    log_warning("%llu starts or stops were lost; looking at all cgroups again",
                (unsigned long long)count);
    (void)inventory_rescan(listing->inventory);
}

static void on_tracer_failed(void *userdata, const struct error *error)
{
    struct listing *listing = userdata;

    listing->failure = *error;
    loop_end(listing->loop, LOOP_END_FAILED);
}

/* -------- opening and closing -------- */

static void listing_clear(struct listing *listing)
{
    tracer_free(&listing->tracer);
    exits_free(&listing->exits);
    inventory_free(&listing->inventory);
    sd_event_source_disable_unref(listing->patience);
    sd_event_source_disable_unref(listing->check);
    sd_event_source_disable_unref(listing->timeout);
    command_output_clear(&listing->output);
    match_clear(&listing->match);
    filter_clear(&listing->filter);
    list_order_clear(&listing->order);
    free((void *)(uintptr_t)listing->watch_fields.fields);
    loop_free(&listing->loop);
}

static int prepare_choice(struct listing *listing, struct error *error)
{
    const struct list_options *options = listing->options;
    int r = match_init(&listing->match, options->containers.words, options->containers.count, NULL,
                       0, error);

    listing->filter.table = &container_fields;
    for (size_t i = 0; i < options->filters.count && r >= 0; i++)
        r = filter_add(&listing->filter, "--filter", options->filters.words[i], error);
    if (r >= 0)
        r = list_order_init(&listing->order, &container_fields, options->order.words,
                            options->order.count, error);
    return r;
}

/* Everything that can be wrong with the command line, before anything is touched. */
static int prepare(struct listing *listing, struct error *error)
{
    const struct list_options *options = listing->options;
    const struct field_table *table = &container_fields;
    int r = loop_new(&listing->loop);

    command_prepare_discovery(&options->common, &listing->discovery_options);
    if (r >= 0 && options->watch) {
        r = listing_event_fields(&listing->watch_fields);
        table = &listing->watch_fields;
    }
    if (r < 0)
        return error_set(error, r, "cannot make an event loop: %s", strerror(-r));
    r = prepare_choice(listing, error);
    if (r >= 0)
        r = command_output_choose(&listing->output, &options->common, table, !options->watch,
                                  error);
    return r < 0 ? r : command_output_open(&listing->output, loop_signal_fd(listing->loop), error);
}

static int open_watch(struct listing *listing, struct error *error)
{
    const struct cgroup_tree *tree = inventory_tree(listing->inventory);
    const struct tracer_options options = {
        .buffer_size = WATCH_BUFFER_SIZE,
        .spill_size = WATCH_SPILL_SIZE,
        .hierarchy = tree->hierarchy,
        .hierarchy_id = tree->hierarchy_id,
    };

    listing->tracer_listener = (struct tracer_listener){
        .capability = on_capability,
        .cgroup = on_cgroup,
        .drained = on_drained,
        .lost = on_lost,
        .cgroups_lost = on_cgroups_lost,
        .failed = on_tracer_failed,
        .userdata = listing,
    };
    if (exits_new(loop_event(listing->loop), tree, on_ended, listing, &listing->exits) < 0)
        return error_set(error, -ENOMEM, "out of memory");
    return tracer_new(&options, &listing->tracer_listener, &listing->tracer, error);
}

/* Engines first, then the kernel, then the walk: see inventory_new(). */
static int open_all(struct listing *listing, struct error *error)
{
    const struct inventory_options options = { .discovery = &listing->discovery_options };
    const struct inventory_listener listener = {
        .settled = on_settled,
        .dismissed = on_dismissed,
        .forgotten = on_forgotten,
        .policy = on_policy,
        .engine = on_engine,
        .userdata = listing,
    };
    sd_event *event = loop_event(listing->loop);
    int r = inventory_new(&options, event, &listener, &listing->inventory, error);

    if (r >= 0 && listing->options->watch)
        r = open_watch(listing, error);
    if (r >= 0)
        r = inventory_scan(listing->inventory, error);
    if (r < 0)
        return r;
    r = listing->tracer ? tracer_start(listing->tracer, event) : 0;
    return r < 0 ? error_set(error, r, "cannot watch the ring buffer: %s", strerror(-r)) : 0;
}

static int on_timeout(UNUSED sd_event_source *source, UNUSED uint64_t usec, void *userdata)
{
    struct listing *listing = userdata;

    loop_end(listing->loop, LOOP_END_TIMEOUT);
    return 0;
}

static int set_timers(struct listing *listing, struct error *error)
{
    uint64_t timeout = listing->options->common.timeout_usec;
    sd_event *event = loop_event(listing->loop);
    int r;

    r = sd_event_add_defer(event, &listing->check, on_check, listing);
    if (r >= 0)
        r = sd_event_source_set_priority(listing->check, SD_EVENT_PRIORITY_IDLE);
    if (r >= 0)
        r = loop_timer(event, DISCOVERY_ANSWER_USEC, "patience", on_patience, listing,
                       &listing->patience);
    if (r >= 0 && timeout)
        r = loop_timer(event, timeout, "timeout", on_timeout, listing, &listing->timeout);
    if (r >= 0)
        r = command_output_watch(&listing->output, listing->loop);
    return r < 0 ? error_set(error, r, "cannot set a timer: %s", strerror(-r)) : 0;
}

static int list_run(struct listing *listing, struct error *error)
{
    int r = listing->options->watch ? powers_check(error) : 0;

    if (r >= 0)
        r = open_all(listing, error);
    if (r >= 0)
        r = set_timers(listing, error);
    if (r >= 0 && !listing->options->no_sandbox)
        r = command_lay_down(&listing->options->common, (struct sandbox_options){ 0 }, error);
    if (r < 0)
        return r;
    r = loop_run(listing->loop);
    if (r < 0)
        return error_set(error, r, "the event loop failed: %s", strerror(-r));
    if (!listing->listed && r == LOOP_END_TIMEOUT)
        print_list(listing);
    (void)flush(listing, true);
    if (listing->failure.code)
        *error = listing->failure;
    return listing->failure.code;
}

static int run(const void *values, UNUSED int operand_count, UNUSED char **operands,
               struct error *error)
{
    _cleanup_(listing_clear)
    struct listing listing = { .options = values, .output.fd = STDOUT_FILENO };
    int r;

    log_set_verbose(listing.options->common.verbose);
    r = prepare(&listing, error);
    if (r < 0) /* what is not -EINVAL is no fault of the command line */
        return r == -EINVAL ? EXIT_STATUS_USAGE : EXIT_STATUS_FAILURE;
    return list_run(&listing, error) < 0 ? EXIT_STATUS_FAILURE : EXIT_STATUS_DONE;
}

const struct command command_list_containers = {
    .name = "list-containers",
    .summary = "List the containers of this host, whoever started them",
    .synopsis = "list-containers [OPTION...]",
    .description = list_description,
    .examples = list_examples,
    .options = &list_option_table,
    .fields = &container_fields,
    .values_size = sizeof(struct list_options),
    .defaults = list_options_defaults,
    .run = run,
};
