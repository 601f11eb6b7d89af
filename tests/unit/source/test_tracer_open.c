/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From options to a trace that has proved itself, and every refusal on the way. */
#include "src/source/tracer_private.h"

#include "tests/unit/source/fake_kernel.h"

/* -------- the stage -------- */

static struct tracer_options options;
static struct tracer *tracer;
static struct error error;

static int set_up(UNUSED void **state)
{
    memset(&kernel, 0, sizeof(kernel));
    kernel.noaudit = 2;
    options = (struct tracer_options){ 0 };
    error = (struct error){ 0 };
    return 0;
}

static int tear_down(UNUSED void **state)
{
    tracer_free(&tracer);
    assert_null(tracer);
    if (fake_ring.memory)
        fake_ring_unmake();
    return 0;
}

static void open_tracer(void)
{
    if (tracer_new(&options, &tracer_nobody, &tracer, &error) < 0)
        fail_msg("%s", error.message);
}

static void check_said(const char *words)
{
    if (!strstr(error.message, words))
        fail_msg("'%s' is not in: %s", words, error.message);
}

static void check_refused(int expected, const char *words)
{
    assert_int_equal(tracer_new(&options, &tracer_nobody, &tracer, &error), expected);
    assert_null(tracer);
    assert_int_equal(error.code, expected);
    check_said(words);
}

/* -------- what is asked for -------- */

static void test_options_become_constants(UNUSED void **state)
{
    const struct gadget_bpf__rodata *rodata;

    options = (struct tracer_options){
        .capabilities = 0x123456789a,
        .denied = true,
        .silent = true,
        .pids = { true, 10, 20 },
        .uids = { true, 30, 40 },
        .overridden = true,
        .programs = true,
        .user_stack = true,
        .hierarchy = HIERARCHY_PIDS,
        .hierarchy_id = 7,
    };
    open_tracer();
    rodata = kernel.skeleton->rodata;
    assert_int_equal(rodata->type_ids.task_struct, 7); /* the kernel's, by which it is asked */
    assert_int_equal(rodata->wanted_capabilities, 0x123456789a);
    assert_int_equal(rodata->wanted_verdicts[0], 0);
    assert_int_equal(rodata->wanted_verdicts[1], 1);
    assert_int_equal(rodata->wanted_audits[0], 1);
    assert_int_equal(rodata->wanted_audits[1], 0);
    assert_int_equal(rodata->limit_pids, 1);
    assert_int_equal(rodata->least_pid, 10);
    assert_int_equal(rodata->most_pid, 20);
    assert_int_equal(rodata->limit_uids, 1);
    assert_int_equal(rodata->least_uid, 30);
    assert_int_equal(rodata->most_uid, 40);
    assert_int_equal(rodata->want_unaudited, 1);
    assert_int_equal(rodata->want_overridden, 1);
    assert_int_equal(rodata->want_unique, 0);
    assert_int_equal(rodata->want_programs, 1);
    assert_int_equal(rodata->want_kernel_stack, 0);
    assert_int_equal(rodata->want_user_stack, 1);
    assert_int_equal(rodata->self_pid, getpid());
    assert_int_equal(rodata->hierarchy, HIERARCHY_PIDS);
    assert_int_equal(rodata->hierarchy_id, 7);
    assert_int_equal(kernel.skeleton->bss->self_testing, 0);
}

static void test_audited_only(UNUSED void **state)
{
    options.audited_only = true;
    open_tracer();
    assert_int_equal(kernel.skeleton->rodata->want_unaudited, 0);
}

static size_t ring_of(uint64_t size)
{
    size_t bytes;

    options.buffer_size = size;
    open_tracer();
    bytes = bpf_map__max_entries(kernel.skeleton->maps.events);
    assert_int_equal(kernel.skeleton->rodata->wake_fill, bytes / 4);
    tracer_free(&tracer);
    return bytes;
}

