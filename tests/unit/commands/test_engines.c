/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words of the command line for engines are those of their drivers. */
#include "src/commands/option_common.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "runtimes/runtime.h"

static void test_names(UNUSED void **state)
{
    size_t count = 0;

    for (const struct runtime_driver *const *driver = runtime_drivers; *driver; driver++) {
        if ((*driver)->engine)
            continue; /* asked along with that one */
        assert_non_null(option_runtimes[count]);
        assert_string_equal(option_runtimes[count++], (*driver)->name);
    }
    assert_null(option_runtimes[count]);
}

static bool has_option(const char *engine)
{
    for (size_t i = 0; i < OPTION_SOCKETS; i++) {
        if (strcmp(option_sockets[i].runtime, engine) == 0)
            return true;
    }
    return false;
}

/* "cri" stands for what speaks that and is no other: the environment names its socket. */
static void test_sockets(UNUSED void **state)
{
    size_t count = 0;

    for (const struct runtime_driver *const *driver = runtime_drivers; *driver; driver++) {
        const char *engine = (*driver)->engine ? (*driver)->engine : (*driver)->name;

        if (!(*driver)->socket_paths || strcmp(engine, "cri") == 0)
            continue;
        if (!has_option(engine))
            fail_msg("no option for the socket of %s", engine);
        count++;
    }
    assert_int_equal(count, OPTION_SOCKETS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_sockets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
