/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/source/tracer_private.h"

#include <errno.h>
#include <poll.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "src/base/clock.h"
#include "src/base/loop.h"
#include "src/source/backend.h"
#include "src/source/callers.h"
#include "src/source/policy_table.h"
#include "src/source/self_test.h"
#include "src/source/spill.h"

/* Records shown before the loop looks at its other sources: a storm must not keep a signal or a
 * name waiting. A few ms of work. */
#define BATCH_MAX 4096

/* A cgroup that is not known yet may take the kernel 30 ms to be found, among very many of its
 * kind: turns end by the clock, too. It is looked at after each notice of a cgroup, and every so
 * many records. */
#define TURN_NS     UINT64_C(10000000)
#define CLOCK_EVERY 32

/* While checks come, the ring is looked at this often, and nobody is woken up for them. */
#define TICK_USEC (4 * USEC_PER_MSEC)

/* The kernel's count of missed checks is asked for this often while checks come. */
#define MISSED_NS UINT64_C(1000000000)

/* So many empty looks in a row, and the reader goes to sleep; a writer then wakes it. */
#define EMPTY_TICKS 8

static void set_reader(struct tracer *tracer, enum reader_state state)
{
    __atomic_store_n(&tracer->skeleton->bss->reader_state, state, __ATOMIC_SEQ_CST);
}

/* -------- records -------- */

static void on_capability(struct tracer *tracer, const void *data, size_t size)
{
    const struct capability_event_stacks *record = data;
    bool has_stacks = record->event.flags & (EVENT_KERNEL_STACK | EVENT_USER_STACK);
    size_t least = record->event.flags & EVENT_USER_STACK ? sizeof(*record)
                   : has_stacks                           ? KERNEL_STACK_RECORD_SIZE
                                                          : sizeof(record->event);

    if (size < least) {
        tracer->unreadable++;
        return;
    }
    if (record->event.flags & EVENT_SELF_TEST) {
        if (tracer->self_test)
            self_test_observe(tracer->self_test, &record->event);
        return;
    }
    tracer->listener->capability(tracer->listener->userdata, &record->event,
                                 has_stacks ? &record->stacks : NULL);
}

/* That of a birth, if it is whole. */
static const char *name_of(const struct cgroup_event *event, size_t size)
{
    const struct cgroup_birth *birth = (const struct cgroup_birth *)event;
    size_t room = MIN(size - sizeof(*event), sizeof(birth->name));

    return event->kind == EVENT_CGROUP_BORN && memchr(birth->name, '\0', room) ? birth->name : NULL;
}

static void look_at_clock(struct tracer *tracer)
{
    if (clock_ns(CLOCK_BOOTTIME) >= tracer->turn_ends_ns)
        tracer->batch = 0;
}

static void deliver(struct tracer *tracer, const void *data, size_t size)
{
    const uint32_t *kind = data;

    tracer->batch -= tracer->batch > 0; /* without memory more are shown than there is a turn for */
    if (size >= sizeof(struct capability_event) && *kind == EVENT_CAPABILITY)
        on_capability(tracer, data, size);
    else if (size >= sizeof(struct cgroup_event) &&
             (*kind == EVENT_CGROUP_BORN || *kind == EVENT_CGROUP_GONE ||
              *kind == EVENT_CGROUP_EXEC || *kind == EVENT_CGROUP_PROGRAM)) {
        tracer->listener->cgroup(tracer->listener->userdata, data, name_of(data, size));
        look_at_clock(tracer);
    } else
        tracer->unreadable++;
    if (tracer->batch % CLOCK_EVERY == 0)
        look_at_clock(tracer);
}

/* It leaves the ring first: whoever shows it may read on there. */
static void deliver_from_ring(struct tracer *tracer, const void *record, size_t size)
{
    size_t kept = MIN(size, sizeof(tracer->current));

    memcpy(&tracer->current, record, kept);
    ring_pass(&tracer->ring, size);
    deliver(tracer, &tracer->current, kept);
}