/* The kernel wants whole pages, and powers of two. */
static void test_size_of_the_ring(UNUSED void **state)
{
    assert_int_equal(ring_of(0), TRACER_BUFFER_MIN);
    assert_int_equal(ring_of((1 << 20) - 1), 1 << 20);
    assert_int_equal(ring_of((1 << 20) + 1), 2 << 20);
    assert_int_equal(ring_of(UINT64_MAX), TRACER_BUFFER_MAX);
}

static bool is_made(const struct bpf_map *map)
{
    return bpf_map__autocreate(map);
}

/* What is not used takes no memory. */
static void test_maps_that_are_not_used(UNUSED void **state)
{
    options.kernel_stack = true;
    open_tracer();
    assert_false(is_made(kernel.skeleton->maps.unique));
    assert_false(is_made(kernel.skeleton->maps.entered));
    assert_false(is_made(kernel.skeleton->maps.entry_stacks));
    tracer_free(&tracer);
    options.unique = true;
    options.backend = "kprobe";
    open_tracer();
    assert_true(is_made(kernel.skeleton->maps.unique));
    assert_true(is_made(kernel.skeleton->maps.entered));
    assert_true(is_made(kernel.skeleton->maps.entry_stacks));
}

static void test_second_copies(UNUSED void **state)
{
    static const bool wanted[] = {
        [PREEMPTION_UNKNOWN] = true,
        [PREEMPTION_OFF] = false,
        [PREEMPTION_ON] = true,
    };

    for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
        kernel.preemption = (enum preemption)i;
        open_tracer();
        assert_int_equal(kernel.second_copies, wanted[i]);
        assert_int_equal(kernel.skeleton->rodata->have_second, wanted[i]);
        tracer_free(&tracer);
    }
}

/* -------- which back-end -------- */

static void test_best_that_works(UNUSED void **state)
{
    open_tracer();
    assert_string_equal(tracer_backend(tracer), "fexit");
    assert_string_equal(tracer_refusals(tracer), "");
    tracer_free(&tracer);
    kernel.refused = "capable_fexit";
    open_tracer();
    assert_string_equal(tracer_backend(tracer), "tracepoint");
    assert_string_equal(tracer_refusals(tracer),
                        "fexit: the kernel refuses loading the BPF programs: Invalid argument");
}

static void test_the_one_that_is_wanted(UNUSED void **state)
{
    options.backend = "kprobe";
    open_tracer();
    assert_string_equal(tracer_backend(tracer), "kprobe");
    tracer_free(&tracer);
    options.backend = "fexit";
    kernel.refused = "capable_fexit";
    check_refused(-EINVAL, "cannot trace on this kernel: fexit: the kernel refuses loading");
    options.backend = "ebpf";
    check_refused(-EINVAL, "'ebpf': it is one of auto, fexit, tracepoint, kprobe");
}

static void test_none(UNUSED void **state)
{
    kernel.refuses_program = -EINVAL;
    check_refused(-EINVAL, "cannot trace on this kernel: fexit: ");
    check_said("; tracepoint: ");
    check_said("; kprobe: the kernel refuses kprobe programs");
    kernel.no_types = -ENOENT;
    check_refused(-ENOENT, "no types");
}

/* -------- refusals -------- */

static void test_refused_load(UNUSED void **state)
{
    options.backend = "fexit";
    kernel.refuses_load = -E2BIG;
    check_refused(-E2BIG, "refuses loading the BPF programs: Argument list too long");
    kernel.refuses_load = -EPERM;
    check_refused(-EPERM, "permit loading the BPF programs to anybody: that is kernel lockdown");
    kernel.lockdown = "none integrity [confidentiality]\n";
    check_refused(-EPERM, "kernel lockdown (confidentiality) forbids");
    kernel.refuses_load = -EINVAL; /* the verifier's word for it */
    check_refused(-EINVAL, "kernel lockdown (confidentiality) forbids");
    kernel.torn_types = -EBADMSG;
    check_refused(-EBADMSG, "cannot look up the kernel's types");
}

static void test_refused_attach(UNUSED void **state)
{
    options.backend = "fexit";
    kernel.refuses_attach = -KERNEL_ENOTSUPP;
    check_refused(-KERNEL_ENOTSUPP, "no trampolines");
    kernel.refuses_attach = -EBUSY;
    check_refused(-EBUSY, "refuses attaching the BPF programs: Device or resource busy");
}

