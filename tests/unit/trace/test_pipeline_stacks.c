/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stacks of kernel functions come with their rows: of containers, of those that wait, of the host.
 */
#include "tests/unit/trace/pipeline_world.h"

/* False: this kernel tells nobody the addresses of its functions, or not us. */
static bool start_with_stacks(void)
{
    struct error error = { 0 };

    t.options.tracer.kernel_stack = true;
    t.options.host = true;
    return try_start(&error) >= 0;
}

static void stacked_check(uint64_t cgroup_id, uint64_t address)
{
    struct capability_stacks stacks = { .kernel_count = 2, .kernel = { address, 2 } };

    fake_check_with_stacks(
        &(struct capability_event){
            .cgroup_id = cgroup_id, .flags = EVENT_KERNEL_STACK, .pid = 1, .denied = 1 },
        &stacks);
    memset(&stacks, 0xff, sizeof(stacks)); /* it was borrowed */
}

/* The innermost function of a row, or its address where there is no such function. */
static const char *function_of(int row)
{
    static char text[256];
    cJSON *rows = read_rows();
    const cJSON *frames = cJSON_GetObjectItem(cJSON_GetArrayItem(rows, row), "kernelStack");

    assert_int_equal(cJSON_GetArraySize(frames), 2);
    (void)snprintf(text, sizeof(text), "%s", cJSON_GetArrayItem(frames, 0)->valuestring);
    cJSON_Delete(rows);
    return text;
}

static void test_container_and_host(UNUSED void **state)
{
    if (!start_with_stacks())
        skip();
    stacked_check(WEB, 0x11);
    stacked_check(UNIT, 0x12);
    assert_string_equal(function_of(0), "0x11");
    assert_string_equal(function_of(1), "0x12");
    assert_string_equal(last_row("containerId"), "");
}

static void test_while_it_waits(UNUSED void **state)
{
    fake_engine("docker")->state = RUNTIME_UP;
    if (!start_with_stacks())
        skip();
    stacked_check(WEB, 0x13);
    stacked_check(WEB, 0x14);
    assert_int_equal(count_rows(), 0);
    fake_engine_finds("docker", ID, "web");
    assert_string_equal(function_of(0), "0x13");
    assert_string_equal(function_of(1), "0x14");
    assert_string_equal(last_row("container"), "web");
    finish();
    assert_int_equal(t.counts.shown, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_container_and_host),
        TEST(test_while_it_waits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