/* Out of turn, so that nothing is dropped and the order is kept. false: none waits. */
static bool deliver_oldest(struct tracer *tracer)
{
    size_t size;
    const void *oldest = spill_first(&tracer->spill, &size);

    if (!oldest)
        return false;
    tracer->batch++;
    deliver(tracer, oldest, size);
    spill_drop(&tracer->spill);
    return true;
}

int tracer_read_ring(struct tracer *tracer)
{
    bool was_full = false;
    const void *record;
    size_t size;
    int r;

    while ((r = ring_next(&tracer->ring, &record, &size)) > 0) {
        if (tracer->batch && spill_is_empty(&tracer->spill)) {
            deliver_from_ring(tracer, record, size);
        } else if (spill_add(&tracer->spill, record, size) >= 0) {
            ring_pass(&tracer->ring, size);
            if (was_full) /* and will be again: this turn was long enough */
                break;
        } else {
            was_full = deliver_oldest(tracer);
            if (!was_full) /* no memory at all */
                deliver_from_ring(tracer, record, size);
        }
    }
    ring_give_back(&tracer->ring);
    return MIN(r, 0);
}

void tracer_set_aside(struct tracer *tracer)
{
    const void *record;
    size_t size;

    while (ring_next(&tracer->ring, &record, &size) > 0 &&
           spill_add(&tracer->spill, record, size) >= 0)
        ring_pass(&tracer->ring, size);
    ring_give_back(&tracer->ring);
}

/* What the programs have counted so far. */
static uint64_t sum_of(const struct tracer *tracer, enum counter counter)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < COUNTER_LINES; i++)
        sum += __atomic_load_n(&tracer->skeleton->bss->counters[i][counter], __ATOMIC_SEQ_CST);
    return sum;
}

/* And since we last asked. */
static uint64_t news_of(struct tracer *tracer, enum counter counter)
{
    uint64_t sum = sum_of(tracer, counter);
    uint64_t news = sum - tracer->counted[counter];

    tracer->counted[counter] = sum;
    return news;
}

static void report_loss(struct tracer *tracer, enum loss_kind kind, uint64_t count,
                        uint64_t since_ns)
{
    if (count)
        tracer->listener->lost(tracer->listener->userdata, kind, count, since_ns);
}

static void report_lost_cgroups(struct tracer *tracer, uint64_t count)
{
    if (count)
        tracer->listener->cgroups_lost(tracer->listener->userdata, count);
}

static void report_losses(struct tracer *tracer)
{
    uint64_t unreadable = tracer->unreadable - tracer->unreadable_said;

    tracer->unreadable_said = tracer->unreadable;
    report_loss(tracer, LOSS_UNREADABLE, unreadable, tracer->drained_ns);
    if (!__atomic_exchange_n(&tracer->skeleton->bss->lost_any, 0, __ATOMIC_SEQ_CST))
        return;
    report_loss(tracer, LOSS_RING_FULL, news_of(tracer, COUNTER_LOST), tracer->drained_ns);
    report_loss(tracer, LOSS_UNPAIRED, news_of(tracer, COUNTER_UNPAIRED), tracer->drained_ns);
    report_lost_cgroups(tracer, news_of(tracer, COUNTER_LOST_CGROUPS));
}

/* How often a program was not entered. The kernel counts that since 5.12; before, this is 0. */
static int64_t misses_of(const struct bpf_program *program)
{
    struct bpf_prog_info info = {};
    __u32 size = sizeof(info);

    if (bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size) < 0)
        return 0;
    return (int64_t)info.recursion_misses;
}

int64_t tracer_missed_checks(const struct tracer *tracer)
{
    const struct gadget_bpf *skeleton = tracer->skeleton;
    const struct bpf_program *program =
        bpf_object__find_program_by_name(skeleton->obj, tracer->backend->programs[0]);
    int64_t misses = misses_of(program);

    return misses - (int64_t)__atomic_load_n(&skeleton->bss->caught_checks, __ATOMIC_SEQ_CST);
}

