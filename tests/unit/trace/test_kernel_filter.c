/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of a filter the kernel is told: never less than what is wanted. */
#include "src/trace/kernel_filter.h"

#include <errno.h>

#include "src/model/record.h"
#include "tests/unit/sample_record.h"

#define NICE   (UINT64_C(1) << 23)
#define CHROOT (UINT64_C(1) << 18)

static struct tracer_options options_of(const char *expression, bool *ret_decides)
{
    struct tracer_options options = { 0 };
    struct filter filter = { .table = &record_fields };
    struct error error = { 0 };

    if (*expression && filter_add(&filter, "--filter", expression, &error) < 0)
        fail_msg("%s: %s", expression, error.message);
    if (kernel_filter_set(&filter, &options, &error) < 0)
        fail_msg("%s: %s", expression, error.message);
    *ret_decides = true;
    for (size_t i = 0; i < filter.count; i++)
        *ret_decides = *ret_decides && kernel_filter_decides(&filter.terms[i]);
    filter_clear(&filter);
    return options;
}

static void test_sets(UNUSED void **state)
{
    static const struct {
        const char *expression;
        uint64_t capabilities;
        bool allowed, denied, silent, audited;
    } rows[] = {
        { "", UINT64_MAX, true, true, true, true },
        { "capname:SYS_NICE", NICE, true, true, true, true },
        { "capname:!SYS_NICE", ~NICE, true, true, true, true },
        { "cap:23", NICE, true, true, true, true },
        { "cap:>=18,cap:<19", CHROOT, true, true, true, true },
        { "capname:~^SYS_(NICE|CHROOT)$", NICE | CHROOT, true, true, true, true },
        { "capname:63", UINT64_C(1) << 63, true, true, true, true },
        { "verdict:Deny", UINT64_MAX, false, true, true, true },
        { "verdict:!~e", UINT64_MAX, true, false, true, true },
        { "audit:0", UINT64_MAX, true, true, true, false },
        { "audit:!0", UINT64_MAX, true, true, false, true },
        { "audit:", UINT64_MAX, true, true, false, false },
    };
    bool decides;

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        const struct tracer_options options = options_of(rows[i].expression, &decides);

        if (!decides || options.capabilities != rows[i].capabilities ||
            options.allowed != rows[i].allowed || options.denied != rows[i].denied ||
            options.silent != rows[i].silent || options.audited != rows[i].audited)
            fail_msg("%s", rows[i].expression);
        assert_false(options.pids.limited || options.uids.limited);
    }
}

static void test_ranges(UNUSED void **state)
{
    static const struct {
        const char *expression;
        uint32_t least, most;
        bool decides;
    } rows[] = {
        { "uid:0", 0, 0, true },
        { "uid:!0", 1, UINT32_MAX, true },
        { "uid:!7", 0, UINT32_MAX, false },
        { "uid:>=1000", 1000, UINT32_MAX, true },
        { "uid:>1000,uid:<=2000", 1001, 2000, true },
        { "uid:<1000", 0, 999, true },
        { "uid:<0", 1, 0, true },
        { "uid:4294967296", 1, 0, true },
        { "uid:>=4294967296", 1, 0, true },
        { "uid:>18446744073709551615", 1, 0, true },
        { "uid:<=18446744073709551615", 0, UINT32_MAX, true },
        { "uid:5,uid:6", 1, 0, true },
    };
    bool decides;

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        const struct tracer_range range = options_of(rows[i].expression, &decides).uids;

        if (decides != rows[i].decides || range.least != rows[i].least ||
            range.most != rows[i].most || !range.limited)
            fail_msg("%s", rows[i].expression);
    }
    assert_false(options_of("uid:", &decides).uids.limited);
    assert_false(decides);
    (void)options_of("comm:nice", &decides);
    assert_false(decides);
    (void)options_of("container:web", &decides);
    assert_true(decides);
}

/* Of several the kernel knows the least and the greatest. */
static void test_any(UNUSED void **state)
{
    static const char *const words[] = { "12", "30", "7" };
    struct tracer_options options = { 0 };
    struct filter filter = { .table = &record_fields };

    assert_int_equal(filter_add_words(&filter, "--pid", "pid", words, 3, NULL), 0);
    assert_int_equal(kernel_filter_set(&filter, &options, NULL), 0);
    assert_int_equal(options.pids.least, 7);
    assert_int_equal(options.pids.most, 30);
    assert_false(kernel_filter_decides(&filter.terms[0]));
    filter_clear(&filter);
}

static void test_refusals(UNUSED void **state)
{
    static const struct {
        const char *expression, *sentence;
    } rows[] = {
        { "pid:0", "pid 0 is not a process" },
        { "pid:4294967296", "pid 4294967296 is not a process" },
        { "audit:0", "only silent probes are asked for" },
    };
    struct error error;

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct tracer_options options = { .audited_only = true };
        struct filter filter = { .table = &record_fields };

        assert_int_equal(filter_add(&filter, "--filter", rows[i].expression, NULL), 0);
        assert_int_equal(kernel_filter_set(&filter, &options, &error), -EINVAL);
        assert_non_null(strstr(error.message, rows[i].sentence));
        filter_clear(&filter);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sets),
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_any),
        cmocka_unit_test(test_refusals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
