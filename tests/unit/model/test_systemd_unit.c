/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "src/model/systemd_unit.h"

static void assert_unit(struct unit_name unit, const char *expected)
{
    assert_int_equal(unit.length, strlen(expected));
    assert_memory_equal(unit.length ? unit.text : "", expected, unit.length);
}

static void test_words(UNUSED void **state)
{
    static const struct {
        const char *word;
        size_t good;
    } cases[] = {
        { "nginx", 5 },
        { "nginx.service", 13 },
        { "getty@tty1.service", 18 },
        { "a-b:c_d.mount", 13 },
        { "dev-x\\x2d1", 10 },
        { "user/1000/web", 13 },
        { "a/b", 1 },
        { "user/web", 4 },
        { "user/1000", 4 },
        { "user//web", 4 },
        { "user/1000/a/b", 11 },
        { "user/1000/", 10 },
        { "/a", 0 },
        { "a b", 1 },
        { "a*", 1 },
        { "caf\303\251", 3 },
        { "", 0 },
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        assert_int_equal(systemd_unit_good_length(cases[i].word), cases[i].good);
}

static void test_units(UNUSED void **state)
{
    static const struct {
        const char *path, *unit, *user_unit;
    } cases[] = {
        { "/", "", "" },
        { "", "", "" },
        { "/docker/0123", "", "" },
        { "/system.slice", "", "" },
        { "/system.slice/nginx.service", "nginx.service", "" },
        { "/system.slice/system-getty.slice/getty@tty1.service", "getty@tty1.service", "" },
        { "/system.slice/nginx.service/sshd.service", "nginx.service", "" },
        { "/machine.slice/libpod-ab.scope/container", "libpod-ab.scope", "" },
        { "/system.slice/_cpu.service", "cpu.service", "" },
        { "/system.slice/.service", "", "" },
        { "/init.scope", "init.scope", "" },
        { "/delegated/nginx.service", "", "" },
        { "/user.slice/user-1000.slice/user@1000.service", "user@1000.service", "" },
        { "/user.slice/user-1000.slice/user@1000.service/app.slice/web.service/x.service",
          "user@1000.service", "web.service" },
        { "/user.slice/user-1000.slice/session-1.scope/web.service", "session-1.scope", "" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        assert_unit(systemd_unit(cases[i].path), cases[i].unit);
        assert_unit(systemd_user_unit(cases[i].path), cases[i].user_unit);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_units),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