static int64_t missed_cgroups(const struct tracer *tracer)
{
    const struct gadget_bpf *skeleton = tracer->skeleton;
    int64_t misses = misses_of(skeleton->progs.cgroup_born) +
                     misses_of(skeleton->progs.cgroup_gone) +
                     misses_of(skeleton->progs.cgroup_exec);

    return misses - (int64_t)__atomic_load_n(&skeleton->bss->caught_cgroups, __ATOMIC_SEQ_CST);
}

void tracer_forget_misses(struct tracer *tracer)
{
    tracer->missed_checks.base = tracer->missed_checks.last = tracer_missed_checks(tracer);
    tracer->missed_cgroups.base = tracer->missed_cgroups.last = missed_cgroups(tracer);
    (void)news_of(tracer, COUNTER_UNPAIRED);
    tracer->missed_read_ns = clock_ns(CLOCK_BOOTTIME);
}

/* How many are new since they were last reported. */
static uint64_t new_misses(struct misses *misses, int64_t now)
{
    int64_t sure = MIN(now, misses->last) - misses->base;
    int64_t news = MAX(sure - misses->said, 0);

    misses->last = now;
    misses->said += news;
    return (uint64_t)news;
}

static void report_missed(struct tracer *tracer)
{
    uint64_t checks = new_misses(&tracer->missed_checks, tracer_missed_checks(tracer));
    uint64_t cgroups = new_misses(&tracer->missed_cgroups, missed_cgroups(tracer));

    report_loss(tracer, LOSS_PREEMPTED, checks, tracer->missed_read_ns);
    report_lost_cgroups(tracer, cgroups);
    tracer->missed_read_ns = clock_ns(CLOCK_BOOTTIME);
}

/* One turn: at most about BATCH_MAX records or TURN_NS of cgroups, oldest first, while the ring is
 * emptied. Returns whether there were any (as a number above 0), or a negative errno. */
static int read_batch(struct tracer *tracer)
{
    const void *record;
    size_t size;
    int r;

    tracer->batch = BATCH_MAX;
    tracer->turn_ends_ns = clock_ns(CLOCK_BOOTTIME) + TURN_NS;
    while (tracer->batch && (record = spill_first(&tracer->spill, &size))) {
        deliver(tracer, record, size);
        spill_drop(&tracer->spill);
    }
    r = tracer_read_ring(tracer);
    if (r < 0)
        return r;
    report_losses(tracer);
    return (int)(BATCH_MAX - tracer->batch);
}

/* -------- on the loop -------- */

static int arm_tick(struct tracer *tracer, uint64_t usec)
{
    int r = sd_event_source_set_time_relative(tracer->tick, usec);

    return r < 0 ? r : sd_event_source_set_enabled(tracer->tick, SD_EVENT_ONESHOT);
}

/*
 * Sleeping: writers see READER_IDLE and wake us. One that looked before we said so may commit after
 * our last look, and wakes nobody; but it has its place in the ring by then. So a tick later we
 * look once more, without being busy again.
 */
static int fall_asleep(struct tracer *tracer)
{
    set_reader(tracer, READER_IDLE);
    tracer->dozing = true;
    return arm_tick(tracer, TICK_USEC);
}

/* Whether anything is in the ring, be it still being written. */
static bool has_records(const struct tracer *tracer)
{
    struct pollfd ring = { .fd = tracer->ring.fd, .events = POLLIN };

    return poll(&ring, 1, 0) != 0;
}

static int take_turn(struct tracer *tracer)
{
    int count, r;

    tracer->dozing = false;
    set_reader(tracer, READER_BUSY);
    count = read_batch(tracer);
    if (count < 0) {
        struct error error = {};

        (void)error_set(&error, count, "cannot read the ring buffer: %s", strerror(-count));
        tracer->listener->failed(tracer->listener->userdata, &error);
        return 0;
    }
    if (!spill_is_empty(&tracer->spill)) /* but the other sources have their turn first */
        return arm_tick(tracer, 0);
    tracer->drained_ns = clock_ns(CLOCK_BOOTTIME);
    if (tracer->drained_ns - tracer->missed_read_ns > MISSED_NS)
        report_missed(tracer);
    tracer->listener->drained(tracer->listener->userdata);
    tracer->empty_ticks = count ? 0 : tracer->empty_ticks + 1;
    if (tracer->empty_ticks >= EMPTY_TICKS)
        return fall_asleep(tracer);
    r = arm_tick(tracer, TICK_USEC);
    set_reader(tracer, READER_TIMER);
    return r;
}