static void test_refused_ring(UNUSED void **state)
{
    options.backend = "fexit";
    kernel.refuses_ring = true;
    check_refused(-EBADF, "cannot map the ring buffer: Bad file descriptor");
}

/* -------- the self-test -------- */

static void test_wrong_kernel_is_not_trusted(UNUSED void **state)
{
    options.backend = "fexit";
    kernel.wrong = true;
    check_refused(-EBADMSG, "self-test: expected SYS_ADMIN denied");
    assert_int_equal(kernel.self_tests, 1);
}

/* What was missed while it was tested is no loss of the trace. */
static void test_disturbed_self_test_is_repeated(UNUSED void **state)
{
    kernel.disturbed = 3;
    open_tracer();
    assert_string_equal(tracer_backend(tracer), "fexit");
    assert_int_equal(kernel.self_tests, 4);
    assert_int_equal(tracer->missed_checks.base, 3);
    tracer_free(&tracer);
    options.backend = "fexit";
    kernel.disturbed = UINT32_MAX;
    kernel.self_tests = 0;
    check_refused(-EBADMSG, "was not seen");
    assert_true(kernel.self_tests > 3);
}

static void test_bit_of_silence_is_learnt(UNUSED void **state)
{
    open_tracer();
    assert_int_equal(kernel.skeleton->bss->option_noaudit, 2);
    assert_string_equal(tracer_audit_source(tracer), "known");
    assert_int_equal(tracer_audit(tracer), TRACER_AUDIT_READ);
    tracer_free(&tracer);
    kernel.noaudit = 4;
    open_tracer();
    assert_int_equal(kernel.skeleton->bss->option_noaudit, 4);
}

static void test_callers(UNUSED void **state)
{
    options.backend = "tracepoint";
    open_tracer();
    assert_string_equal(tracer_audit_source(tracer), "inferred from the caller, by its place");
    assert_int_equal(kernel.skeleton->bss->callers[0].start, HOOK);
    assert_int_equal(kernel.skeleton->bss->callers[0].size, 0x100);
    assert_int_equal(kernel.skeleton->bss->callers[0].kind, CALLER_RELAY);
    assert_int_equal(CALLER_INNER(kernel.skeleton->bss->caller_places), 5);
    assert_int_equal(CALLER_OUTER(kernel.skeleton->bss->caller_places), 9);
    tracer_free(&tracer);
    kernel.misplaced = true;
    open_tracer();
    assert_string_equal(tracer_audit_source(tracer), "inferred from the caller, by unwinding");
    tracer_free(&tracer);
    kernel.no_symbols = true;
    open_tracer();
    assert_string_equal(tracer_audit_source(tracer), "unknown");
}

/* -------- a try -------- */

static void test_try(UNUSED void **state)
{
    enum tracer_audit audit;

    options.backend = "kprobe";
    assert_int_equal(tracer_try(&options, &audit, &error), 0);
    assert_int_equal(audit, TRACER_AUDIT_READ);
    assert_int_equal(kernel.self_tests, 1);
    kernel.refuses_load = -E2BIG;
    assert_int_equal(tracer_try(&options, &audit, &error), -E2BIG);
    check_said("refuses loading");
    kernel.no_types = -ENOENT;
    assert_int_equal(tracer_try(&options, &audit, &error), -ENOENT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_options_become_constants),
        TEST(test_audited_only),
        TEST(test_size_of_the_ring),
        TEST(test_maps_that_are_not_used),
        TEST(test_second_copies),
        TEST(test_best_that_works),
        TEST(test_the_one_that_is_wanted),
        TEST(test_none),
        TEST(test_refused_load),
        TEST(test_refused_attach),
        TEST(test_refused_ring),
        TEST(test_wrong_kernel_is_not_trusted),
        TEST(test_disturbed_self_test_is_repeated),
        TEST(test_bit_of_silence_is_learnt),
        TEST(test_callers),
        TEST(test_try),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
