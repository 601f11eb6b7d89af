/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/host/preemption.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/utsname.h>

#include <cmocka.h>

struct sample {
    const char *text;
    enum preemption preemption;
};

static void check(enum preemption (*parse)(const char *), const struct sample *samples,
                  size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (parse(samples[i].text) != samples[i].preemption)
            fail_msg("'%s': %d instead of %d", samples[i].text, parse(samples[i].text),
                     samples[i].preemption);
    }
}

static void test_build(void **state)
{
    const struct sample samples[] = {
        { "#1 SMP Debian 5.10.223-1 (2024-08-10)", PREEMPTION_OFF },
        { "#1 SMP PREEMPT Debian 5.10.223-1", PREEMPTION_ON },
        { "#1 SMP PREEMPT_RT Debian 6.12.5-1", PREEMPTION_ON },
        { "#1 SMP PREEMPT_LAZY Debian 7.3.4-1", PREEMPTION_ON },
        { "#1 SMP PREEMPT_DYNAMIC Debian 6.12.5-1 (2024-12-15)", PREEMPTION_UNKNOWN },
        { "", PREEMPTION_OFF },
    };

    (void)state;
    check(preemption_of_build, samples, ARRAY_SIZE(samples));
}

static void test_mode(void **state)
{
    const struct sample samples[] = {
        { "(none) voluntary full\n", PREEMPTION_OFF },
        { "none (voluntary) full lazy\n", PREEMPTION_OFF },
        { "none voluntary (full)\n", PREEMPTION_ON },
        { "full (lazy)\n", PREEMPTION_ON },
        { "none voluntary full\n", PREEMPTION_UNKNOWN },
        { "none (volun", PREEMPTION_UNKNOWN },
        { "(fuller)", PREEMPTION_UNKNOWN },
        { "()", PREEMPTION_UNKNOWN },
        { ")(", PREEMPTION_UNKNOWN },
        { "", PREEMPTION_UNKNOWN },
    };

    (void)state;
    check(preemption_of_mode, samples, ARRAY_SIZE(samples));
}

static void test_command_line(void **state)
{
    const struct sample samples[] = {
        { "quiet preempt=full\n", PREEMPTION_ON },
        { "preempt=none quiet", PREEMPTION_OFF },
        { "preempt=full preempt=voluntary", PREEMPTION_OFF },
        { "preempt=lazy", PREEMPTION_ON },
        { "preempt=", PREEMPTION_UNKNOWN },
        { "preempt=fullest", PREEMPTION_UNKNOWN },
        { "nopreempt=full", PREEMPTION_UNKNOWN },
        { "rcu.preempt=full quiet", PREEMPTION_UNKNOWN },
        { " \n ", PREEMPTION_UNKNOWN },
        { "", PREEMPTION_UNKNOWN },
    };

    (void)state;
    check(preemption_of_command_line, samples, ARRAY_SIZE(samples));
}

static void test_setting(void **state)
{
    const struct sample samples[] = {
        { "CONFIG_PREEMPT_NONE=y\n", PREEMPTION_OFF },
        { "CONFIG_PREEMPT_VOLUNTARY=y\n", PREEMPTION_OFF },
        { "CONFIG_PREEMPT=y\n", PREEMPTION_ON },
        { "CONFIG_PREEMPT_LAZY=y\n", PREEMPTION_ON },
        { "CONFIG_PREEMPT_DYNAMIC=y\n", PREEMPTION_UNKNOWN },
        { "CONFIG_PREEMPT_NONE_BUILD=y\n", PREEMPTION_UNKNOWN },
        { "# CONFIG_PREEMPT_NONE is not set\n", PREEMPTION_UNKNOWN },
        { "CONFIG_PREEMPT_NONE=y", PREEMPTION_UNKNOWN }, /* cut off */
        { "", PREEMPTION_UNKNOWN },
    };

    (void)state;
    check(preemption_of_setting, samples, ARRAY_SIZE(samples));
}

/* Of a kernel that is built without preemption, nothing else counts. */
static void test_this_kernel(UNUSED void **state)
{
    enum preemption preemption = preemption_of_kernel();
    struct utsname host;

    assert_int_equal(uname(&host), 0);
    if (preemption_of_build(host.version) != PREEMPTION_UNKNOWN)
        assert_int_equal(preemption, preemption_of_build(host.version));
    else
        assert_in_range(preemption, PREEMPTION_UNKNOWN, PREEMPTION_ON);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_build),        cmocka_unit_test(test_mode),
        cmocka_unit_test(test_command_line), cmocka_unit_test(test_setting),
        cmocka_unit_test(test_this_kernel),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
