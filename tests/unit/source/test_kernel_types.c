/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The few types that the programs read, taken from this kernel's own: a library finds them again.
 */
#include "src/source/kernel_types.h"

#include <setjmp.h>
#include <stdarg.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <cmocka.h>

#include "bpf/event.h"
#include "bpf/gadget.skel.h"

static struct kernel_btf kernel;

static int set_up(UNUSED void **state)
{
    struct error error;

    kernel = (struct kernel_btf){ 0 };
    (void)kernel_btf_load(&kernel, &error);
    return 0;
}

static int tear_down(UNUSED void **state)
{
    kernel_btf_clear(&kernel);
    return 0;
}

static void test_what_is_read_is_there(UNUSED void **state)
{
    char path[KERNEL_TYPES_PATH_SIZE];
    struct gadget_bpf *skeleton = gadget_bpf__open();
    _cleanup_(close_fd)
    int fd = kernel_types_file(path);
    struct btf *types;

    assert_non_null(skeleton);
    assert_true(fd >= 0);
    if (!kernel.data) {
        gadget_bpf__destroy(skeleton);
        skip(); /* the kernel tells of no types */
    }
    assert_true(kernel_types_write(fd, skeleton->obj, &kernel) >= 0);
    assert_in_range(lseek(fd, 0, SEEK_END), 1, kernel.size / 2);
    types = btf__parse(path, NULL);
    assert_non_null(types);
    assert_true(btf__find_by_name_kind(types, "task_struct", BTF_KIND_STRUCT) > 0);
    assert_true(btf__find_by_name_kind(types, "cred", BTF_KIND_STRUCT) > 0);
    assert_true(btf__type_cnt(types) < 1000);
    btf__free(types);
    gadget_bpf__destroy(skeleton);
}

static void test_ids(UNUSED void **state)
{
    struct type_ids ids = { 0 }, none = { 0 };

    if (!kernel.data)
        skip();
    assert_int_equal(kernel_types_find(&kernel, &ids), 0);
    assert_memory_not_equal(&ids, &none, sizeof(ids));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_what_is_read_is_there),
        TEST(test_ids),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
