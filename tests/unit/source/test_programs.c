/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which programs of the real object would be loaded: opened only, which needs no kernel. */
#include "src/source/programs.h"

#include <setjmp.h>
#include <stdarg.h>

#include <bpf/libbpf.h>
#include <cmocka.h>

#include "bpf/event.h"
#include "bpf/gadget.skel.h"

static struct gadget_bpf *skeleton;

static int set_up(UNUSED void **state)
{
    skeleton = gadget_bpf__open();
    return skeleton ? 0 : -1;
}

static int tear_down(UNUSED void **state)
{
    gadget_bpf__destroy(skeleton);
    return 0;
}

static bool is_loaded(const char *name)
{
    const struct bpf_program *program = bpf_object__find_program_by_name(skeleton->obj, name);

    if (!program)
        fail_msg("the object has no program %s", name);
    return program && bpf_program__autoload(program);
}

static void check_backend(const struct backend *chosen, bool have_second)
{
    assert_int_equal(programs_select(skeleton->obj, chosen, have_second), 0);
    for (size_t i = 0; i < backend_count; i++) {
        const struct backend *backend = &backends[i];

        for (size_t k = 0; k < BACKEND_PROGRAMS_MAX && backend->programs[k]; k++)
            assert_int_equal(is_loaded(backend->programs[k]), backend == chosen);
        if (backend->second)
            assert_int_equal(is_loaded(backend->second), backend == chosen && have_second);
    }
}

static void test_those_of_one_backend(UNUSED void **state)
{
    for (size_t i = 0; i < backend_count; i++) {
        check_backend(&backends[i], false);
        check_backend(&backends[i], true);
    }
}

/* What tells of cgroups belongs to all, its second copies to kernels that preempt. */
static void test_those_of_all(UNUSED void **state)
{
    static const char *const of_all[] = {
        "cgroup_born", "cgroup_gone", "cgroup_exec", "cgroup_entered", "process_forked",
    };
    char second[64];

    for (int have_second = 0; have_second <= 1; have_second++) {
        assert_int_equal(programs_select(skeleton->obj, &backends[0], have_second), 0);
        for (size_t i = 0; i < ARRAY_SIZE(of_all); i++) {
            (void)snprintf(second, sizeof(second), "%s2", of_all[i]);
            assert_true(is_loaded(of_all[i]));
            assert_int_equal(is_loaded(second), have_second);
        }
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_those_of_one_backend),
        TEST(test_those_of_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
