/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/model/syscall_name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <sys/syscall.h>

#include <cmocka.h>

static void test_native(UNUSED void **state)
{
    assert_string_equal(syscall_name(SYS_setpriority, false), "setpriority");
    assert_string_equal(syscall_name(SYS_openat, false), "openat");
    assert_string_equal(syscall_name(SYS_bpf, false), "bpf");
    assert_ptr_equal(syscall_name(SYS_bpf, false), syscall_name(SYS_bpf, false));
}

static void test_compat(UNUSED void **state)
{
    assert_string_equal(syscall_name(1, true), "exit"); /* on i386 and on 32-bit ARM */
    assert_string_equal(syscall_name(5, true), "open");
    assert_string_not_equal(syscall_name(5, false), "open");
}

/* Programs with 32-bit pointers on x86_64: by a bit of the number, beside the other two tables. */
static void test_x32(UNUSED void **state)
{
#ifdef __x86_64__
    assert_string_equal(syscall_name(1 << 30 | SYS_setpriority, false), "setpriority");
    assert_string_equal(syscall_name(1 << 30 | 520, false), "execve"); /* of x32's own */
    assert_null(syscall_name(1 << 30 | SYS_execve, false));
    assert_null(syscall_name(1 << 30 | SYS_setpriority, true));
    assert_null(syscall_name(520, false));
#else
    assert_null(syscall_name(1 << 30 | SYS_setpriority, false));
#endif
}

static void test_unknown(UNUSED void **state)
{
    static const int numbers[] = { -1, INT32_MIN, 999, 1023, 1024, 1 << 29, INT32_MAX };

    for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
        assert_null(syscall_name(numbers[i], false));
        assert_null(syscall_name(numbers[i], true));
        assert_null(syscall_name(numbers[i], false)); /* and from the cache */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_native),
        cmocka_unit_test(test_compat),
        cmocka_unit_test(test_x32),
        cmocka_unit_test(test_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
