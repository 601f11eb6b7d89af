/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/stacks/user_maps.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static bool parse(const char *line, struct user_map *map)
{
    return user_map_parse(line, strlen(line), map);
}

static void test_a_file(void **state)
{
    struct user_map map;

    (void)state;
    assert_true(
        parse("7f0000001000-7f0000002000 r-xp 00003000 fd:01 1234   /usr/lib/a b.so", &map));
    assert_int_equal(map.start, 0x7f0000001000);
    assert_int_equal(map.end, 0x7f0000002000);
    assert_int_equal(map.offset, 0x3000);
    assert_int_equal(map.device, (uint64_t)0xfd << 32 | 1);
    assert_int_equal(map.inode, 1234);
    assert_true(map.executable);
    assert_int_equal(map.path_length, strlen("/usr/lib/a b.so"));
    assert_memory_equal(map.path, "/usr/lib/a b.so", map.path_length);
}

static void test_no_file(void **state)
{
    struct user_map map;

    (void)state;
    assert_true(parse("1000-2000 rw-p 00000000 00:00 0 ", &map));
    assert_int_equal(map.inode, 0);
    assert_int_equal(map.path_length, 0);
    assert_false(map.executable);
    assert_true(parse("1000-2000 rw-p 00000000 00:00 0", &map));
    assert_int_equal(map.path_length, 0);
}

static void test_no_map(void **state)
{
    static const char *const lines[] = {
        "",
        "1000",
        "1000-",
        "1000-2000",
        "2000-1000 r-xp 0 0:0 1 /x",
        "1000-2000 r-x",
        "1000-2000 r-xp",
        "1000-2000 r-xp g 0:0 1 /x",
        "1000-2000 r-xp 0 0 1 /x",
        "11112222333344445-2 r-xp 0 0:0 1 /x",
        "1000-2000 r-xp 0 111111111:0 1 /x",
        "-2000 r-xp 0 0:0 1 /x",
    };
    struct user_map map;

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
        assert_false(parse(lines[i], &map));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_file),
        cmocka_unit_test(test_no_file),
        cmocka_unit_test(test_no_map),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