static int on_readable(UNUSED sd_event_source *source, UNUSED int fd, UNUSED uint32_t events,
                       void *userdata)
{
    struct tracer *tracer = userdata;

    tracer->empty_ticks = 0;
    return take_turn(tracer);
}

static int on_tick(UNUSED sd_event_source *source, UNUSED uint64_t usec, void *userdata)
{
    struct tracer *tracer = userdata;

    return tracer->dozing && !has_records(tracer) ? 0 : take_turn(tracer);
}

int tracer_start(struct tracer *tracer, sd_event *event)
{
    int r =
        sd_event_add_io(event, &tracer->readable, tracer->ring.fd, EPOLLIN, on_readable, tracer);

    if (r < 0)
        return r;
    /* What was not passed up before anything was known of cgroups was mostly the host's. */
    for (enum counter i = COUNTER_REPEATS; i < COUNTERS; i++)
        (void)news_of(tracer, i);
    (void)sd_event_source_set_description(tracer->readable, "ring-buffer");
    r = sd_event_add_time_relative(event, &tracer->tick, CLOCK_MONOTONIC, 0, USEC_PER_MSEC / 2,
                                   on_tick, tracer);
    if (r < 0)
        return r;
    return sd_event_source_set_description(tracer->tick, "ring-buffer-tick");
}

int tracer_read_all(struct tracer *tracer)
{
    int count;

    do {
        count = read_batch(tracer);
    } while (count >= 0 && !spill_is_empty(&tracer->spill));
    return MIN(count, 0);
}

int tracer_drain(struct tracer *tracer)
{
    int r = tracer_read_all(tracer);

    report_missed(tracer);
    report_missed(tracer); /* detached: nothing is on its way any more */
    if (r >= 0)
        tracer->listener->drained(tracer->listener->userdata);
    return r;
}

void tracer_stop(struct tracer *tracer)
{
    gadget_bpf__detach(tracer->skeleton);
}

int tracer_set_policy(struct tracer *tracer, uint64_t cgroup_id, enum policy policy)
{
    int r = policy_table_set((uint64_t *)tracer->skeleton->bss->policy_table, cgroup_id, policy);

    if (r == -ENOSPC)
        tracer->policy_misses++;
    return r;
}

uint64_t tracer_policy_misses(const struct tracer *tracer)
{
    return tracer->policy_misses;
}

uint64_t tracer_not_passed_up(const struct tracer *tracer, enum counter counter)
{
    return sum_of(tracer, counter) - tracer->counted[counter];
}

const char *tracer_backend(const struct tracer *tracer)
{
    return tracer->backend->name;
}

const char *tracer_refusals(const struct tracer *tracer)
{
    return tracer->refusals;
}

uint64_t tracer_buffer_size(const struct tracer *tracer)
{
    return tracer->ring.size;
}

enum tracer_audit tracer_audit(const struct tracer *tracer)
{
    if (tracer->backend->gives_options)
        return TRACER_AUDIT_READ;
    if (!tracer->audit_inferred)
        return TRACER_AUDIT_UNKNOWN;
    return callers_are_placed(tracer->skeleton) ? TRACER_AUDIT_PLACED : TRACER_AUDIT_UNWOUND;
}

const char *tracer_audit_source(const struct tracer *tracer)
{
    static const char *const sources[] = {
        [TRACER_AUDIT_UNKNOWN] = "unknown",
        [TRACER_AUDIT_UNWOUND] = "inferred from the caller, by unwinding",
        [TRACER_AUDIT_PLACED] = "inferred from the caller, by its place",
        [TRACER_AUDIT_READ] = "known",
    };

    return sources[tracer_audit(tracer)];
}
