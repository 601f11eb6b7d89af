/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/containers/process_facts.h"

#include <endian.h>
#include <grp.h>
#include <linux/capability.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/prctl.h>

#include <cmocka.h>

#include "tests/unit/child.h"

#define NET_RAW_BIT (UINT64_C(1) << CAP_NET_RAW)
#define BPF_BIT     (UINT64_C(1) << CAP_BPF)

static uint64_t needs(uint32_t magic, uint64_t permitted, size_t size)
{
    const struct vfs_ns_cap_data data = {
        .magic_etc = htole32(magic),
        .data = { { .permitted = htole32((uint32_t)permitted) },
                  { .permitted = htole32((uint32_t)(permitted >> 32)) } },
    };

    return process_file_needs(&data, size);
}

static void test_file(UNUSED void **state)
{
    const uint32_t effective = VFS_CAP_FLAGS_EFFECTIVE;
    const uint64_t set = NET_RAW_BIT | BPF_BIT;

    assert_true(needs(VFS_CAP_REVISION_2 | effective, set, XATTR_CAPS_SZ_2) == set);
    assert_true(needs(VFS_CAP_REVISION_3 | effective, set, XATTR_CAPS_SZ_3) == set);
    assert_true(needs(VFS_CAP_REVISION_1 | effective, set, XATTR_CAPS_SZ_1) == NET_RAW_BIT);
    /* Without the effective bit it is executed all the same, with what there is. */
    assert_true(needs(VFS_CAP_REVISION_2, set, XATTR_CAPS_SZ_2) == 0);
    assert_true(needs(0x04000000 | effective, set, XATTR_CAPS_SZ_3) == 0);
    for (size_t size = 0; size < XATTR_CAPS_SZ_2; size++)
        assert_true(needs(VFS_CAP_REVISION_2 | effective, set, size) == 0);
}

static void test_own_process(UNUSED void **state)
{
    struct process_facts facts;
    char program[PATH_MAX] = "";
    int file = -1;

    assert_int_equal(process_facts_read(getpid(), &facts, &file), 0);
    for (unsigned int i = 0; i < 41; i++)
        assert_int_equal(facts.bounding >> i & 1, prctl(PR_CAPBSET_READ, i, 0, 0, 0) == 1);
    assert_true(facts.root_known);
    assert_true(readlink("/proc/self/exe", program, sizeof(program) - 1) > 0);
    assert_string_equal(facts.program, program);
    assert_string_equal(facts.comm, "test_process_fa");
    assert_true(file >= 0);
    close_fd(&file);
}

/* What is looked for in status stands behind all groups. */
static void test_many_groups(UNUSED void **state)
{
    static gid_t groups[20000];
    pid_t child = fork();
    int status;

    assert_true(child >= 0);
    if (child == 0) {
        struct process_facts facts;
        int file;

        for (unsigned int i = 0; i < ARRAY_SIZE(groups); i++)
            groups[i] = 4000000000U + i;
        if (setgroups(ARRAY_SIZE(groups), groups) < 0)
            _exit(77);
        _exit(process_facts_read(getpid(), &facts, &file) < 0 || !facts.bounding);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WEXITSTATUS(status) == 77)
        skip();
    assert_int_equal(status, 0);
}

static void test_gone(UNUSED void **state)
{
    struct process_facts facts;
    int file;

    assert_true(process_facts_read(child_gone(), &facts, &file) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_file),
        cmocka_unit_test(test_own_process),
        cmocka_unit_test(test_many_groups),
        cmocka_unit_test(test_gone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
