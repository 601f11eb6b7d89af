/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/tracer.h"

#include <errno.h>
#include <linux/capability.h>
#include <malloc.h>
#include <stdarg.h>
#include <time.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "src/backend.h"
#include "src/kernel_btf.h"
#include "src/loop.h"
#include "src/policy_table.h"
#include "src/self_test.h"
#include "src/spill.h"

#include "bpf/gadget.skel.h"

/* Records shown before the loop looks at its other sources: a storm must not keep a signal or a
 * name waiting. A few ms of work. */
#define BATCH_MAX 4096

/* While checks come, the ring is looked at this often, and nobody is woken up for them. */
#define TICK_USEC (4 * USEC_PER_MSEC)

/* So many empty looks in a row, and the reader goes to sleep; a writer then wakes it. */
#define EMPTY_TICKS   8

#define REFUSALS_SIZE 1024

struct tracer {
    const struct backend *backend;
    struct gadget_bpf *skeleton; /* owned */
    struct ring_buffer *ring;    /* owned */
    const struct tracer_listener *listener;
    struct spill spill;          /* came out of the ring, and waits for its turn */
    struct self_test *self_test; /* while it runs, on the stack of judge() */
    sd_event_source *readable;   /* owned */
    sd_event_source *tick;       /* owned */
    uint64_t policy_misses;      /* cgroups that found no room in the table */
    uint64_t lost, cgroups_lost; /* sums as last read */
    uint64_t drained_ns;         /* CLOCK_BOOTTIME of the last time the ring was empty */
    unsigned int batch;          /* records left in this turn */
    unsigned int empty_ticks;
    unsigned int unknown_records;
    bool audit_inferred;
    char refusals[REFUSALS_SIZE];
};

