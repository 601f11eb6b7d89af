/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a row shows of an event's stacks. Kernel addresses are looked up in this kernel's own list,
 * where we may see it. */
#include "src/stacks/stacks.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "src/stacks/kernel_symbols.h"

static struct stacks *stacks;

static uint64_t address_of(const char *name)
{
    _cleanup_(close_file)
    FILE *file = fopen("/proc/kallsyms", "re");
    struct kernel_symbol_line symbol;
    char line[1024];

    while (file && fgets(line, sizeof(line), file)) {
        if (kernel_symbol_parse(line, strcspn(line, "\n"), &symbol) &&
            symbol.name_length == strlen(name) &&
            memcmp(symbol.name, name, symbol.name_length) == 0)
            return symbol.address;
    }
    return 0;
}

/* False: this kernel tells no addresses. */
static bool open_kernel_stacks(void)
{
    struct error error = { 0 };
    int r = stacks_new(true, false, &stacks, &error);

    if (r < 0 && !address_of("cap_capable"))
        return false;
    assert_int_equal(r, 0);
    return true;
}

static int tear_down(UNUSED void **state)
{
    stacks_free(&stacks);
    assert_null(stacks);
    stacks_free(&stacks);
    return 0;
}

/* Names of kernel functions, NULL at the end, through both steps. */
static const struct record_stacks *show(const char *const *names)
{
    const struct capability_event event = { .flags = EVENT_KERNEL_STACK };
    struct capability_stacks raw = { 0 };

    for (; names[raw.kernel_count]; raw.kernel_count++) {
        raw.kernel[raw.kernel_count] = address_of(names[raw.kernel_count]);
        assert_true(raw.kernel[raw.kernel_count] > 0);
    }
    return stacks_format(stacks, stacks_capture(stacks, &event, &raw, 0, 0));
}

static void test_own_frames_are_left_out(UNUSED void **state)
{
    static const char *const entry[] = { "bpf_prog_put", "cap_capable", "security_capable",
                                         "vfs_read", NULL };
    static const char *const left[] = { "bpf_prog_put", "security_capable", "vfs_read", NULL };
    static const char *const nothing_ours[] = { "vfs_read", "vfs_write", NULL };
    const struct record_stacks *view;

    if (!open_kernel_stacks())
        skip();
    view = show(entry);
    assert_int_equal(view->kernel_count, 3);
    assert_string_equal(view->kernel[0], "cap_capable+0x0");
    assert_string_equal(view->kernel[2], "vfs_read+0x0");
    view = show(left);
    assert_int_equal(view->kernel_count, 2);
    assert_string_equal(view->kernel[0], "security_capable+0x0");
    view = show(nothing_ours);
    assert_int_equal(view->kernel_count, 2);
    assert_int_equal(view->user_count, 0);
}

static void test_too_deep(UNUSED void **state)
{
    const struct capability_event event = { .flags = EVENT_KERNEL_STACK };
    struct capability_stacks raw = { .kernel_count = UINT32_MAX };
    const struct record_stacks *view;

    if (!open_kernel_stacks())
        skip();
    for (size_t i = 0; i < EVENT_STACK_DEPTH; i++)
        raw.kernel[i] = i + 1;
    view = stacks_format(stacks, stacks_capture(stacks, &event, &raw, 0, 0));
    assert_int_equal(view->kernel_count, EVENT_STACK_DEPTH);
    assert_string_equal(view->kernel[9], "0xa");
    assert_int_equal(stacks_failures(stacks), 0);
    assert_false(stacks_is_helper(stacks, &event));
}

/* What was not asked for is not shown, though it is there. */
static void test_user_stacks_only(UNUSED void **state)
{
    struct capability_event event = { .flags = EVENT_USER_STACK, .pid = INT32_MAX }; /* nobody's */
    struct capability_stacks raw = {
        .kernel_count = 1,
        .kernel = { 1 },
        .user_count = 2,
        .user = { { .kind = USER_FRAME_ADDRESS, .where = 1 },
                  { .kind = USER_FRAME_ADDRESS, .where = 2 } },
    };
    struct error error = { 0 };
    const struct record_stacks *view;
    const struct captured_stacks *captured;

    assert_int_equal(stacks_new(false, true, &stacks, &error), 0);
    captured = stacks_capture(stacks, &event, &raw, 1, 0);
    assert_int_equal(captured->kernel_count, 1);
    assert_int_equal(captured_stacks_size(captured),
                     offsetof(struct captured_stacks, user.text) + sizeof("0x1") + sizeof("0x2"));
    view = stacks_format(stacks, captured);
    assert_int_equal(view->kernel_count, 0);
    assert_int_equal(view->user_count, 2);
    assert_string_equal(view->user[0], "0x1");
    assert_string_equal(view->user[1], "0x2");
    event.flags = 0;
    view = stacks_format(stacks, stacks_capture(stacks, &event, &raw, 1, 0));
    assert_int_equal(view->user_count, 0);
    assert_false(stacks_is_helper(stacks, &event));
    assert_int_equal(stacks_failures(stacks), 0);
}

#define TEST(function) cmocka_unit_test_teardown(function, tear_down)

/* Users of the host and cgroups take their turns under numbers that do not meet. */
static void test_owners(UNUSED void **state)
{
    assert_true(stacks_owner_of_user(0) > UINT64_MAX / 2); /* no cgroup's number is so great */
    assert_true(stacks_owner_of_user(0) != stacks_owner_of_user(1));
    assert_true(stacks_owner_of_user(UINT32_MAX) != stacks_owner_of_user(UINT32_MAX - 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_own_frames_are_left_out),
        TEST(test_too_deep),
        TEST(test_user_stacks_only),
        TEST(test_owners),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
