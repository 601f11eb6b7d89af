/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening a tracer: choosing a back-end, configuring, loading, attaching, and the self-test. */
#include "src/source/tracer_private.h"

#include <errno.h>
#include <malloc.h>
#include <stdarg.h>

#include <bpf/bpf.h>

#include "src/base/clock.h"
#include "src/host/kernel_btf.h"
#include "src/host/lockdown.h"
#include "src/host/preemption.h"
#include "src/source/callers.h"
#include "src/source/kernel_types.h"
#include "src/source/programs.h"
#include "src/source/self_test.h"

/* Of a task in the kernel, without KASAN; at least a page, which arm64 may have of 64 KiB. */
#define STACK_SIZE_MIN 16384

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
    rodata->wanted_audits[0] = options->silent;
    rodata->wanted_audits[1] = options->audited;
    rodata->limit_pids = options->pids.limited;
    rodata->least_pid = options->pids.least;
    rodata->most_pid = options->pids.most;
    rodata->limit_uids = options->uids.limited;
    rodata->least_uid = options->uids.least;
    rodata->most_uid = options->uids.most;
    rodata->want_unaudited = !options->audited_only;
    rodata->want_overridden = options->overridden;
    rodata->want_unique = options->unique;
    rodata->want_programs = options->programs;
    rodata->want_kernel_stack = options->kernel_stack;
    rodata->want_user_stack = options->user_stack;
    rodata->self_pid = (uint32_t)getpid();
    rodata->hierarchy = options->hierarchy;
    rodata->hierarchy_id = options->hierarchy_id;
    rodata->stack_size = MAX((size_t)STACK_SIZE_MIN, (size_t)sysconf(_SC_PAGESIZE));
    rodata->wake_fill = buffer_size / 4;
    skeleton->bss->option_noaudit = 1 << 1; /* CAP_OPT_NOAUDIT, include/linux/security.h */
    skeleton->bss->option_insetid = 1 << 2; /* CAP_OPT_INSETID */
    skeleton->bss->self_testing = 1;
    r = bpf_map__set_max_entries(skeleton->maps.events, (uint32_t)buffer_size);
    if (r >= 0)
        r = bpf_map__set_autocreate(skeleton->maps.unique, options->unique);
    if (r >= 0)
        r = bpf_map__set_autocreate(skeleton->maps.entered, tracer->backend->joins_return);
    if (r >= 0)
        r = bpf_map__set_autocreate(skeleton->maps.entry_stacks,
                                    tracer->backend->joins_return && options->kernel_stack);
    return r;
}

/* Self-tests until one is not disturbed. */
#define SELF_TESTS 20
/* Attempts to learn where callers stand: on a busy machine one may be disturbed. */
#define PLACINGS 3

/* For libbpf's own words: what a refusal means is said in ours. */
static int forget_words(UNUSED enum libbpf_print_level level, UNUSED const char *format,
                        UNUSED va_list arguments)
{
    return 0;
}

static int explain_refusal(int r, const char *what, struct error *error)
{
    if ((r == -EPERM || r == -EINVAL) && lockdown_level() == LOCKDOWN_CONFIDENTIALITY)
        return error_set(error, r,
                         "kernel lockdown (confidentiality) forbids programs that read kernel "
                         "memory by address, as this back-end has to on this kernel");
    return backend_refused(r, what, error);
}

static int explain_attach(int r, struct error *error)
{
    if (r == -KERNEL_ENOTSUPP)
        return error_set(error, r,
                         "the kernel has no trampolines by which programs could be attached to its "
                         "functions (on arm64 they are new in 6.4)");
    return explain_refusal(r, "attaching the BPF programs", error);
}

static int load_with(struct tracer *tracer, const struct tracer_options *options,
                     const struct kernel_btf *btf, int types_fd, struct error *error)
{
    struct gadget_bpf__rodata *rodata = tracer->skeleton->rodata;
    int r;

    rodata->have_second = preemption_of_kernel() != PREEMPTION_OFF;
    r = programs_select(tracer->skeleton->obj, tracer->backend, rodata->have_second);
    if (r >= 0)
        r = configure(tracer, options);
    if (r < 0)
        return error_set(error, r, "cannot configure the BPF programs: %s", strerror(-r));
    r = kernel_types_write(types_fd, tracer->skeleton->obj, btf);
    if (r >= 0)
        r = kernel_types_find(btf, &rodata->type_ids);
    if (r < 0)
        return error_set(error, r, "cannot look up the kernel's types: %s", strerror(-r));
    r = gadget_bpf__load(tracer->skeleton);
    return r < 0 ? explain_refusal(r, "loading the BPF programs", error) : 0;
}

static int load(struct tracer *tracer, const struct tracer_options *options,
                const struct kernel_btf *btf, struct error *error)
{
    char path[KERNEL_TYPES_PATH_SIZE];
    _cleanup_(close_fd)
    int types_fd = kernel_types_file(path);
    LIBBPF_OPTS(bpf_object_open_opts, opts, .btf_custom_path = path);

    if (types_fd < 0)
        return error_set(error, types_fd, "cannot make a file in memory: %s", strerror(-types_fd));
    tracer->skeleton = gadget_bpf__open_opts(&opts);
    if (!tracer->skeleton)
        return error_set(error, -errno, "cannot open the BPF programs: %s", strerror(errno));
    return load_with(tracer, options, btf, types_fd, error);
}