static uint64_t now_ns(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_BOOTTIME, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void set_reader(struct tracer *tracer, enum reader_state state)
{
    __atomic_store_n(&tracer->skeleton->bss->reader_state, state, __ATOMIC_SEQ_CST);
}

/* -------- records -------- */

static void on_capability(struct tracer *tracer, const void *data, size_t size)
{
    const struct capability_event_stacks *record = data;
    bool has_stacks = record->event.flags & (EVENT_KERNEL_STACK | EVENT_USER_STACK);

    if (size < (has_stacks ? sizeof(*record) : sizeof(record->event))) {
        tracer->unknown_records++;
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

static void deliver(struct tracer *tracer, const void *data, size_t size)
{
    const uint32_t *kind = data;

    tracer->batch--;
    if (size >= sizeof(struct capability_event) && *kind == EVENT_CAPABILITY)
        on_capability(tracer, data, size);
    else if (size >= sizeof(struct cgroup_event) &&
             (*kind == EVENT_CGROUP_BORN || *kind == EVENT_CGROUP_GONE ||
              *kind == EVENT_CGROUP_EXEC))
        tracer->listener->cgroup(tracer->listener->userdata, data);
    else
        tracer->unknown_records++;
}

/* The oldest go out of turn, so that nothing is dropped and the order is kept. */
static void make_room(struct tracer *tracer, const void *data, size_t size)
{
    const void *oldest;
    size_t oldest_size;

    do {
        oldest = spill_first(&tracer->spill, &oldest_size);
        if (!oldest) { /* no memory at all */
            deliver(tracer, data, size);
            return;
        }
        tracer->batch++;
        deliver(tracer, oldest, oldest_size);
        spill_drop(&tracer->spill);
    } while (spill_add(&tracer->spill, data, size) < 0);
}

/* One record of the ring: shown at once, or set aside so that the ring has room again. A negative
 * answer ends the reading. */
static int on_record(void *userdata, void *data, size_t size)
{
    struct tracer *tracer = userdata;

    if (tracer->batch && spill_is_empty(&tracer->spill)) {
        deliver(tracer, data, size);
        return 0;
    }
    if (spill_add(&tracer->spill, data, size) >= 0)
        return 0;
    make_room(tracer, data, size);
    return -EAGAIN;
}

static uint64_t sum_of_cpus(const struct bpf_map *map)
{
    int cpus = libbpf_num_possible_cpus();
    uint64_t *counts, sum = 0;
    uint32_t zero = 0;

    if (cpus <= 0)
        return 0;
    counts = calloc((size_t)cpus, sizeof(*counts));
    if (counts && bpf_map__lookup_elem(map, &zero, sizeof(zero), counts,
                                       (size_t)cpus * sizeof(*counts), 0) == 0) {
        for (int i = 0; i < cpus; i++)
            sum += counts[i];
    }
    free(counts);
    return sum;
}

static void report_losses(struct tracer *tracer)
{
    uint64_t lost, cgroups_lost;

    if (!__atomic_exchange_n(&tracer->skeleton->bss->lost_any, 0, __ATOMIC_SEQ_CST))
        return;
    lost = sum_of_cpus(tracer->skeleton->maps.lost);
    cgroups_lost = sum_of_cpus(tracer->skeleton->maps.lost_cgroups);
    if (lost > tracer->lost)
        tracer->listener->lost(tracer->listener->userdata, lost - tracer->lost, tracer->drained_ns);
    if (cgroups_lost > tracer->cgroups_lost)
        tracer->listener->cgroups_lost(tracer->listener->userdata,
                                       cgroups_lost - tracer->cgroups_lost);
    tracer->lost = MAX(lost, tracer->lost);
    tracer->cgroups_lost = MAX(cgroups_lost, tracer->cgroups_lost);
}

/* One turn: at most about BATCH_MAX records, oldest first, while the ring is emptied. Returns how
 * many there were, or a negative errno. */
static int read_batch(struct tracer *tracer)
{
    const void *record;
    size_t size;
    int r;

    tracer->batch = BATCH_MAX;
    while (tracer->batch && (record = spill_first(&tracer->spill, &size))) {
        deliver(tracer, record, size);
        spill_drop(&tracer->spill);
    }
    r = ring_buffer__consume(tracer->ring);
    if (r < 0 && r != -EAGAIN)
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
 * Sleeping: writers see READER_IDLE and wake us. A writer that looked just before may commit just
 * after our last look; one more look a tick later finds its record.
 */
static int fall_asleep(struct tracer *tracer)
{
    set_reader(tracer, READER_IDLE);
    return tracer->empty_ticks > EMPTY_TICKS ? 0 : arm_tick(tracer, TICK_USEC);
}

static int take_turn(struct tracer *tracer)
{
    int count, r;

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
    tracer->drained_ns = now_ns();
    tracer->listener->drained(tracer->listener->userdata);
    tracer->empty_ticks = count ? 0 : tracer->empty_ticks + 1;
    if (tracer->empty_ticks >= EMPTY_TICKS)
        return fall_asleep(tracer);
    r = arm_tick(tracer, TICK_USEC);
    set_reader(tracer, READER_TIMER);
    return r;
}

static int on_readable(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
    struct tracer *tracer = userdata;

    (void)source;
    (void)fd;
    (void)events;
    tracer->empty_ticks = 0;
    return take_turn(tracer);
}

static int on_tick(sd_event_source *source, uint64_t usec, void *userdata)
{
    (void)source;
    (void)usec;
    return take_turn(userdata);
}

int tracer_start(struct tracer *tracer, sd_event *event)
{
    int r = sd_event_add_io(event, &tracer->readable, ring_buffer__epoll_fd(tracer->ring), EPOLLIN,
                            on_readable, tracer);

    if (r < 0)
        return r;
    (void)sd_event_source_set_description(tracer->readable, "ring-buffer");
    r = sd_event_add_time_relative(event, &tracer->tick, CLOCK_MONOTONIC, 0, USEC_PER_MSEC / 2,
                                   on_tick, tracer);
    if (r < 0)
        return r;
    return sd_event_source_set_description(tracer->tick, "ring-buffer-tick");
}

static int read_all(struct tracer *tracer)
{
    int count;

    do {
        count = read_batch(tracer);
    } while (count >= 0 && !spill_is_empty(&tracer->spill));
    return MIN(count, 0);
}

int tracer_drain(struct tracer *tracer)
{
    int r = read_all(tracer);

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

const char *tracer_backend(const struct tracer *tracer)
{
    return tracer->backend->name;
}

const char *tracer_refusals(const struct tracer *tracer)
{
    return tracer->refusals;
}

const char *tracer_audit_source(const struct tracer *tracer)
{
    if (tracer->backend->gives_options)
        return "known";
    return tracer->audit_inferred ? "inferred from the caller" : "unknown";
}

/* -------- opening -------- */

static size_t round_to_power_of_two(uint64_t size)
{
    uint64_t rounded = (uint64_t)sysconf(_SC_PAGESIZE);

    while (rounded < MIN(size, TRACER_BUFFER_MAX))
        rounded *= 2;
    return rounded;
}

static int configure(struct tracer *tracer, const struct tracer_options *options)
{
    struct gadget_bpf *skeleton = tracer->skeleton;
    struct gadget_bpf__rodata *rodata = skeleton->rodata;
    size_t buffer_size = round_to_power_of_two(MAX(options->buffer_size, TRACER_BUFFER_MIN));
    int r;

    rodata->wanted_capabilities = options->capabilities;
    rodata->wanted_verdicts[0] = options->allowed;
    rodata->wanted_verdicts[1] = options->denied;
    rodata->wanted_pid = options->pid;
    rodata->want_unaudited = !options->audited_only;
    rodata->want_overridden = options->overridden;
    rodata->want_unique = options->unique;
    rodata->want_kernel_stack = options->kernel_stack;
    rodata->want_user_stack = options->user_stack;
    rodata->self_pid = (uint32_t)getpid();
    rodata->hierarchy = options->hierarchy;
    rodata->hierarchy_id = options->hierarchy_id;
    rodata->wake_fill = buffer_size / 4;
    skeleton->bss->option_noaudit = 1 << 1; /* CAP_OPT_NOAUDIT, include/linux/security.h */
    skeleton->bss->option_insetid = 1 << 2; /* CAP_OPT_INSETID */
    skeleton->bss->self_testing = 1;
    r = bpf_map__set_max_entries(skeleton->maps.events, (uint32_t)buffer_size);
    if (r >= 0 && !options->unique)
        r = bpf_map__set_max_entries(skeleton->maps.unique, 1);
    if (r >= 0 && strcmp(tracer->backend->name, "kprobe") != 0)
        r = bpf_map__set_max_entries(skeleton->maps.entered, 1);
    return r;
}

/* libbpf's own words, kept for the one case in which they help: a program that was refused. */
static int forget_words(enum libbpf_print_level level, const char *format, va_list arguments)
{
    (void)level;
    (void)format;
    (void)arguments;
    return 0;
}

static int load(struct tracer *tracer, const struct tracer_options *options, struct error *error)
{
    int r;

    tracer->skeleton = gadget_bpf__open();
    if (!tracer->skeleton)
        return error_set(error, -errno, "cannot open the BPF programs: %s", strerror(errno));
    r = backend_select(tracer->backend, tracer->skeleton->obj);
    if (r >= 0)
        r = configure(tracer, options);
    if (r < 0)
        return error_set(error, r, "cannot configure the BPF programs: %s", strerror(-r));
    r = gadget_bpf__load(tracer->skeleton);
    if (r == -EPERM)
        return error_set(error, r,
                         "the kernel does not permit to load BPF programs: run as root or with "
                         "CAP_BPF and CAP_PERFMON");
    if (r < 0)
        return error_set(error, r, "the kernel refuses the BPF programs: %s", strerror(-r));
    r = gadget_bpf__attach(tracer->skeleton);
    if (r < 0)
        return error_set(error, r, "cannot attach the BPF programs: %s", strerror(-r));
    tracer->ring =
        ring_buffer__new(bpf_map__fd(tracer->skeleton->maps.events), on_record, tracer, NULL);
    if (!tracer->ring)
        return error_set(error, -errno, "cannot map the ring buffer: %s", strerror(errno));
    return 0;
}

/*
 * Functions that ask silently, or for a setid call, as of Linux 6.18. Those that the kernel does
 * not have (or has inlined) simply do not occur in a stack.
 */
static const struct {
    const char *name;
    enum caller_kind kind;
} known_callers[] = {
    { "ns_capable_noaudit", CALLER_SILENT },
    { "has_ns_capability_noaudit", CALLER_SILENT },
    { "has_capability_noaudit", CALLER_SILENT },
    { "ptracer_capable", CALLER_SILENT },
    { "kallsyms_show_value", CALLER_SILENT },
    { "cap_vm_enough_memory", CALLER_SILENT },
    { "security_vm_enough_memory_mm", CALLER_SILENT },
    { "ns_capable_setid", CALLER_SETID },
};
_Static_assert(ARRAY_SIZE(known_callers) <= CALLERS_MAX, "event.h: CALLERS_MAX");

/* Start and size of a function; false when the kernel has none of that name, or does not tell. */
static bool find_function(struct tracer *tracer, const char *name, struct caller_range *ret_range)
{
    LIBBPF_OPTS(bpf_test_run_opts, options);
    struct symbol_query *query = &tracer->skeleton->bss->symbol_query;
    const char *size;

    memset(query, 0, sizeof(*query));
    (void)snprintf(query->name, sizeof(query->name), "%s", name);
    if (bpf_prog_test_run_opts(bpf_program__fd(tracer->skeleton->progs.find_symbol), &options) < 0)
        return false;
    query->text[sizeof(query->text) - 1] = '\0';
    size = strrchr(query->text, '/');
    if (!query->address || !size)
        return false;
    ret_range->start = query->address;
    ret_range->size = strtoull(size + 1, NULL, 16);
    return ret_range->size > 0;
}

static void teach_callers(struct tracer *tracer)
{
    for (size_t i = 0; i < ARRAY_SIZE(known_callers); i++) {
        struct caller_range *caller = &tracer->skeleton->bss->callers[i];

        if (!find_function(tracer, known_callers[i].name, caller))
            continue;
        caller->kind = known_callers[i].kind;
        tracer->audit_inferred = true;
    }
    __atomic_store_n(&tracer->skeleton->bss->callers_known, tracer->audit_inferred,
                     __ATOMIC_SEQ_CST);
}

static int judge(struct tracer *tracer, struct error *error)
{
    struct self_test test = {};
    uint32_t noaudit;
    int r = self_test_provoke(&test, error);

    if (r < 0)
        return r;
    tracer->self_test = &test;
    r = read_all(tracer);
    tracer->self_test = NULL;
    tracer->skeleton->bss->self_testing = 0;
    if (r < 0)
        return error_set(error, r, "cannot read the ring buffer: %s", strerror(-r));
    r = self_test_judge(&test, tracer->backend->gives_options,
                        tracer->backend->gives_options || tracer->audit_inferred, &noaudit, error);
    if (r >= 0 && noaudit)
        tracer->skeleton->bss->option_noaudit = noaudit;
    return r;
}

static void unload(struct tracer *tracer)
{
    ring_buffer__free(TAKE_PTR(tracer->ring));
    spill_clear(&tracer->spill);
    gadget_bpf__destroy(TAKE_PTR(tracer->skeleton));
}

static int try_backend(struct tracer *tracer, const struct tracer_options *options,
                       const struct kernel_btf *btf, struct error *error)
{
    int r = backend_probe(tracer->backend, btf, error);

    if (r >= 0)
        r = load(tracer, options, error);
    if (r >= 0 && !tracer->backend->gives_options)
        teach_callers(tracer);
    if (r >= 0)
        r = judge(tracer, error);
    if (r < 0)
        unload(tracer);
    return r;
}

static void keep_refusal(struct tracer *tracer, const struct error *error)
{
    size_t length = strlen(tracer->refusals);

    (void)snprintf(tracer->refusals + length, sizeof(tracer->refusals) - length, "%s%s: %s",
                   length ? "; " : "", tracer->backend->name, error->message);
}

static int try_backends(struct tracer *tracer, const struct tracer_options *options,
                        struct error *error)
{
    const char *wanted = options->backend ? options->backend : "auto";
    _cleanup_(kernel_btf_clear)
    struct kernel_btf btf = { 0 };
    struct error refusal;
    int r;

    if (strcmp(wanted, "auto") != 0 && !backend_find(wanted))
        return error_set(error, -EINVAL,
                         "unknown back-end '%s': it is one of auto, fexit, tracepoint, kprobe",
                         wanted);
    r = kernel_btf_load(&btf, error);
    if (r < 0)
        return r;
    r = -ENOENT;
    for (size_t i = 0; i < backend_count && r < 0; i++) {
        if (strcmp(wanted, "auto") != 0 && strcmp(wanted, backends[i].name) != 0)
            continue;
        tracer->backend = &backends[i];
        r = try_backend(tracer, options, &btf, &refusal);
        if (r < 0)
            keep_refusal(tracer, &refusal);
    }
    if (r < 0 && tracer->backend)
        (void)error_set(error, r, "cannot trace on this kernel: %s", tracer->refusals);
    return r;
}

int tracer_new(const struct tracer_options *options, const struct tracer_listener *listener,
               struct tracer **ret_tracer, struct error *error)
{
    _cleanup_(tracer_free)
    struct tracer *tracer = calloc(1, sizeof(*tracer));
    int r;

    if (!tracer)
        return error_set(error, -ENOMEM, "out of memory");
    tracer->listener = listener;
    tracer->drained_ns = now_ns();
    (void)libbpf_set_print(forget_words);
    r = try_backends(tracer, options, error);
    (void)malloc_trim(0); /* the kernel's type information was large, and is not needed any more */
    if (r < 0)
        return r;
    *ret_tracer = TAKE_PTR(tracer);
    return 0;
}

void tracer_free(struct tracer **tracer)
{
    if (!*tracer)
        return;
    sd_event_source_unref((*tracer)->readable);
    sd_event_source_unref((*tracer)->tick);
    unload(*tracer);
    free(*tracer);
    *tracer = NULL;
}
