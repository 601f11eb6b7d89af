/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/host/powers.h"

#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/wait.h>

#include <cmocka.h>

#define BIT(capability) (UINT64_C(1) << (capability))

static const struct power *find(int capability)
{
    for (size_t i = 0; i < power_count; i++) {
        if (powers[i].capability == capability)
            return &powers[i];
    }
    fail_msg("no such power: %d", capability);
    return NULL;
}

/* Before Linux 5.8, and still, SYS_ADMIN stands for two of them. It does for no other. */
static void test_what_is_enough(UNUSED void **state)
{
    for (size_t i = 0; i < power_count; i++) {
        int capability = (int)powers[i].capability;
        bool is_part = capability == CAP_BPF || capability == CAP_PERFMON;

        assert_true(power_is_there(&powers[i], BIT(capability)));
        assert_false(power_is_there(&powers[i], ~(BIT(capability) | BIT(CAP_SYS_ADMIN))));
        assert_int_equal(power_is_there(&powers[i], BIT(CAP_SYS_ADMIN)), is_part);
    }
    assert_true(find(CAP_DAC_READ_SEARCH)->needed);
    assert_false(find(CAP_SYSLOG)->needed);
}

/* Ours, as the kernel writes it down. */
static uint64_t written_down(void)
{
    _cleanup_(close_file)
    FILE *file = fopen("/proc/self/status", "re");
    unsigned long long set;
    char line[256];

    assert_non_null(file);
    while (fgets(line, sizeof(line), file)) {
        if (sscanf(line, "CapEff: %llx", &set) == 1)
            return set;
    }
    fail_msg("no CapEff in /proc/self/status");
    return 0;
}

static void test_our_own(UNUSED void **state)
{
    assert_int_equal(powers_effective(), written_down());
}

/* In a process of its own, what it says without `capability`: 0 is all right. */
static int check_without(cap_value_t capability)
{
    pid_t pid = fork();
    int status;

    assert_true(pid >= 0);
    if (pid == 0) {
        cap_t capabilities = cap_get_proc();
        struct error error;

        if (!capabilities ||
            cap_set_flag(capabilities, CAP_EFFECTIVE, 1, &capability, CAP_CLEAR) < 0 ||
            cap_set_proc(capabilities) < 0)
            _exit(100);
        if (powers_effective() & BIT(capability))
            _exit(101);
        if (powers_check(&error) == 0)
            _exit(0);
        _exit(strstr(error.message, "sudo") ? EPERM : 102);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void test_check(UNUSED void **state)
{
    uint64_t enough = BIT(CAP_SYS_ADMIN) | BIT(CAP_DAC_READ_SEARCH);
    struct error error = { 0 };

    if ((written_down() & enough) != enough) { /* no root, or one of a container */
        assert_int_equal(powers_check(&error), -EPERM);
        assert_non_null(strstr(error.message, "sudo"));
        return;
    }
    assert_int_equal(powers_check(&error), 0);
    assert_int_equal(check_without(CAP_DAC_READ_SEARCH), EPERM);
    assert_int_equal(check_without(CAP_BPF), 0); /* root has SYS_ADMIN */
    assert_int_equal(check_without(CAP_SYSLOG), 0);
}

/* All of them, in a user namespace: of no worth outside. */
static int check_inside(void)
{
    pid_t pid = fork();
    int status;

    assert_true(pid >= 0);
    if (pid == 0) {
        struct error error;

        if (unshare(CLONE_NEWUSER) < 0)
            _exit(0);
        if (powers_check(&error) == 0)
            _exit(101);
        _exit(strstr(error.message, "this is a user namespace") ? 0 : 102);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void test_inside(UNUSED void **state)
{
    assert_int_equal(check_inside(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_enough),
        cmocka_unit_test(test_our_own),
        cmocka_unit_test(test_check),
        cmocka_unit_test(test_inside),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