static int attach(struct tracer *tracer, struct error *error)
{
    int r;

    if (!tracer->backend->gives_options) /* before the first check is seen */
        tracer->audit_inferred = callers_teach(tracer->skeleton);
    r = gadget_bpf__attach(tracer->skeleton);
    if (r < 0)
        return explain_attach(r, error);
    r = ring_open(bpf_map__fd(tracer->skeleton->maps.events),
                  bpf_map__max_entries(tracer->skeleton->maps.events), &tracer->ring);
    return r < 0 ? error_set(error, r, "cannot map the ring buffer: %s", strerror(-r)) : 0;
}

static int judge_once(struct tracer *tracer, struct error *error)
{
    struct self_test test = {};
    uint32_t noaudit;
    int r = self_test_provoke(&test, error);

    if (r < 0)
        return r;
    tracer->self_test = &test;
    r = tracer_read_all(tracer);
    tracer->self_test = NULL;
    if (r < 0)
        return error_set(error, r, "cannot read the ring buffer: %s", strerror(-r));
    r = self_test_judge(&test, tracer->backend->gives_options,
                        tracer->backend->gives_options || tracer->audit_inferred, &noaudit, error);
    if (r >= 0 && noaudit)
        tracer->skeleton->bss->option_noaudit = noaudit;
    return r;
}

/* Another task may occupy the program, or the kernel's reader of stacks, just when we make our
 * checks: let it go on, then once more. */
static int judge_undisturbed(struct tracer *tracer, struct error *error)
{
    const struct timespec pause = { .tv_nsec = 5000000 };
    int64_t missed;
    int r;

    for (unsigned int i = 0; i < SELF_TESTS; i++) {
        missed = tracer_missed_checks(tracer);
        r = judge_once(tracer, error);
        if (r >= 0 || (r != -EAGAIN && tracer_missed_checks(tracer) == missed))
            break;
        (void)nanosleep(&pause, NULL);
    }
    return r;
}

/* Where callers stand on the stack is learnt from a check that was unwound, and tried by others. */
static void place_callers(struct tracer *tracer)
{
    struct error doubt;

    for (unsigned int i = 0; i < PLACINGS; i++) {
        if (callers_learn(tracer->skeleton) && judge_undisturbed(tracer, &doubt) >= 0)
            return;
        callers_forget(tracer->skeleton);
        if (judge_undisturbed(tracer, &doubt) < 0)
            return;
    }
}

static int judge(struct tracer *tracer, struct error *error)
{
    int r = judge_undisturbed(tracer, error);

    if (r >= 0 && tracer->audit_inferred)
        place_callers(tracer);
    tracer_forget_misses(tracer);
    tracer->skeleton->bss->self_testing = 0;
    return r;
}

static void unload(struct tracer *tracer)
{
    ring_close(&tracer->ring);
    spill_clear(&tracer->spill);
    gadget_bpf__destroy(TAKE_PTR(tracer->skeleton));
}

static int try_backend(struct tracer *tracer, const struct tracer_options *options,
                       const struct kernel_btf *btf, struct error *error)
{
    int r = tracer->backend->probe(btf, error);

    if (r >= 0)
        r = load(tracer, options, btf, error);
    if (r >= 0)
        r = attach(tracer, error);
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

#define BACKEND_LISTED(word) ", " #word

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
                         "unknown back-end '%s': it is one of auto" BACKENDS(BACKEND_LISTED),
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
        (void)error_set(error, r, "cannot trace on this kernel: %s%s", tracer->refusals,
                        strcmp(wanted, "auto") == 0 ? "; 'local-gadget doctor' looks closer" : "");
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
    tracer->spill.size_max = options->spill_size;
    tracer->drained_ns = clock_ns(CLOCK_BOOTTIME);
    (void)libbpf_set_print(forget_words);
    r = try_backends(tracer, options, error);
    (void)malloc_trim(0); /* the kernel's type information was large, and is not needed any more */
    if (r < 0)
        return r;
    *ret_tracer = TAKE_PTR(tracer);
    return 0;
}

/* -------- a try -------- */

static void ignore_capability(UNUSED void *userdata, UNUSED const struct capability_event *event,
                              UNUSED const struct capability_stacks *stacks)
{
}

static void ignore_cgroup(UNUSED void *userdata, UNUSED const struct cgroup_event *event,
                          UNUSED const char *name)
{
}

static void ignore_drained(UNUSED void *userdata)
{
}

static void ignore_lost(UNUSED void *userdata, UNUSED enum loss_kind kind, UNUSED uint64_t count,
                        UNUSED uint64_t since_ns)
{
}

static void ignore_cgroups_lost(UNUSED void *userdata, UNUSED uint64_t count)
{
}

static void ignore_failed(UNUSED void *userdata, UNUSED const struct error *error)
{
}

const struct tracer_listener tracer_nobody = {
    .capability = ignore_capability,
    .cgroup = ignore_cgroup,
    .drained = ignore_drained,
    .lost = ignore_lost,
    .cgroups_lost = ignore_cgroups_lost,
    .failed = ignore_failed,
};

int tracer_try(const struct tracer_options *options, enum tracer_audit *ret_audit,
               struct error *error)
{
    struct tracer tracer = { .listener = &tracer_nobody,
                             .spill.size_max = options->spill_size,
                             .backend = backend_find(options->backend) };
    _cleanup_(kernel_btf_clear)
    struct kernel_btf btf = { 0 };
    int r = kernel_btf_load(&btf, error);

    if (r < 0)
        return r;
    (void)libbpf_set_print(forget_words);
    r = try_backend(&tracer, options, &btf, error);
    if (r >= 0)
        *ret_audit = tracer_audit(&tracer);
    unload(&tracer);
    return r;
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
